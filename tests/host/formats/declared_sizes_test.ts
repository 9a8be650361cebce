/** What a header declares is checked against the bytes that are there before anything is allocated. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { crc32, deflateSync, gzipSync } from "node:zlib";
import { InputError } from "../../../engine/errors.ts";
import { concat } from "../../../plugins/formats/bytes.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { DEFAULT_LIMITS } from "../../../plugins/formats/limits.ts";
import { dicomFile } from "../../formats/dicom_builder.ts";

/** The message by which a file is refused, and that it took little time and memory. */
async function refusal(bytes: Uint8Array<ArrayBuffer>, name: string, limits = DEFAULT_LIMITS): Promise<string> {
  const [start, before] = [performance.now(), Deno.memoryUsage().rss];
  const error = await decode(bytes, name, { limits }).then(() => undefined, (error) => error);
  assert(error instanceof InputError, `${name}: ${error}`);
  assert(performance.now() - start < 5000, `${name} took ${performance.now() - start} ms`);
  assert(Deno.memoryUsage().rss - before < 256 * 2 ** 20, `${name} took ${Deno.memoryUsage().rss - before} bytes`);
  return error.message;
}

const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value);
function chunk(kind: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = concat([text(kind), data]);
  const numbers = new DataView(new ArrayBuffer(8));
  numbers.setUint32(0, data.length);
  numbers.setUint32(4, crc32(body));
  return concat([new Uint8Array(numbers.buffer, 0, 4), body, new Uint8Array(numbers.buffer, 4, 4)]);
}

function png(width: number, height: number, depth: number, type: number, data: Uint8Array, ...more: Uint8Array[]) {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, depth);
  header.setUint8(9, type);
  const signature = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  const parts = [
    chunk("IHDR", new Uint8Array(header.buffer)),
    ...more,
    chunk("IDAT", data),
    chunk("IEND", new Uint8Array()),
  ];
  return concat([signature, ...parts]);
}

function npy(shape: string, data = new Uint8Array(64)): Uint8Array<ArrayBuffer> {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117) + "\n";
  return concat([new Uint8Array([0x93]), text("NUMPY"), new Uint8Array([1, 0, 118, 0]), text(header), data]);
}

/** A NIfTI-1 file of u8. */
function nifti(change: (view: DataView) => void, size = 4096): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(size));
  view.setInt32(0, 348, true);
  [3, 4, 4, 4, 1, 1, 1, 1].forEach((dim, at) => view.setInt16(40 + 2 * at, dim, true));
  view.setInt16(70, 2, true);
  view.setInt16(72, 8, true);
  [1, 1, 1, 1].forEach((mm, at) => view.setFloat32(76 + 4 * at, mm, true));
  view.setFloat32(108, 352, true);
  view.setUint32(344, 0x6e2b3100);
  change(view);
  return new Uint8Array(view.buffer);
}

Deno.test("a PNG that declares more than its data can hold takes no memory", async () => {
  const small = deflateSync(new Uint8Array(4));
  assertStringIncludes(await refusal(png(65535, 65535, 16, 6, small), "a.png"), "it declares 65535 x 65535 x 4 values");
  assertStringIncludes(await refusal(png(16384, 16384, 8, 0, small), "a.png"), "can't hold 16384 x 16384 pixels");
  assertStringIncludes(await refusal(png(0, 4, 8, 0, small), "a.png"), "it declares 0 x 4 x 1 values");
  assertStringIncludes(await refusal(png(4, 4, 3, 0, small), "a.png"), "which no PNG has");
  // Four megabytes of a bomb for a picture of four pixels.
  const bomb = png(2, 2, 8, 0, deflateSync(new Uint8Array(200e6)));
  assertStringIncludes(await refusal(bomb, "a.png"), "its PNG data holds more than the 6 bytes declared");
});

