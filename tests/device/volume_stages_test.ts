/** The stages with volumes, beside the same stages slice by slice and the twins of the operations. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Geometry,
  geometryOfAffine,
  geometryOfSpacing,
  InputError,
  type ModelContract,
} from "../../engine/pipeline/mod.ts";
import classifyPlugin from "../../plugins/classify/classify.ts";
import cropPlugin from "../../plugins/crop/crop.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import { hostTensor, tensorOf } from "../../shaders/cases.ts";
import { type HostTensor, image as ops, nn } from "../../shaders/mod.ts";
import { buildModel, floats } from "../onnx_builder.ts";
import { assertClose, runStage } from "../stage_runner.ts";

/** A ball brighter than its surroundings and a small one apart, different in each direction. */
function scene([depth, height, width]: readonly number[]): HostTensor {
  return tensorOf([1, depth, height, width], (i) => {
    const [x, y, z] = [i % width, Math.floor(i / width) % height, Math.floor(i / width / height)];
    const isInside = (cx: number, cy: number, cz: number, radius: number) =>
      Math.hypot((x + 0.5) / width - cx, (y + 0.5) / height - cy, (z + 0.5) / depth - cz) < radius;
    if (isInside(0.62, 0.55, 0.45, 0.2)) return 200;
    if (isInside(0.2, 0.25, 0.7, 0.09)) return 230;
    return 40 + 10 * Math.sin(x / 3 + z) * Math.cos(y / 4);
  });
}

// Not the same under a flip: the map leans to the left and upward by a pixel.
const model = (contract: Partial<ModelContract["input"]> = {}) => ({
  bytes: buildModel({
    inputs: { image: ["N", 1, 24, 24] },
    outputs: ["probability", "presence", "unfamiliarity"],
    constants: { kernel: floats([1, 1, 3, 3], [0, 0, 0, 0, 0.5, 0.3, 0, 0.2, 0]) },
    nodes: [
      ["Conv", ["image", "kernel"], ["leaning"], { pads: [1, 1, 1, 1] }],
      ["Sigmoid", ["leaning"], ["probability"]],
      ["GlobalMaxPool", ["probability"], ["most"]],
      ["Flatten", ["most"], ["presence"], { axis: 1 }],
      ["GlobalMaxPool", ["image"], ["greatest"]],
      ["Flatten", ["greatest"], ["unfamiliarity"], { axis: 1 }],
    ],
  }),
  contract: {
    name: "bright",
    task: "segmentation",
    input: { name: "image", channels: 1, size: [24, 24], spacingMm: [2, 2], ...contract },
    normalization: { kind: "standardize", foreground: 0.02, over: "input" },
    output: { name: "probability", threshold: 0.75 },
    presence: { output: "presence", threshold: 0.5 },
    unfamiliarity: { output: "unfamiliarity", threshold: 3 },
    classes: ["bright"],
  } satisfies ModelContract,
});

const slicesOf = ({ shape: [, depth, height, width], data }: HostTensor): HostTensor[] =>
  Array.from({ length: depth }, (_, z) => ({
    dtype: "f32",
    shape: [1, height, width],
    data: data.slice(z * height * width, (z + 1) * height * width),
  }));

const permuted = (x: HostTensor, permutation: number[]) => nn.transpose.twin([x], { permutation })[0];
const flipped = (x: HostTensor, axes: number[]) =>
  nn.slice.twin([x], {
    starts: x.shape.map((size, axis) => axes.includes(axis) ? size - 1 : 0),
    steps: x.shape.map((_, axis) => axes.includes(axis) ? -1 : 1),
    sizes: x.shape,
  })[0];

Deno.test("a volume is segmented as its slices are, in batches of them", async () => {
  // 19 slices: a batch of 16 and one of 3; pixels that are not square.
  for (const [size, spacing] of [[[19, 33, 40], [3, 2.6, 1.7]], [[1, 20, 24], [5, 2, 2]]]) {
    const image = scene(size);
    const given = { geometry: geometryOfSpacing(spacing), model: model() };
    const { values, warnings, readbacks } = await runStage(segmentPlugin, { largest: false }, { image, ...given });
    assertEquals([values.mask.shape, warnings, readbacks], [size, [], 0]);
    let set = 0;
    for (const [z, slice] of slicesOf(image).entries()) {
      const { values: alone } = await runStage(segmentPlugin, { largest: false }, {
        image: slice,
        ...given,
        geometry: geometryOfSpacing(spacing.slice(1)),
      });
      const pixels = size[1] * size[2];
      const found = Array.from(values.mask.data.slice(z * pixels, (z + 1) * pixels), Number);
      const differ = found.filter((value, at) => value !== Number(alone.mask.data[at])).length;
      // A pixel within rounding of the threshold may go either way.
      assert(differ <= 1, `slice ${z}: ${differ} pixels`);
      set += found.reduce((sum, value) => sum + value);
      for (const name of ["segment.evidence.presence", "segment.evidence.unfamiliarity"]) {
        const [one, all] = [Number(alone[name].data[0]), Number(values[name].data[z])];
        assert(Math.abs(one - all) < 1e-4, `${name} of slice ${z}: ${all} instead of ${one}`);
      }
    }
    assert(set > 50, "something is found");
  }
});

