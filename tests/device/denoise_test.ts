/** The stage `denoise` on the device: filters with their options, calibration, networks. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { geometryOfSpacing, InputError, type ModelContract } from "../../engine/pipeline/mod.ts";
import { phantomStudy } from "../../plugins/demonstration/phantom.ts";
import denoisePlugin from "../../plugins/denoise/denoise.ts";
import { denoisers } from "../../plugins/denoise/denoisers.ts";
import { withNoise } from "../../plugins/denoise/noise.ts";
import { hostTensor, randomTensor } from "../../shaders/cases.ts";
import { filters, type HostTensor } from "../../shaders/mod.ts";
import { buildModel, floats, ints } from "../onnx_builder.ts";
import { assertClose, runStage } from "../stage_runner.ts";

Deno.test("denoise runs the filter of choice with its own options", async () => {
  const image = randomTensor([1, 20, 23], { seed: 50 });
  const median = filters.median.twin([image], filters.median.options.parse({ radius: 1 }))[0];
  assertClose((await runStage(denoisePlugin, { filter: "median", radius: 1 }, { image })).values.image, median, 0);
  const light = filters.gaussian.twin([image], filters.gaussian.options.parse({ sigmaPx: 0.4 }))[0];
  assertClose((await runStage(denoisePlugin, {}, { image })).values.image, light, 1e-5);
  const gaussian = filters.gaussian.twin([image], filters.gaussian.options.parse({ sigmaPx: [2, 1] }))[0];
  const inMm = { filter: "gaussian", sigmaMm: 2 };
  const geometry = geometryOfSpacing([1, 2]);
  assertClose((await runStage(denoisePlugin, inMm, { image, geometry })).values.image, gaussian, 1e-5);
  const thick = { filter: "anisotropic", kappa: 0.1 };
  const anisotropic = filters.anisotropic.twin(
    [image],
    filters.anisotropic.options.parse({ kappa: 0.1, spacing: [1, 2] }),
  );
  assertClose((await runStage(denoisePlugin, thick, { image, geometry })).values.image, anisotropic[0], 1e-5);
  assertEquals((await runStage(denoisePlugin, { filter: "none" }, { image })).values, {});
});

Deno.test("denoise says what is wrong with its options", async () => {
  const [stage] = denoisePlugin.stages ?? [];
  assertThrows(() => stage.options.parse({ filter: "sharpen" }), RangeError, "wavelet, wiener, autoencoder, none");
  assertThrows(() => stage.options.parse({ filter: "median", sigmaPx: 2 }), RangeError, "sigmaPx");
  assertThrows(() => stage.options.parse({ filter: "none", radius: 2 }), RangeError, "radius");
  assertThrows(() => stage.options.parse({ filter: "gaussian", sigmaMm: 1, spacing: [1, 1] }), RangeError, "spacing");
  assertThrows(
    () => stage.options.parse({ filter: "nlm", strength: 1, calibrate: true }),
    RangeError,
    "calibrate chooses",
  );
  assertThrows(() => stage.options.parse({ filter: "autoencoder" }), RangeError, "model is not given");
  assertThrows(() => stage.options.parse({ model: "models/x", radius: 1 }), RangeError, "takes model only");
  for (const shape of [[1, 1, 50], [1, 1, 1], [1, 2, 2]]) {
    const row = randomTensor(shape, { seed: 51 });
    const calibrated = () => runStage(denoisePlugin, { filter: "nlm", calibrate: true }, { image: row });
    await assertRejects(calibrated, InputError, "Cannot denoise case.png as nlm can't be calibrated");
  }
  const image = randomTensor([1, 20, 23], { seed: 50 });
  await assertRejects(
    () => runStage(denoisePlugin, { filter: "gaussian", sigmaMm: 1 }, { image }),
    InputError,
    "give sigmaPx",
  );
});

/** A slice of the phantom with a lesion of two pixels in its white matter, with and without noise of 4 % of the tissue. */
function lesion(): { clean: HostTensor; noisy: HostTensor; at: number } {
  const { slices: [slice], width, height } = phantomStudy({ seed: 4, slices: 1, size: 128 });
  const at = 52 * width + 50;
  const pixels = slice.pixels.slice();
  const around = pixels[at - 3];
  for (const place of [at, at + 1]) pixels[place] = around + 260;
  const shape = [1, height, width];
  const noisy = withNoise(pixels, "rician", 14, 7);
  return { clean: hostTensor(pixels, shape), noisy: hostTensor(noisy, shape), at };
}

/** How much the lesion's two pixels stand out from the ring around them. */
function contrast(data: ArrayLike<number>, at: number, width: number): number {
  const ring = [-3, 4, -3 * width, 3 * width, -3 * width + 1, 3 * width + 1].map((step) => Number(data[at + step]));
  const middle = ring.sort((a, b) => a - b)[3];
  return (Number(data[at]) + Number(data[at + 1])) / 2 - middle;
}

/** Their smallest window has 9 pixels, of which the lesion fills 2: they take it away whatever the setting. */
const windows = ["mean", "median"];