Deno.test("a PNG without a palette, with an empty one or with a color beyond it is refused", async () => {
  const rows = deflateSync(new Uint8Array([0, 0, 1, 0, 0, 1]));
  assertStringIncludes(await refusal(png(2, 2, 8, 3, rows), "a.png"), "its palette has 0 bytes");
  assertStringIncludes(await refusal(png(2, 2, 8, 3, rows, chunk("PLTE", new Uint8Array())), "a.png"), "0 bytes");
  const one = chunk("PLTE", new Uint8Array(3));
  assertStringIncludes(
    await refusal(png(2, 2, 8, 3, rows, one), "a.png"),
    "a pixel has color 1 of a palette of 1 colors",
  );
});

Deno.test("an npy shape is whole numbers above 0", async () => {
  for (const shape of ["-4, -4", "2.5, 2", "a, b", "4, 1e9", "0x10, 2"]) {
    assertStringIncludes(await refusal(npy(shape), "a.npy"), "save whole numbers");
  }
  assertStringIncludes(await refusal(npy("100000, 100000"), "a.npy"), "it declares 100000 x 100000 values, more than");
  assertStringIncludes(await refusal(npy("20000, 20000"), "a.npy"), "its data ends after 64 of 1,600,000,000 bytes");
  assertStringIncludes(await refusal(npy("4294967297, 4294967297"), "a.npy"), "more than 536,870,912");
  assertStringIncludes(await refusal(npy("4, 4").slice(0, -1), "a.npy"), "its data ends after 63 of 64 bytes");
});

Deno.test("dimensions and offsets of NIfTI are checked before they are used", async () => {
  const changes: [string, (view: DataView) => void][] = [
    ["its dimensions are 4 x -4 x 4", (view) => view.setInt16(44, -4, true)],
    ["its header counts -3 dimensions", (view) => view.setInt16(40, -3, true)],
    ["its header counts 9 dimensions", (view) => view.setInt16(40, 9, true)],
    ["its voxels begin at byte NaN", (view) => view.setFloat32(108, NaN, true)],
    ["its voxels begin at byte 100", (view) => view.setFloat32(108, 100, true)],
    ["its voxels begin at byte -8", (view) => view.setFloat32(108, -8, true)],
    ["its voxel data ends after 0 of 64 bytes", (view) => view.setFloat32(108, 1e30, true)],
    ["it declares 32767 x 32767 x 32767", (view) => [42, 44, 46].forEach((at) => view.setInt16(at, 32767, true))],
  ];
  for (const [reason, change] of changes) assertStringIncludes(await refusal(nifti(change), "a.nii"), reason);
});

Deno.test("gzip is bounded by what the header inside declares, and by the limit", async () => {
  const honest = nifti(() => {});
  const bomb = new Uint8Array(gzipSync(concat([honest, new Uint8Array(64e6)]), { level: 9 }));
  assertStringIncludes(await refusal(bomb, "a.nii.gz"), "holds more than the");
  const large = nifti((view) => [42, 44].forEach((at) => view.setInt16(at, 20000, true)));
  const limits = { inflatedBytes: 1e6, voxels: 2 ** 40 };
  const message = await refusal(new Uint8Array(gzipSync(large)), "a.nii.gz", limits);
  assertStringIncludes(message, "it inflates to 1,600,000,352 bytes, more than 1,000,000 bytes");
  assertStringIncludes(message, "--set acquire.maxInflatedBytes=");
});