Deno.test("the largest component of a volume goes through its slices", async () => {
  const image = scene([12, 48, 48]);
  const given = { image, geometry: geometryOfSpacing([4, 1, 1]), model: model() };
  const [all, one] = [
    await runStage(segmentPlugin, { largest: false }, given),
    await runStage(segmentPlugin, {}, given),
  ];
  const mask = {
    dtype: "f32",
    shape: all.values.mask.shape,
    data: Float64Array.from(all.values.mask.data, Number),
  } as const;
  const [expected] = ops.largestComponent.twin([mask], {});
  assertEquals(Array.from(one.values.mask.data, Number), Array.from(expected.data));
  assert(mask.data.reduce((a, b) => a + b) > expected.data.reduce((a, b) => a + b), "the small ball was found as well");
});

Deno.test("slices are cut along the plane of the training and turned as they are looked at", async () => {
  const image = scene([20, 24, 28]);
  const upright = geometryOfSpacing([2.5, 2, 1.5]);
  const { values: expected } = await runStage(segmentPlugin, { largest: false }, {
    image,
    geometry: upright,
    model: model({ plane: "axial" }),
  });
  // The same head stored with sagittal slices from right to left, rows to the feet and columns to the front.
  const stored = flipped(permuted(image, [0, 3, 1, 2]), [2, 3]);
  const sagittal: Geometry = geometryOfAffine([0, 0, 1.5, 0, -2, 0, 0, 46, 0, -2.5, 0, 47.5, 0, 0, 0, 1], 3);
  const { values } = await runStage(segmentPlugin, { largest: false }, {
    image: stored,
    geometry: sagittal,
    model: model({ plane: "axial" }),
  });
  const back = permuted(
    flipped({ dtype: "f32", shape: values.mask.shape, data: Float64Array.from(values.mask.data, Number) }, [1, 2]),
    [1, 2, 0],
  );
  const differ = back.data.reduce((sum, value, at) => sum + Number(value !== Number(expected.mask.data[at])), 0);
  assert(differ <= 2, `${differ} voxels differ`);
  assert(back.data.reduce((a, b) => a + b) > 100);
});

Deno.test("a volume of several channels and an image for a network of volumes are refused with a remedy", async () => {
  const image = tensorOf([2, 3, 8, 8], (i) => i);
  await assertRejects(() => runStage(segmentPlugin, {}, { image, model: model() }), InputError, "one by one");
});

Deno.test("crop cuts a volume where its mask is the largest, by a box that is square in millimeters", async () => {
  const image = scene([7, 30, 40]);
  // Slice 4 has the most: 10 columns of 1.5 mm, 12 rows of 2 mm; margin 1.5: 36 mm.
  const mask = tensorOf([7, 30, 40], (i) => {
    const [x, y, z] = [i % 40, Math.floor(i / 40) % 30, Math.floor(i / 1200)];
    return x >= 10 && x < 20 && y >= 8 && y < (z === 4 ? 20 : z === 2 ? 12 : 8) ? 1 : 0;
  });
  const boxes = hostTensor([15 - 12, 14 - 9, 15 + 12, 14 + 9], [1, 4]);
  const [crops] = ops.crop.twin([slicesOf(image)[4], boxes], { size: [32, 32] });
  const options = { minSide: 1, size: 32 };
  const { values } = await runStage(cropPlugin, options, { image, mask, geometry: geometryOfSpacing([4, 2, 1.5]) });
  assertClose(values.boxes, boxes, 1e-5);
  assertClose(values["boxes.slices"], hostTensor([4], [1]), 0);
  assertClose(values.crops, crops, 1e-2);
});