for (const filter of Object.keys(denoisers)) {
  Deno.test(`a calibrated ${filter} takes one readback, says what it chose, and keeps a lesion of two pixels`, async () => {
    const { clean, noisy, at } = lesion();
    const width = noisy.shape[2];
    const { values, measures, readbacks } = await runStage(denoisePlugin, { filter, calibrate: true }, {
      image: noisy,
    });
    assertEquals(readbacks, 1);
    const { chosen, losses } = measures?.denoise as { chosen: Record<string, number>; losses: number[] };
    const grid = denoisers[filter].grid(2);
    assertEquals(Object.keys(chosen), Object.keys(grid));
    for (const [name, value] of Object.entries(chosen)) assert(grid[name].includes(value), `${name} ${value}`);
    assertEquals(losses.length, Object.values(grid).reduce((product, { length }) => product * length, 1));
    const kept = contrast(values.image.data as Float32Array, at, width) / contrast(clean.data, at, width);
    assert(kept > (windows.includes(filter) ? 0 : 0.6), `${filter} leaves ${kept} of the lesion's contrast`);
  });
}

Deno.test("the shipped autoencoder keeps a lesion of two pixels", async () => {
  const folder = new URL("../../models/denoise_autoencoder/", import.meta.url);
  const contract: ModelContract = JSON.parse(await Deno.readTextFile(new URL("model.json", folder)));
  const model = { bytes: await Deno.readFile(new URL("model.onnx", folder)), contract };
  const { clean, noisy, at } = lesion();
  const { values } = await runStage(denoisePlugin, { model: "models/denoise_autoencoder" }, { image: noisy, model });
  const width = noisy.shape[2];
  const kept = contrast(values.image.data as Float32Array, at, width) / contrast(clean.data, at, width);
  assert(kept > 0.6, `the autoencoder leaves ${kept} of the lesion's contrast`);
});

const average: ModelContract = {
  name: "average",
  task: "denoising",
  input: { name: "noisy", channels: 1, size: [4, 4] },
  normalization: { kind: "standardize", over: "input" },
  output: { name: "clean" },
  classes: [],
};

Deno.test("denoise runs a network on each channel and slice, in the image's unit and size", async () => {
  const bytes = buildModel({
    inputs: { noisy: ["N", 1, "H", "W"] },
    outputs: ["clean"],
    constants: { weights: floats([1, 1, 3, 3], new Array(9).fill(1 / 9)), pads: ints([0, 0, 1, 1, 0, 0, 1, 1]) },
    nodes: [
      ["Pad", ["noisy", "pads"], ["padded"], { mode: "edge" }],
      ["Conv", ["padded", "weights"], ["clean"]],
    ],
  });
  for (const shape of [[1, 8, 12], [2, 7, 10], [1, 3, 5, 6]]) {
    const image = randomTensor(shape, { seed: 51, min: 100, max: 900 });
    const mean =
      filters.mean.twin([image], filters.mean.options.parse({ radius: 1, border: "nearest", slicewise: true }))[0];
    const { values } = await runStage(denoisePlugin, { model: "models/average" }, {
      image,
      model: { bytes, contract: average },
    });
    assertClose(values.image, mean, 1e-2);
  }
  const [stage] = denoisePlugin.stages ?? [];
  assertEquals(stage.refuses?.(average, {} as never), undefined);
  assert(stage.refuses?.({ ...average, task: "segmentation" }, {} as never)?.includes("task"));
});

Deno.test("padding stays as it is, and filters and networks see the least measured value there", async () => {
  const image = randomTensor([1, 18, 20], { seed: 52, min: 100, max: 900 });
  const isPadding = (i: number) => i % 20 < 6;
  const measured = image.data.filter((_, i) => !isPadding(i));
  const [least, greatest] = [Math.min(...measured), Math.max(...measured)];
  const filled = { ...image, data: image.data.map((value, i) => isPadding(i) ? least : value) };
  const padded = { ...image, data: image.data.map((value, i) => isPadding(i) ? -3000.5 : value) };
  const valid = { ...image, data: image.data.map((_, i) => Number(!isPadding(i))) };
  const kept = (clean: HostTensor) => ({
    ...clean,
    data: clean.data.map((value, i) => isPadding(i) ? -3000.5 : value),
  });
  const given = { image: padded, padding: { valid, least, greatest } };
  const [median] = filters.median.twin([filled], filters.median.options.parse({ radius: 1 }));
  assertClose((await runStage(denoisePlugin, { filter: "median", radius: 1 }, given)).values.image, kept(median), 0);
  const chosen = await runStage(denoisePlugin, { filter: "gaussian", calibrate: true }, given);
  const same = await runStage(denoisePlugin, { filter: "gaussian", calibrate: true }, { image: filled });
  assertEquals(chosen.measures, same.measures);
  // A network that gives back what it is given, times two about the mean: that of the measured values.
  const bytes = buildModel({
    inputs: { noisy: ["N", 1, "H", "W"] },
    outputs: ["clean"],
    nodes: [["Add", ["noisy", "noisy"], ["clean"]]],
  });
  const mean = measured.reduce((a, b) => a + b) / measured.length;
  const doubled = { ...image, data: image.data.map((value) => mean + 2 * (value - mean)) };
  const model = { bytes, contract: average };
  assertClose(
    (await runStage(denoisePlugin, { model: "models/average" }, { ...given, model })).values.image,
    kept(doubled),
    1e-2,
  );
});
