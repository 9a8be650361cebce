/** The stages on the device, beside the same steps done by the twins of the operations. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  geometryOfSpacing,
  InputError,
  type ModelContract,
  type Truth,
  unknownGeometry,
} from "../../engine/pipeline/mod.ts";
import classifyPlugin from "../../plugins/classify/classify.ts";
import cropPlugin from "../../plugins/crop/crop.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import { filledTensor, hostTensor, tensorOf } from "../../shaders/cases.ts";
import { type HostTensor, image as ops } from "../../shaders/mod.ts";
import { buildModel, floats, ints } from "../onnx_builder.ts";
import { assertClose, runStage } from "../stage_runner.ts";

const twin = {
  resample: (x: HostTensor, size: number[], method: "linear" | "area") => ops.resample.twin([x], { size, method })[0],
  fit: (x: HostTensor, size: number[]) => ops.fit.twin([x], { size })[0],
  standardize: (x: HostTensor, of: HostTensor) =>
    ops.standardize.twin([x, ops.statistics.twin([of], { foreground: 0.02 })[0]], { inverse: false })[0],
  map: (x: HostTensor, f: (value: number) => number): HostTensor => ({ ...x, data: x.data.map(f) }),
};

// A disk brighter than its surroundings, and a small one apart.
const scene = (h: number, w: number): HostTensor =>
  tensorOf([1, h, w], (i) => {
    const [x, y] = [i % w, Math.floor(i / w)];
    const isInside = (cx: number, cy: number, radius: number) => Math.hypot(x - cx * w, y - cy * h) < radius * w;
    return isInside(0.6, 0.5, 0.15)
      ? 200
      : isInside(0.2, 0.3, 0.05)
      ? 220
      : 40 + 20 * Math.sin(x / 3) * Math.cos(y / 4);
  });

const normalization = { kind: "standardize", foreground: 0.02 };
const segmentation = {
  bytes: buildModel({
    inputs: { image: ["N", 1, 32, 32] },
    outputs: ["probability"],
    nodes: [["Sigmoid", ["image"], ["probability"]]],
  }),
  contract: {
    name: "bright",
    task: "segmentation",
    input: { name: "image", channels: 1, size: [32, 32], spacingMm: [2, 2] },
    normalization: { ...normalization, over: "input" },
    output: { name: "probability", threshold: 0.75 },
    classes: ["bright"],
  } satisfies ModelContract,
};

/** What `segment` should give. */
function segmented(image: HostTensor, resampled: number[], method: "linear" | "area", largest: boolean) {
  const size = image.shape.slice(1);
  const input = twin.fit(twin.resample(image, resampled, method), [32, 32]);
  const probability = twin.map(twin.standardize(input, input), (x) => 1 / (1 + Math.exp(-x)));
  const maps = twin.resample(twin.fit(probability, resampled), size, "linear");
  const mask = { ...twin.map(maps, (x) => x > 0.75 ? 1 : 0), shape: size };
  return { maps, mask: largest ? ops.largestComponent.twin([mask], {})[0] : mask };
}

Deno.test("segment resamples to the model's mm, pads, and puts the mask back on the image's grid", async () => {
  const image = scene(50, 44);
  const expected = segmented(image, [25, 22], "area", true);
  const { values, warnings } = await runStage(segmentPlugin, {}, {
    image,
    geometry: geometryOfSpacing([1, 1]),
    model: segmentation,
  });
  assertClose(values.maps, expected.maps, 1e-5);
  assertClose(values.mask, expected.mask, 0);
  assertEquals(warnings, []);
});

Deno.test("segment crops about the center what doesn't fit the model", async () => {
  const image = scene(41, 44);
  const expected = segmented(image, [82, 88], "linear", true);
  const { values } = await runStage(segmentPlugin, {}, {
    image,
    geometry: geometryOfSpacing([4, 4]),
    model: segmentation,
  });
  assertClose(values.maps, expected.maps, 1e-5);
  assertClose(values.mask, expected.mask, 0);
});

