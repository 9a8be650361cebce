import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  createRegistry,
  definePlugin,
  defineWriter,
  type Geometry,
  geometryOfAffine,
  type HostCopy,
  unknownGeometry,
  UsageError,
} from "../../../engine/pipeline/mod.ts";
import { proveChain } from "../../../engine/pipeline/chain.ts";
import { fakeSource } from "../pipeline/fakes.ts";
import plugin from "../../../plugins/export/export.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { originOf } from "../../../plugins/formats/limits.ts";
import { decodeNpy } from "../../../plugins/formats/npy/npy.ts";
import { decodePng } from "../../../plugins/formats/png/png.ts";

const array = (shape: number[], at: (i: number) => number): HostCopy => ({
  dtype: "f32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i)),
});

/** The files that the stage writes of a case. */
async function exported(
  options: Record<string, unknown>,
  host: Record<string, HostCopy>,
  window?: { center: number; width: number },
  place: Geometry = unknownGeometry(2),
) {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const [stage] = plugin.stages ?? [];
  const asked = stage.options.parse(options) as never;
  assert(stage.writers?.(asked).every((name) => plugin.writers?.some((writer) => writer.name === name)));
  const writer = (name: string) => plugin.writers?.find((one) => one.name === name);
  const open = await stage.open({ writer } as never, asked);
  const geometry = { ...place, ...window ? { window } : {} };
  await open.run({
    host: Object.fromEntries(Object.entries(host).map(([name, tensor]) => [name, { tensor, geometry }])),
    write: (name: string, bytes: Uint8Array) => Promise.resolve(void files.set(name, new Uint8Array(bytes))),
  } as never);
  return files;
}

const image = array([1, 4, 6], (i) => i * 10 - 3.25);
const mask = array([4, 6], (i) => i === 8 || i === 9 ? 1 : 0);
const boxes = array([1, 4], (i) => [1, 0, 5, 4][i]);
const crops = array([1, 1, 3, 3], (i) => i * 25);

Deno.test("export writes npy files that are neither windowed nor clipped", async () => {
  const files = await exported({ formats: "npy" }, { image, mask, boxes, crops }, { center: 100, width: 50 });
  assertEquals([...files.keys()].sort(), ["boxes.npy", "crops.npy", "image.npy", "mask.npy"]);
  const read = decodeNpy(files.get("image.npy") ?? new Uint8Array(), originOf("image.npy"));
  assertEquals([read.shape, Array.from(read.pixels)], [[1, 4, 6], Array.from(image.data, Number)]);
  const header = new TextDecoder().decode(files.get("image.npy")?.subarray(10, 70));
  assert(header.includes("'<f4'") && header.includes("(4, 6)"), header);
  const shapes = [...files].map((
    [name, bytes],
  ) => [name, /\(.*\)/.exec(new TextDecoder().decode(bytes.subarray(0, 128)))?.[0]]);
  assertEquals(Object.fromEntries(shapes), {
    "image.npy": "(4, 6)",
    "mask.npy": "(4, 6)",
    "boxes.npy": "(1, 4)",
    "crops.npy": "(1, 1, 3, 3)",
  });
});

Deno.test("export writes volumes as [D, H, W] and channels of an image as [C, 1, H, W]", async () => {
  const header = async (shape: number[]) => {
    const files = await exported({ formats: ["npy"] }, { image: array(shape, (i) => i) });
    return new TextDecoder().decode(files.get("image.npy")?.subarray(10, 128));
  };
  assert((await header([1, 3, 4, 5])).includes("(3, 4, 5)"));
  assert((await header([2, 4, 5])).includes("(2, 1, 4, 5)"));
});

Deno.test("export writes pictures in the display window", async () => {
  const files = await exported({}, { image, mask, boxes, crops }, { center: 100.5, width: 101 });
  assertEquals([...files.keys()], ["image.png", "mask.png", "overlay.png", "crop.png"]);
  const pixels = (name: string) => decodePng(files.get(name) ?? new Uint8Array(), originOf(name));
  // Black up to 50, white from 150.
  const gray = pixels("image.png");
  assertEquals([gray.shape, gray.pixels[0], gray.pixels[23]], [[1, 4, 6], 0, 255]);
  assertAlmostEquals(gray.pixels[10], 255 * (96.75 - 50) / 100, 0.51);
  assertEquals(Array.from(pixels("mask.png").pixels, (value) => value / 255), Array.from(mask.data, Number));
  const overlay = pixels("overlay.png");
  assertEquals(overlay.shape, [3, 4, 6]);
  assertEquals([overlay.pixels[8], overlay.pixels[24 + 8], overlay.pixels[48 + 8]], [255, 69, 51]);
  assertEquals(overlay.pixels[24 + 10], gray.pixels[10]);
  assertEquals(pixels("crop.png").shape, [1, 3, 3]);
});

