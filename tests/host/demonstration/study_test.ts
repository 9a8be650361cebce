import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { OutputError } from "../../../engine/pipeline/mod.ts";
import { voxelToPatient } from "../../../engine/pipeline/mod.ts";
import { phantomStudy } from "../../../plugins/demonstration/phantom.ts";
import { demonstrationName, prepareDemonstration } from "../../../plugins/demonstration/study.ts";
import { decode } from "../../../plugins/formats/detect.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name)).sort();
}

Deno.test("the study holds the phantom's values in the patient's millimeters, with its truth", () =>
  inFolder(async (folder) => {
    const { inputs, slice, truth } = await prepareDemonstration(`${folder}/cache`);
    assertEquals(inputs, [`${truth}/images`]);
    assert((await Deno.stat(slice)).isFile);
    assertEquals(await namesIn(`${folder}/cache`), [demonstrationName]);
    const names = await namesIn(inputs[0]);
    assertEquals(names.length, 12);
    assertEquals(names.map((name) => name.replace(".dcm", ".png")), await namesIn(`${truth}/masks`));
    const rows = (await Deno.readTextFile(`${truth}/index.csv`)).trim().split("\n");
    assertEquals([rows.length, rows[0]], [13, "id,class"]);
    const study = phantomStudy({ seed: 1, slices: 4 });
    const places: number[] = [];
    for (const [index, slice] of study.slices.entries()) {
      const name = `head1_slice${index + 1}`;
      const image = await decode(await Deno.readFile(`${inputs[0]}/${name}.dcm`), name);
      const mask = await decode(await Deno.readFile(`${truth}/masks/${name}.png`), name);
      assertEquals([image.shape, image.warnings], [[1, study.height, study.width], []]);
      assertEquals(image.pixels, slice.pixels);
      assertEquals(Array.from(mask.pixels, (value) => value / 255), [...slice.mask]);
      assertEquals(rows.includes(`${name},${slice.mask.includes(1) ? study.kind : "none"}`), true);
      assertEquals(image.geometry.spacingKnown, true);
      image.geometry.spacing.forEach((mm, axis) => assertAlmostEquals(mm, study.spacing[axis + 1], 1e-6));
      const center = voxelToPatient(image.geometry.affine, [(study.width - 1) / 2, (study.height - 1) / 2, 0]);
      assertAlmostEquals(Math.hypot(center[0], center[1]), 0, 1e-6);
      places.push(center[2]);
    }
    assertEquals(places, [-10.5, -3.5, 3.5, 10.5]);
  }));

Deno.test("the study is written once, the same each time, and not changed without a new name", () =>
  inFolder(async (folder) => {
    // Two processes at once end with one study.
    await Promise.all([prepareDemonstration(folder), prepareDemonstration(folder)]);
    assertEquals(await namesIn(folder), [demonstrationName]);
    const { inputs, truth } = await prepareDemonstration(folder);
    const written = (await Deno.stat(`${truth}/index.csv`)).mtime;
    const parts: Uint8Array[] = [];
    for (const name of await namesIn(inputs[0])) {
      parts.push(
        await Deno.readFile(`${inputs[0]}/${name}`),
        await Deno.readFile(`${truth}/masks/${name.replace("dcm", "png")}`),
      );
    }
    const hashes = await Promise.all(
      parts.map((part) => crypto.subtle.digest("SHA-256", part as Uint8Array<ArrayBuffer>)),
    );
    const whole = await crypto.subtle.digest("SHA-256", await new Blob(hashes).arrayBuffer());
    assertEquals([demonstrationName, new Uint8Array(whole).toHex()], [
      "demonstration-2",
      "2941b3d0d132b53c15d1d302316ae93c2574d0defa83381a89e4a568b41cb5ae",
    ]);
    assertEquals((await Deno.stat(`${truth}/index.csv`)).mtime, written);
  }));

Deno.test("a study that can't be written leaves nothing behind", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    const error = await assertRejects(() => prepareDemonstration(`${folder}/file`), OutputError);
    assert(error.message.startsWith(`Cannot write the demonstration study to ${folder}/file/${demonstrationName} (`));
    assertEquals(await namesIn(folder), ["file"]);
  }));