Deno.test("segment scales an image of unknown spacing to the model's matrix and says so", async () => {
  const image = scene(50, 44);
  const expected = segmented(image, [32, 32], "area", false);
  const { values, warnings } = await runStage(segmentPlugin, { largest: false }, { image, model: segmentation });
  assertClose(values.mask, expected.mask, 0);
  assert(expected.mask.data.some((value, i) => value === 1 && i % 44 < 15), "the smaller disk stays without largest");
  assertEquals(warnings.length, 1);
});

Deno.test("segment gives an empty mask where nothing is above the threshold", async () => {
  const image = filledTensor([1, 20, 20], 0);
  const { values } = await runStage(segmentPlugin, {}, { image, model: segmentation });
  assertEquals(values.mask.data, new Float32Array(400));
});

Deno.test("segment by a network of crops sees the box, and puts its region back into it", async () => {
  const image = scene(50, 44);
  const { input, ...rest } = segmentation.contract;
  const crop = { margin: 1.5, sampledAt: [64, 64] };
  const model = { bytes: segmentation.bytes, contract: { ...rest, input: { ...input, crop } } };
  const boxes = hostTensor([5, 10.5, 41, 46.5], [1, 4]);
  const seen = ops.crop.twin([image, boxes], { size: [64, 64] })[0];
  const small = twin.resample({ ...seen, shape: [1, 64, 64] }, [32, 32], "area");
  const probability = twin.map(twin.standardize(small, small), (x) => 1 / (1 + Math.exp(-x)));
  const patch = { ...probability, shape: [1, 1, 32, 32] };
  const maps = ops.paste.twin([filledTensor([1, 50, 44], 0), patch, boxes], {})[0];
  const mask = ops.largestComponent.twin([{ ...twin.map(maps, (x) => x > 0.75 ? 1 : 0), shape: [50, 44] }], {})[0];
  const { values, warnings } = await runStage(segmentPlugin, {}, { image, boxes, model });
  assertClose(values.maps, maps, 1e-4);
  assertClose(values.mask, mask, 0);
  assert(mask.data.includes(1) && warnings.length === 0);
  const none = await runStage(segmentPlugin, {}, { image, boxes: filledTensor([1, 4], 0), model });
  assertEquals(none.values.mask.data, new Float32Array(50 * 44));
  const run = (given: { image: HostTensor; boxes?: HostTensor }) => runStage(segmentPlugin, {}, { ...given, model });
  await assertRejects(() => run({ image }), InputError, "put stage crop before segment");
  await assertRejects(() => run({ image: filledTensor([1, 2, 8, 8], 0), boxes }), InputError, "acquire.series=slices");
});

Deno.test("segment gives what the network says of the image besides its region", async () => {
  const image = scene(40, 40);
  const model = {
    bytes: buildModel({
      inputs: { image: ["N", 1, 32, 32] },
      outputs: ["probability", "presence", "unfamiliarity"],
      nodes: [
        ["Sigmoid", ["image"], ["probability"]],
        ["GlobalMaxPool", ["probability"], ["most"]],
        ["Flatten", ["most"], ["presence"], { axis: 1 }],
        ["GlobalMaxPool", ["image"], ["greatest"]],
        ["Flatten", ["greatest"], ["unfamiliarity"], { axis: 1 }],
      ],
    }),
    contract: {
      ...segmentation.contract,
      presence: { output: "presence", threshold: 0.5 },
      unfamiliarity: { output: "unfamiliarity", threshold: 3 },
    },
  };
  const { values } = await runStage(segmentPlugin, {}, { image, geometry: geometryOfSpacing([2, 2]), model });
  const input = twin.fit(twin.resample(image, [40, 40], "linear"), [32, 32]);
  const greatest = Math.max(...twin.standardize(input, input).data);
  assertClose(values["segment.evidence.unfamiliarity"], hostTensor([greatest], [1, 1]), 1e-4);
  assertClose(values["segment.evidence.presence"], hostTensor([1 / (1 + Math.exp(-greatest))], [1, 1]), 1e-5);
});

