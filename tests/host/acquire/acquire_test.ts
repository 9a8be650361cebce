import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError, type Loaded, UsageError } from "../../../engine/pipeline/mod.ts";
import type { LoadContext, OpenSource, PipelineEngine, Tensor } from "../../../engine/pipeline/mod.ts";
import { readInput } from "../../../engine/pipeline/mod.ts";
import { acquire, type AcquireOptions } from "../../../plugins/acquire/acquire.ts";
import type { FileRef } from "../../../plugins/acquire/listing.ts";
import { dicomFile } from "../../formats/dicom_builder.ts";
import { encodeJpeg } from "../../../plugins/formats/jpeg/encode.ts";
import { encodeNpy } from "../../../plugins/formats/npy/npy.ts";
import { encodePng } from "../../../plugins/formats/png/png.ts";

/** An engine that keeps what it is given. */
const engine = {
  tensor: (data: Float32Array, shape: readonly number[]) => ({ kind: "tensor", dtype: "f32", shape, data }),
} as unknown as PipelineEngine;

type Kept = Tensor & { readonly data: Float32Array };

async function open(
  inputs: string[],
  options: Partial<AcquireOptions> = {},
  truth?: string,
): Promise<OpenSource<FileRef>> {
  const context = { inputs, truth, signal: new AbortController().signal, note: () => {}, progress: () => {} };
  return await acquire.open(context, acquire.options.parse(options) as never) as OpenSource<FileRef>;
}

async function list(inputs: string[]): Promise<FileRef[]> {
  return await Array.fromAsync((await open(inputs)).list());
}

async function load(source: OpenSource<FileRef>): Promise<{ loaded: Loaded; warnings: string[]; paths: string[] }> {
  const [ref] = await Array.fromAsync(source.list());
  const warnings: string[] = [];
  const paths: string[] = [];
  const context: LoadContext = {
    engine,
    read: (path) => {
      paths.push(path);
      return Deno.readFile(path);
    },
    warn: (message) => void warnings.push(message),
  };
  return { loaded: await source.load(ref, context), warnings, paths };
}

async function inFolder(
  files: Record<string, Uint8Array | string>,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      await Deno.writeFile(`${folder}/${name}`, bytes);
    }
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const png = encodePng([0, 50, 100, 150, 200, 250], [1, 2, 3], { bits: 8 });
const mask = encodePng([0, 0, 255, 0, 1, 0], [1, 2, 3], { bits: 8 });

Deno.test("a folder gives its images sorted, with path ids, and says what it leaves out", () =>
  inFolder({
    "b.png": png,
    "a/deep/scan": png,
    "a/late.PNG": "",
    "a/.hidden.png": png,
    "readme.txt": "text",
    "DICOMDIR": "x",
    "old.tif": "II*\0",
    ".git/x.png": png,
  }, async (folder) => {
    const refs = await list([`${folder}/`]);
    assertEquals(refs.map((ref) => ref.id), ["a__deep__scan", "a__late", "b", "old"]);
    assertEquals(refs[0].source, `${folder}/a/deep/scan`);
    assertEquals(refs[0].warnings, [`Left out: 3 files in ${folder}, hidden or no image.`]);
    assertEquals(refs[1].warnings, []);
  }));

Deno.test("what is named itself is a case, and fails when loaded where it is nothing", () =>
  inFolder({ "readme.txt": "text", "scan.dcm": "Not Found" }, async (folder) => {
    const refs = await list([`${folder}/readme.txt`, `${folder}/missing.png`, folder]);
    assertEquals(refs.map((ref) => ref.id), ["readme", "missing", "scan"]);
    await assertRejects(async () => await load(await open([`${folder}/scan.dcm`])), InputError, "it is a text file");
    await Deno.remove(`${folder}/scan.dcm`);
    const error = await assertRejects(async () => await load(await open([folder])), InputError);
    assertStringIncludes(error.message, "Cannot find an image in");
  }));

Deno.test("an image is one tensor of f32 with its geometry", () =>
  inFolder({ "scan.png": png }, async (folder) => {
    const { loaded, warnings } = await load(await open([`${folder}/scan.png`]));
    assertEquals(loaded.image, loaded.original);
    assertEquals(loaded.image?.tensor.shape, [1, 2, 3]);
    assertEquals([...(loaded.image?.tensor as Kept).data], [0, 50, 100, 150, 200, 250]);
    assertEquals([loaded.image?.geometry.spacingKnown, warnings, loaded.truth], [false, [], undefined]);
  }));

Deno.test("color becomes luma with a warning; gray kept as color does without", () =>
  inFolder({
    "color.png": encodePng([100, 0, 0, 100, 0, 0], [3, 1, 2], { bits: 8 }),
    "gray.png": encodePng([7, 9, 7, 9, 7, 9], [3, 1, 2], { bits: 8 }),
  }, async (folder) => {
    const color = await load(await open([`${folder}/color.png`]));
    assertEquals([...(color.loaded.image?.tensor as Kept).data], [Math.fround(29.9), Math.fround(58.7)]);
    assertStringIncludes(color.warnings[0], "luma");
    const gray = await load(await open([`${folder}/gray.png`]));
    assertEquals([[...(gray.loaded.image?.tensor as Kept).data], gray.warnings], [[7, 9], []]);
  }));

