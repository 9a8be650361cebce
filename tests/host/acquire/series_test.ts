import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../engine/errors.ts";
import { DEFAULT_LIMITS } from "../../../plugins/formats/limits.ts";
import { type Policy, readVolume } from "../../../plugins/formats/dicom/volume.ts";
import { type FileRef, listFiles } from "../../../plugins/acquire/listing.ts";
import { dicomFile, type Value } from "../../formats/dicom_builder.ts";
import { missing, testData } from "../../test_data.ts";

type Values = Record<string, Value>;

/** Slice `at` of an axial series of 4 x 4 pixels, 2 mm apart; all its pixels are 10 times its height. */
function slice(at: number, values: Values = {}): Uint8Array<ArrayBuffer> {
  return dicomFile({
    SOPInstanceUID: `1.2.3.${at}`,
    Modality: "CT",
    SeriesInstanceUID: "1.2.3",
    SeriesNumber: "7",
    InstanceNumber: String(at + 1),
    ImagePositionPatient: `-3\\-4\\${2 * at}`,
    ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
    PixelSpacing: "1\\1",
    PixelData: new Uint8Array(16).fill(20 * at),
    ...values,
  });
}

async function casesOf(files: Record<string, Uint8Array>, input = ""): Promise<{ refs: FileRef[]; folder: string }> {
  const folder = await Deno.makeTempDir();
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${folder}/${name}`, bytes);
  }
  return { refs: await listed(`${folder}${input}`), folder };
}

async function listed(path: string): Promise<FileRef[]> {
  const options = { limits: DEFAULT_LIMITS, series: "volumes" } as const;
  return await Array.fromAsync(listFiles([path], options, new AbortController().signal));
}

async function read(ref: FileRef, policy: Policy = "block"): ReturnType<typeof readVolume> {
  const files = ref.files;
  return await readVolume(ref.slices!, {
    limits: DEFAULT_LIMITS,
    policy,
    name: ref.source,
    read: async (path) => await files.get(path)!.content((source) => Deno.readFile(source)),
  });
}

/** The volumes of slices, each read with the policy. */
async function volumes(files: Uint8Array[], policy?: Policy): Promise<Awaited<ReturnType<typeof readVolume>>[]> {
  const { refs, folder } = await casesOf(Object.fromEntries(files.map((file, at) => [`s/${at}.dcm`, file])));
  try {
    return await Promise.all(refs.map((ref) => read(ref, policy)));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

Deno.test("a series is a volume along its normal, whatever the order of its files", async () => {
  const [{ pixels, shape, geometry, report, warnings }] = await volumes([3, 0, 2, 1].map((at) => slice(at)));
  assertEquals(shape, [1, 4, 4, 4]);
  assertEquals([0, 16, 32, 48].map((at) => pixels[at]), [0, 20, 40, 60]);
  assertEquals(geometry.spacing, [2, 1, 1]);
  assertEquals(geometry.affine.slice(0, 12), [1, 0, 0, -3, 0, 1, 0, -4, 0, 0, 2, 0]);
  assertEquals([report.problems, warnings], [[], []]);
});

const faults: readonly [string, Uint8Array[], string][] = [
  ["a missing slice", [0, 1, 3, 4].map((at) => slice(at)), "slice 3 is missing: a gap of 4 mm instead of 2"],
  [
    "uneven slices",
    range(5).map((at) => slice(at, { ImagePositionPatient: `0\\0\\${2 * at + (at === 4 ? 0.7 : 0)}` })),
    "the slices lie 2 to 2.7 mm apart",
  ],
  ["a slice given twice", [slice(0), slice(1), slice(1), slice(2)], "1 of 4 slices lies where another one does"],
  [
    "a tilted gantry",
    range(4).map((at) => slice(at, { ImagePositionPatient: `0\\${at}\\${2 * at}` })),
    "the slices lean by 26.6 degrees (gantry tilt)",
  ],
  [
    "mixed orientations",
    [...range(3).map((at) => slice(at)), slice(9, { ImageOrientationPatient: "0\\1\\0\\0\\0\\-1" })],
    "slices lie in 2 directions",
  ],
  [
    "mixed sizes",
    [...range(3).map((at) => slice(at)), slice(3, { Rows: 2, Columns: 8 })],
    "slices have 2 sizes (4 x 4, 8 x 2)",
  ],
  [
    "a slice beside the others",
    range(4).map((at) => slice(at, { ImagePositionPatient: `${at === 2 ? 3 : 0}\\0\\${2 * at}` })),
    "slice 3 lies 3 mm beside the line of the others",
  ],
];

for (const [name, files, reason] of faults) {
  Deno.test(`the guard finds ${name}, and blocks unless told otherwise`, async () => {
    const error = await assertRejects(() => volumes(files), InputError);
    assertStringIncludes(error.message, reason);
    assertStringIncludes(error.message, "--set acquire.geometry=repair");
    const [warned] = await volumes(files, "warn");
    assert(warned.warnings.includes(`In the series, ${reason}.`), warned.warnings.join());
    assertEquals(warned.report.problems.map(({ text }) => text), [reason]);
  });
}

Deno.test("a repair puts missing, uneven and tilted slices onto an even grid", async () => {
  const [gap] = await volumes([0, 1, 3, 4].map((at) => slice(at)), "repair");
  assertEquals(gap.shape, [1, 5, 4, 4]);
  assertEquals(range(5).map((z) => gap.pixels[16 * z]), [0, 20, 40, 60, 80]);
  assertEquals(gap.report.repaired, "The slices were interpolated to 5 of them, 2 mm apart along their normal");
  // Columns of ones that move by a pixel from slice to slice stand upright afterwards.
  const column = (at: number): Uint8Array =>
    Uint8Array.from({ length: 16 }, (_, pixel) => Number(pixel % 4 === 2 - at));
  const tilted = range(3).map((at) =>
    slice(at, { ImagePositionPatient: `${at}\\0\\${2 * at}`, PixelData: column(at) })
  );
  const [upright] = await volumes(tilted, "repair");
  range(3).forEach((z) => assertEquals([...upright.pixels.subarray(16 * z, 16 * z + 4)], [0, 0, 1, 0]));
  assertEquals(upright.geometry.affine.slice(0, 12), [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0]);
});

Deno.test("echoes and times of one series are volumes of their own, and that is said", async () => {
  for (const key of ["EchoTime", "TemporalPositionIdentifier", "AcquisitionNumber"]) {
    const files = ["1", "2"].flatMap((value, n) =>
      range(3).map((at) => slice(at, { [key]: value, SOPInstanceUID: `1.2.${n}.${at}` }))
    );
    const { refs, folder } = await casesOf(Object.fromEntries(files.map((file, at) => [`s/${at}.dcm`, file])));
    assertEquals(refs.map(({ id }) => id), ["s-1", "s-2"]);
    assertStringIncludes(refs[1].warnings[0], "The series holds 2 volumes (by ");
    const shapes = await Promise.all(refs.map(async (ref) => (await read(ref)).shape));
    assertEquals(shapes, [[1, 3, 4, 4], [1, 3, 4, 4]]);
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("acquisition numbers that go on through a series don't part it", async () => {
  const [volume, ...others] = await volumes(range(4).map((at) => slice(at, { AcquisitionNumber: String(at) })));
  assertEquals([volume.shape, others], [[1, 4, 4, 4], []]);
});

Deno.test("a folder of mixed content has a case for each series and picture, under names without identity", async () => {
  const other = { SeriesInstanceUID: "1.2.4", SeriesNumber: "8", PatientName: "DOE^JANE" };
  const { refs, folder } = await casesOf({
    "a b/1.dcm": slice(0),
    "a b/2": slice(1),
    "a b/3": slice(0, other),
    "a b/4": slice(1, other),
    "notes.txt": new TextEncoder().encode("hello"),
    "single.dcm": slice(0, { SeriesInstanceUID: "1.2.5" }),
  });
  assertEquals(refs.map(({ id }) => id), ["a b__series7", "a b__series8", "single"]);
  assertEquals(refs[0].warnings, [`Left out: 1 file in ${folder}, hidden or no image.`]);
  assertEquals(refs.map(({ sources }) => sources.length), [2, 2, 1]);
  assertEquals(refs.map(({ source }) => source.slice(folder.length)), ["/a b", "/a b", "/single.dcm"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "a zip of a series and a DICOMDIR are the series that they hold",
  ignore: missing("formats/series_mixed.zip"),
  async fn() {
    for (const input of ["formats/series_mixed.zip", "formats/dicomdir/DICOMDIR"]) {
      const refs = (await listed(testData(input))).filter(({ slices }) => slices !== undefined);
      assertEquals(refs.length, 1, input);
      const [path] = refs[0].files.keys();
      assert(path.startsWith(`${refs[0].source}/`), `${refs[0].source} holds ${path}`);
      const { shape, pixels } = await read(refs[0]);
      assertEquals(shape, [1, 10, 80, 80]);
      assertAlmostEquals(pixels.reduce((sum, value) => sum + value, 0) / pixels.length, 100.474031, 1e-4);
    }
  },
});