Deno.test("segment refuses models of another kind", () => {
  const [stage] = segmentPlugin.stages ?? [];
  assertEquals(stage.refuses?.(segmentation.contract, {} as never), undefined);
  const refused = stage.refuses?.({ ...segmentation.contract, task: "classification" }, {} as never);
  assert(refused?.startsWith("task of its model.json"), refused);
});

const mask = tensorOf([50, 44], (i) => i % 44 >= 20 && i % 44 < 40 && Math.floor(i / 44) >= 10 && i < 44 * 40 ? 1 : 0);

Deno.test("crop cuts out the square around the mask, or around the true one", async () => {
  const image = scene(50, 44);
  // The region is 20 wide and 30 high about (30, 25): a square of 45.
  const boxes = hostTensor([7.5, 2.5, 52.5, 47.5], [1, 4]);
  const crops = ops.crop.twin([image, boxes], { size: [128, 128] })[0];
  const tensor = { dtype: "u8", shape: mask.shape, data: Uint8Array.from(mask.data) } as const;
  const truth: Truth = { class: "bright", mask: { tensor, geometry: unknownGeometry(2) } };
  for (const [options, given] of [[{}, { mask }], [{ from: "truth" }, { truth }]] as const) {
    const { values } = await runStage(cropPlugin, options, { image, ...given });
    assertClose(values.boxes, boxes, 0);
    assertClose(values.crops, crops, 1e-2);
  }
});

Deno.test("crop gives an empty box where nothing was found or nothing is there", async () => {
  const image = scene(50, 44);
  for (
    const [options, given] of [[{}, { mask: filledTensor([50, 44], 0) }], [{ from: "truth" }, {
      truth: { class: "none" },
    }]] as const
  ) {
    const { values } = await runStage(cropPlugin, options, { image, ...given });
    assertEquals(values.boxes.data, new Float32Array(4));
    assertEquals(values.crops.data, new Float32Array(128 * 128));
  }
});

// Boxes in pixels of the model's grid of 32 x 32 at 2 mm; the image of 50 x 44 at 1 mm lies on it as 25 x 22, shifted by 3 and 5.
const detection = (scores: number[]) => ({
  bytes: buildModel({
    inputs: { image: [1, 1, "H", "W"] },
    outputs: ["boxes", "scores"],
    constants: {
      found: floats([2, 4], [6, 5, 9, 8, 10, 13, 20, 18]),
      sure: floats([2], scores),
      nothing: floats([1], [0]),
      all: ints([-1]),
    },
    nodes: [
      ["GlobalMaxPool", ["image"], ["greatest"]],
      ["Flatten", ["greatest"], ["flat"]],
      ["Mul", ["flat", "nothing"], ["zero"]],
      ["Add", ["found", "zero"], ["boxes"]],
      ["Add", ["sure", "zero"], ["row"]],
      ["Reshape", ["row", "all"], ["scores"]],
    ],
  }),
  contract: {
    ...segmentation.contract,
    name: "finder",
    task: "detection",
    output: { boxes: "boxes", scores: "scores", threshold: 0.4 },
  } satisfies ModelContract,
});

Deno.test("crop cuts out the square about the surest detection, put back onto the image's grid", async () => {
  const image = scene(50, 44);
  const given = { image, geometry: geometryOfSpacing([1, 1]), model: detection([0.3, 0.6]) };
  const { values, measures } = await runStage(cropPlugin, { from: "detector", margin: 1.5, minSide: 4 }, given);
  // x 10 to 20 less 5, y 13 to 18 less 3, twice as many pixels: 10 to 30 and 20 to 30; a square of 30 about (20, 25).
  assertClose(values.boxes, hostTensor([5, 10, 35, 40], [1, 4]), 1e-4);
  const crops = ops.crop.twin([image, hostTensor([5, 10, 35, 40], [1, 4])], { size: [128, 128] })[0];
  assertClose(values.crops, crops, 1e-2);
  assertEquals((measures?.detection as { found: boolean }).found, true);
});