Deno.test("classify sees the slice of a box as such slices are looked at", async () => {
  const image = scene([5, 24, 28]);
  // The mean over the crop's upper left quarter, which a flip or a transposition would change.
  const weights = Array.from({ length: 64 }, (_, i) => i % 8 < 4 && i < 32 ? 1 / 16 : 0);
  const model = {
    bytes: buildModel({
      inputs: { crop: ["N", 1, 8, 8] },
      outputs: ["probabilities"],
      constants: { weights: floats([64, 2], weights.flatMap((w) => [w, -w])) },
      nodes: [
        ["Flatten", ["crop"], ["flat"]],
        ["MatMul", ["flat", "weights"], ["scores"]],
        ["Softmax", ["scores"], ["probabilities"]],
      ],
    }),
    contract: {
      name: "kinds",
      task: "classification",
      input: { name: "crop", channels: 1, size: [8, 8], crop: {} },
      normalization: { kind: "standardize", over: "slice" },
      output: { name: "probabilities" },
      classes: ["bright", "none"],
    } satisfies ModelContract,
  };
  const box = [12, 8, 24, 20];
  const upright = { image: slicesOf(image)[2], boxes: hostTensor(box, [1, 4]), model };
  const { values: expected } = await runStage(classifyPlugin, {}, upright);
  // Stored with rows to the front and columns to the right, slices upward.
  const stored = flipped(image, [2, 3]);
  const geometry = geometryOfAffine([-1, 0, 0, 27, 0, -1, 0, 23, 0, 0, 2, 0, 0, 0, 0, 1], 3);
  const { values } = await runStage(classifyPlugin, {}, {
    image: stored,
    geometry,
    boxes: hostTensor([28 - 24, 24 - 20, 28 - 12, 24 - 8], [1, 4]),
    slices: hostTensor([2], [1]),
    model,
  });
  assert(Math.abs(Number(expected.classes.data[0]) - 0.5) > 0.05);
  assertClose(values.classes, {
    ...expected.classes,
    dtype: "f32",
    data: Float64Array.from(expected.classes.data, Number),
  }, 1e-5);
});

Deno.test("padding is no edge for a network, and nothing is found in it", async () => {
  const image = scene([4, 30, 32]);
  const geometry = geometryOfSpacing([3, 2, 2]);
  const isPadding = (i: number) => Math.hypot(i % 32 - 16, Math.floor(i / 32) % 30 - 15) > 11;
  const padded = { ...image, data: image.data.map((value, i) => isPadding(i) ? 3000 : value) };
  const least = image.data.reduce((most, value, i) => isPadding(i) ? most : Math.min(most, value), Infinity);
  const greatest = image.data.reduce((most, value, i) => isPadding(i) ? most : Math.max(most, value), -Infinity);
  // Below the fraction of the greatest value that counts for the mean: nothing that was measured is.
  const background = 0.9 * 0.02 * greatest;
  assert(background < least);
  const filled = { ...image, data: image.data.map((value, i) => isPadding(i) ? background : value) };
  const valid = tensorOf(image.shape, (i) => Number(!isPadding(i)));
  for (const part of [(x: HostTensor) => x, (x: HostTensor) => slicesOf(x)[2]]) {
    const given = {
      geometry: part(image).shape.length === 4 ? geometry : geometryOfSpacing([2, 2]),
      model: model(),
    };
    const { values } = await runStage(segmentPlugin, { largest: false }, {
      ...given,
      image: part(padded),
      padding: { valid: part(valid), least, greatest },
    });
    const { values: wanted } = await runStage(segmentPlugin, { largest: false }, { ...given, image: part(filled) });
    const measured = part(valid).data;
    const expected = Array.from(wanted.mask.data as Float32Array, (value, at) => Number(value) * measured[at]);
    assertEquals(Array.from(values.mask.data, Number), expected);
    assert(expected.includes(1), "something is found");
  }
});

Deno.test("a network standardized over all pixels sees the measured ones as if there were no padding", async () => {
  const seen = (given: Partial<ModelContract["input"]>, bytes: Uint8Array) => ({
    bytes,
    contract: {
      ...model().contract,
      presence: undefined,
      unfamiliarity: undefined,
      input: { name: "image", channels: 1, size: [30, 40], ...given },
      normalization: { kind: "standardize", over: "input" },
      output: { name: "output", threshold: 0.25 },
    } satisfies ModelContract,
  });
  const identity = (size: (number | string)[]) =>
    buildModel({
      inputs: { image: ["N", 1, ...size] },
      outputs: ["output"],
      nodes: [["Identity", ["image"], ["output"]]],
    });
  // The first 12 columns are padding; the values elsewhere have the mean and deviation of the rest alone.
  const image = scene([3, 30, 40]);
  const isPadding = (i: number) => i % 40 < 12;
  const measured = image.data.filter((_, i) => !isPadding(i));
  const mean = measured.reduce((a, b) => a + b) / measured.length;
  const deviation = Math.sqrt(measured.reduce((sum, x) => sum + (x - mean) ** 2, 0) / measured.length);
  const padding = {
    valid: tensorOf(image.shape, (i) => Number(!isPadding(i))),
    least: Math.min(...measured),
    greatest: Math.max(...measured),
  };
  const padded = { ...image, data: image.data.map((value, i) => isPadding(i) ? -2000 : value) };
  const given = { image: padded, geometry: geometryOfSpacing([2, 2, 2]), padding };
  const expected = Array.from(image.data, (value, i) => Number(!isPadding(i) && (value - mean) / deviation > 0.25));
  for (const network of [seen({ size: [3, 30, 40] }, identity([3, 30, 40]))]) {
    const { values } = await runStage(segmentPlugin, { largest: false }, { ...given, model: network });
    assertEquals(Array.from(values.mask.data, Number), expected);
  }
  assert(expected.includes(1) && expected.includes(0));
});