Deno.test("DICOM that declares too much, or contradicts itself, is refused", async () => {
  const cases: [string, Parameters<typeof dicomFile>[0]][] = [
    [`its number of frames is "abc"`, { NumberOfFrames: "abc" }],
    ["more than 536,870,912", { NumberOfFrames: "40000000" }],
    ["frames, more than", { NumberOfFrames: "99999999999999999999" }],
    ["its pixel data ends after 16 of 64 bytes", { NumberOfFrames: "4" }],
    ["it is MONOCHROME2 with 3 samples", { SamplesPerPixel: 3 }],
    ["its colors are of a kind that is not read", { PhotometricInterpretation: "PATIENT^NAME" }],
    ["Rows has 8 bytes of type DS", { Rows: { vr: "DS", text: "4       " } }],
    ["it lacks Rows", { Rows: 0 }],
    ["BitsStored is 20", { BitsStored: 20 }],
    [`RescaleSlope is "0,5", which is not a number`, { RescaleSlope: "0,5" }],
    [`RescaleIntercept is "0.5 HU", which is not a number`, { RescaleIntercept: "0.5 HU" }],
    ["RescaleSlope is 0", { RescaleSlope: "0" }],
  ];
  for (const [reason, change] of cases) assertStringIncludes(await refusal(dicomFile(change), "a.dcm"), reason);
  const error = await refusal(dicomFile({ PhotometricInterpretation: "PATIENT^NAME" }), "a.dcm");
  assert(!error.includes("PATIENT"), "a value of the file stands in a message");
});

Deno.test("deflated DICOM is bounded", async () => {
  const limits = { inflatedBytes: 1e6, voxels: 2 ** 29 };
  const bomb = dicomFile({}, { deflated: true, padding: 50e6 });
  assertStringIncludes(await refusal(bomb, "a.dcm", limits), "more than 1,000,000 bytes");
});

Deno.test("a DICOM decimal that doesn't parse is named where the image is still usable", async () => {
  const image = await decode(
    dicomFile({ PixelSpacing: "0,5\\0,5", WindowCenter: "forty", WindowWidth: "80" }),
    "a.dcm",
  );
  assertEquals(image.geometry.spacingKnown, false);
  assertEquals(image.geometry.window, undefined);
  assertEquals(image.warnings, [
    'WindowCenter is "forty", which is not a number: it is left out.',
    'PixelSpacing is "0,5\\0,5", which is not a number: it is left out.',
  ]);
});

Deno.test("MONOCHROME1 keeps its values and is shown inverted", async () => {
  const image = await decode(dicomFile({ PhotometricInterpretation: "MONOCHROME1", RescaleSlope: "2" }), "a.dcm");
  assertEquals([...image.pixels.subarray(0, 3)], [0, 2, 4]);
  assertEquals(image.geometry.inverted, true);
});

Deno.test("whole numbers beyond 24 bits are rounded with a warning that says by how much", async () => {
  const header = `{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }`.padEnd(117) + "\n";
  const data = new Uint8Array(Int32Array.of(5, 2 ** 24 + 3).buffer);
  const file = concat([new Uint8Array([0x93]), text("NUMPY"), new Uint8Array([1, 0, 118, 0]), text(header), data]);
  const { warnings } = await decode(file, "a.npy");
  assertEquals(warnings, ["1 value beyond the 24 bits of f32: rounded, by 1 at most."]);
});

Deno.test("gzip of several members, and with zeros behind it, is read", async () => {
  const whole = nifti((view) => view.setUint8(352, 7));
  const members = concat([gzipSync(whole.slice(0, 300)), gzipSync(whole.slice(300)), new Uint8Array(512)]);
  assertEquals((await decode(members, "a.nii.gz")).pixels[0], 7);
});

Deno.test("an affine that spans no space is left out, one that contradicts the other is named", async () => {
  const withSform = (rows: number[], code = 1) => (view: DataView) => {
    view.setInt16(254, code, true);
    rows.forEach((value, at) => view.setFloat32(280 + 4 * at, value, true));
  };
  const flat = await decode(nifti(withSform([1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0])), "a.nii");
  assertStringIncludes(flat.warnings[0], "The sform spans no space");
  assertEquals(flat.geometry.spacingKnown, true);
  const long = await decode(nifti(withSform([2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])), "a.nii");
  assertEquals(long.warnings, ["The sform and the header's voxel sizes differ: the sform counts."]);
  const turned = await decode(
    nifti((view) => {
      withSform([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])(view);
      view.setInt16(252, 1, true);
      view.setFloat32(256, 3, true);
    }),
    "a.nii",
  );
  assertStringIncludes(turned.warnings[0], "The qform spans no space");
});