Deno.test("crop by a detector gives an empty box where no score reaches the model's threshold, and takes gray slices only", async () => {
  const image = scene(50, 44);
  const { values, measures } = await runStage(cropPlugin, { from: "detector" }, {
    image,
    model: detection([0.1, 0.3]),
  });
  assertEquals(values.boxes.data, new Float32Array(4));
  assertEquals((measures?.detection as { found: boolean }).found, false);
  const refused = (shape: number[]) =>
    assertRejects(
      () => runStage(cropPlugin, { from: "detector" }, { image: filledTensor(shape, 0), model: detection([1, 1]) }),
      InputError,
      "case.png",
    );
  await refused([3, 8, 8]);
  await refused([1, 2, 8, 8]);
});

Deno.test("crop says which mask it lacks", async () => {
  const image = scene(50, 44);
  await assertRejects(() => runStage(cropPlugin, {}, { image }), InputError, "add stage segment");
  await assertRejects(() => runStage(cropPlugin, { from: "truth" }, { image }), InputError, "--truth");
  const tensor = { dtype: "u8", shape: [4, 4], data: new Uint8Array(16) } as const;
  const truth: Truth = { mask: { tensor, geometry: unknownGeometry(2) } };
  await assertRejects(() => runStage(cropPlugin, { from: "truth" }, { image, truth }), InputError, "[4,4]");
});

const classification = {
  bytes: buildModel({
    inputs: { crop: ["N", 1, 8, 8] },
    outputs: ["probabilities"],
    constants: { weights: floats([1, 3], [2, -1, 0.5]) },
    nodes: [
      ["GlobalAveragePool", ["crop"], ["mean"]],
      ["Flatten", ["mean"], ["flat"]],
      ["MatMul", ["flat", "weights"], ["scores"]],
      ["Softmax", ["scores"], ["probabilities"]],
    ],
  }),
  contract: {
    name: "kinds",
    task: "classification",
    input: { name: "crop", channels: 1, size: [8, 8], crop: { margin: 1.5, sampledAt: [16, 16] } },
    normalization: { ...normalization, over: "slice" },
    output: { name: "probabilities" },
    classes: ["bright", "none", "gray"],
  } satisfies ModelContract,
};

Deno.test("classify sees the boxes of the standardized image; an empty box is none", async () => {
  const image = scene(50, 44);
  const boxes = hostTensor([7.5, 2.5, 52.5, 47.5, 0, 0, 0, 0], [2, 4]);
  const standardized = twin.standardize(image, image);
  const crops = twin.resample(ops.crop.twin([standardized, boxes], { size: [16, 16] })[0], [8, 8], "area");
  const mean = crops.data.slice(0, 64).reduce((sum, x) => sum + x, 0) / 64;
  const scores = [2, -1, 0.5].map((weight) => Math.exp(weight * mean));
  const sum = scores.reduce((a, b) => a + b);
  const { values, labels } = await runStage(classifyPlugin, {}, { image, boxes, model: classification });
  assertClose(values.classes, hostTensor([...scores.map((score) => score / sum), 0, 1, 0], [2, 3]), 1e-5);
  assertEquals(labels, ["bright", "none", "gray"]);
});

Deno.test("classify refuses a model without the class none", () => {
  const [stage] = classifyPlugin.stages ?? [];
  assertEquals(stage.refuses?.(classification.contract, {} as never), undefined);
  const refused = stage.refuses?.({ ...classification.contract, classes: ["a", "b"] }, {} as never);
  assert(refused?.includes('must have the class "none"'), refused);
});