Deno.test("export writes no crop of an empty box, and numbers several", async () => {
  const nothing = await exported({}, { image, mask, boxes: array([1, 4], () => 0), crops });
  assertEquals([...nothing.keys()], ["image.png", "mask.png", "overlay.png"]);
  const three = array([3, 4], (i) => [0, 0, 2, 2, 0, 0, 0, 0, 1, 1, 3, 3][i]);
  const several = await exported({}, { image, boxes: three, crops: array([3, 1, 2, 2], (i) => i) });
  assertEquals([...several.keys()], ["image.png", "crop-1.png", "crop-2.png"]);
});

Deno.test("export shows the slice with the largest region of a volume", async () => {
  const volume = array([1, 3, 2, 2], (i) => Math.floor(i / 4) * 100);
  const region = array([3, 2, 2], (i) => i >= 8 ? 1 : 0);
  const files = await exported({}, { image: volume, mask: region }, { center: 100.5, width: 201 }, unknownGeometry(3));
  assertEquals(decodePng(files.get("image.png") ?? new Uint8Array(), originOf("")).pixels[0], 255);
  const middle = await exported({}, { image: volume }, { center: 100.5, width: 201 }, unknownGeometry(3));
  assertAlmostEquals(decodePng(middle.get("image.png") ?? new Uint8Array(), originOf("")).pixels[0], 127.5, 1);
});

Deno.test("export turns the slices of a volume as they are looked at", async () => {
  // Sagittal slices: rows go to the head, columns to the front.
  const place = geometryOfAffine([0, 0, 3, 0, -2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1], 3);
  const volume = array([1, 1, 3, 4], (i) => i);
  const region = array([1, 3, 4], (i) => Number(i === 11));
  const patch = array([1, 1, 2, 2], (i) => 3 * i);
  const files = await exported(
    { formats: ["png", "dicom-sc"] },
    { image: volume, mask: region, boxes, crops: patch },
    { center: 6, width: 12 },
    place,
  );
  const pixels = (name: string) => {
    const { shape, pixels } = decodePng(files.get(name) ?? new Uint8Array(), originOf(name));
    return [shape.join(), ...pixels];
  };
  // The head goes up, the back to the right: both axes are turned.
  const gray = (values: number[]) => values.map((value) => Math.round(255 * Math.min(1, Math.max(0, value / 11))));
  assertEquals(pixels("image.png"), ["1,3,4", ...gray([11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0])]);
  assertEquals(pixels("mask.png"), ["1,3,4", 255, ...new Array(11).fill(0)]);
  assertEquals(pixels("crop.png"), ["1,2,2", ...gray([9, 6, 3, 0])]);
  const overlay = await decode(files.get("overlay.dcm") ?? new Uint8Array(), "overlay.dcm");
  // 500 columns and 1,000 rows a meter: of the 3 mm between slices nothing is seen.
  const chunk = (files.get("image.png") ?? new Uint8Array()).subarray(33, 54);
  assertEquals(new TextDecoder().decode(chunk.subarray(4, 8)), "pHYs");
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  assertEquals([view.getUint32(8), view.getUint32(12), chunk[16]], [500, 1000, 1]);
  const [red, green] = [overlay.pixels[0], overlay.pixels[12]];
  assert(red > green, "the region is in the upper left corner");
});

Deno.test("export knows the writers of all plugins, and refuses others by name", () => {
  const [stage] = plugin.stages ?? [];
  const text = defineWriter({ name: "text", description: "A line.", uses: ["maps"], write: () => {} });
  const source = { ...fakeSource(), gives: ["image", "maps"] as const };
  const plugins = [plugin, definePlugin({ name: "mine", sources: [source], writers: [text] })];
  const prove = (formats: unknown) =>
    proveChain({ stages: [{ stage: "acquire" }, { stage: "export", options: { formats } }] }, createRegistry(plugins));
  const { part } = prove(["png", "text"]).stages[0];
  assertEquals(part.reads, ["image", "mask", "boxes", "crops", "maps"]);
  assertEquals([part.needs, part.uses], [["image"], ["mask", "boxes", "crops", "maps"]]);
  assertThrows(
    () => prove("tiff"),
    UsageError,
    "the known writers are png, npy, nifti, nrrd, dicom-seg, dicom-sr, dicom-sc, text",
  );
  assertThrows(() => stage.options.parse({ formats: 3 }), RangeError, "formats");
});

Deno.test("image and crops are written with 16 bits where these are asked for, masks with 8", async () => {
  const files = await exported({ formats: "png", pngBits: 16 }, { image, mask, boxes, crops }, {
    center: 100,
    width: 201,
  });
  const pixels = async (name: string) => [...(await decodePng(files.get(name)!, originOf(name))).pixels];
  // The window goes from -0.5 to 199.5.
  const stretched = Array.from(
    image.data as Float32Array,
    (value) => Math.round(65535 * Math.min(1, Math.max(0, (Number(value) + 0.5) / 200))),
  );
  assertEquals(await pixels("image.png"), stretched);
  assertEquals(Math.max(...await pixels("crop.png")), 65535);
  assertEquals(Math.max(...await pixels("mask.png")), 255);
});