Deno.test("NaN and infinite values are refused, or replaced if asked", () =>
  inFolder({ "a.npy": encodeNpy([1, NaN, -Infinity, 4], [1, 2, 2]) }, async (folder) => {
    const error = await assertRejects(async () => await load(await open([`${folder}/a.npy`])), InputError);
    assertStringIncludes(error.message, "a.npy as 2 of 4 values are NaN or infinite: replace them");
    const { loaded, warnings } = await load(await open([`${folder}/a.npy`], { nonFinite: -1 }));
    assertEquals([...(loaded.image?.tensor as Kept).data], [1, -1, -1, 4]);
    assertEquals(warnings, ["2 of 4 values were NaN or infinite: -1 takes their place."]);
  }));

Deno.test("truth comes by stem and by number", () =>
  inFolder({
    "in/0007_glioma.png": png,
    "truth/masks/0007_glioma.png": mask,
    "truth/index.csv": 'id,note,class\n7,"a, ""b""\nc",glioma\r\n',
  }, async (folder) => {
    const { loaded, paths } = await load(await open([`${folder}/in`], {}, `${folder}/truth/`));
    assertEquals(loaded.truth?.class, "glioma");
    assertEquals(loaded.truth?.mask?.tensor, { dtype: "u8", shape: [2, 3], data: Uint8Array.of(0, 0, 1, 0, 1, 0) });
    assertEquals(paths, [`${folder}/in/0007_glioma.png`, `${folder}/truth/masks/0007_glioma.png`]);
  }));

Deno.test("a number is the case's only where the whole name fits, and that is said", () =>
  inFolder({
    "other/001_other.png": png,
    "bare/001.png": png,
    "truth/index.csv": "id,class\n1,glioma\n",
  }, async (folder) => {
    const other = await load(await open([`${folder}/other`], {}, `${folder}/truth`));
    assertEquals(other.loaded.truth, undefined);
    assertStringIncludes(other.warnings[0], "but is neither 001 nor 001_glioma: its class is not taken");
    const bare = await load(await open([`${folder}/bare`], {}, `${folder}/truth`));
    assertEquals(bare.loaded.truth?.class, "glioma");
    assertEquals(bare.warnings, ["The class is that of number 1 in index.csv."]);
  }));

Deno.test("the ringing of a JPEG mask is no foreground", async () => {
  const size = [1, 64, 64];
  const spot = Uint8Array.from({ length: 4096 }, (_, at) => at === 2080 ? 255 : 0);
  await inFolder({
    "in/a.png": encodePng(spot, size, { bits: 8 }),
    "truth/masks/a.jpg": encodeJpeg(spot, size, 90),
  }, async (folder) => {
    const { loaded, warnings } = await load(await open([`${folder}/in`], {}, `${folder}/truth`));
    const data = loaded.truth?.mask?.tensor.data as Uint8Array;
    assertEquals(data.reduce((sum, value) => sum + value, 0), 1);
    assertStringIncludes(warnings[0], "half of its range, are the region");
  });
});

Deno.test("links are followed to regular files only, and no pipe is waited for", () =>
  inFolder({ "in/a.png": png }, async (folder) => {
    await Deno.symlink(`${folder}/in/a.png`, `${folder}/in/b.png`);
    await Deno.symlink("/dev/zero", `${folder}/in/c.png`);
    await Deno.symlink("/dev/zero", `${folder}/in/d`);
    await new Deno.Command("mkfifo", { args: [`${folder}/in/e.png`, `${folder}/in/f`] }).output();
    const refs = await list([`${folder}/in`]);
    assertEquals(refs.map(({ id }) => id), ["a", "b", "c"]);
    assertEquals((await readInput(`${folder}/in/b.png`)).length, png.length);
    for (const name of ["c.png", "e.png"]) {
      await assertRejects(() => readInput(`${folder}/in/${name}`), InputError, "it isn't a regular file");
    }
  }));

Deno.test("truth that doesn't fit or says nothing is told", () =>
  inFolder({
    "in/a.png": png,
    "other/masks/a.png": encodePng([1, 0], [1, 1, 2], { bits: 8 }),
    "other/index.csv": "name\na\n",
    "bare/index.csv": "id,class\nb,none\n",
    "small/masks/a.png": encodePng([1, 0], [1, 1, 2], { bits: 8 }),
    "twice/masks/a.png": mask,
    "twice/masks/a.npy": encodeNpy([1, 0], [1, 1, 2]),
  }, async (folder) => {
    const from = async (truth: string): Promise<Awaited<ReturnType<typeof load>>> =>
      await load(await open([`${folder}/in`], {}, `${folder}/${truth}`));
    await assertRejects(() => from("other"), UsageError, "its header lacks id or class");
    await assertRejects(() => from("in"), UsageError, "it has neither masks/ nor index.csv");
    await assertRejects(() => from("small"), InputError, "has 1 x 2 pixels, but");
    await assertRejects(() => from("twice"), InputError, "keep one of them");
    const { loaded, warnings } = await from("bare");
    assertEquals([loaded.truth, warnings], [undefined, ["The truth folder knows nothing of this case."]]);
  }));

Deno.test("padding of DICOM is kept, and said", () =>
  inFolder({ "a.dcm": dicomFile({ PixelPaddingValue: 3, RescaleIntercept: "-10" }) }, async (folder) => {
    const { loaded, warnings } = await load(await open([`${folder}/a.dcm`]));
    assertEquals((loaded.image?.tensor as Kept).data[3], -7);
    assertEquals(warnings, [
      "Padding (-7), 1 value: kept; filters and networks see the least measured value there, statistics leave it out, " +
      "and nothing is found in it.",
    ]);
  }));

Deno.test("options are checked", async () => {
  await assertRejects(async () => await open([], { nonFinite: "ignore" as never }), RangeError, "nonFinite");
});
