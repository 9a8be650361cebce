/** Segmentation of volumes by 3-D networks, beside the same steps done by the twins of the operations. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { geometryOfAffine, geometryOfSpacing, InputError, type ModelContract } from "../../engine/pipeline/mod.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import { tensorOf } from "../../shaders/cases.ts";
import { type HostTensor, image as ops, nn } from "../../shaders/mod.ts";
import { buildModel, floats } from "../onnx_builder.ts";
import { runStage } from "../stage_runner.ts";

const volume = (shape: readonly number[]): HostTensor =>
  tensorOf([1, ...shape], (i) => {
    const [d, h, w] = shape;
    const [x, y, z] = [i % w / w, Math.floor(i / w) % h / h, Math.floor(i / w / h) / d];
    return 100 * Math.sin(5 * x + 2 * y) * Math.cos(4 * z - y) + 3 * x;
  });

// Three maps of the value itself and of the one a voxel further along the first axis, so that axes matter.
const kernel = [0, 0, 0, 0.3, 0.4, 0.5, 0, 1, -1.5].map((value) => value);
const network = {
  bytes: buildModel({
    inputs: { image: ["N", 1, 8, 8, 8] },
    outputs: ["logits"],
    constants: { kernel: floats([3, 1, 3, 1, 1], kernel), bias: floats([3], [0, 0.1, -0.2]) },
    nodes: [["Conv", ["image", "kernel", "bias"], ["logits"], { pads: [1, 0, 0, 1, 0, 0] }]],
  }),
};

const contract = (input: Partial<ModelContract["input"]> = {}) =>
  ({
    name: "three",
    task: "segmentation",
    input: { name: "image", channels: 1, size: [8, 8, 8], spacingMm: [2, 1.5, 1.5], ...input },
    normalization: { kind: "fixed", low: -80, high: 90, mean: 5, deviation: 50 },
    output: { name: "logits", choice: "greatest" },
    classes: ["background", "first", "second"],
  }) satisfies ModelContract;

/** The network in f64 on a window `[8, 8, 8]`. */
function seen(window: HostTensor): HostTensor {
  const plane = 64;
  const data = new Float64Array(3 * 512);
  for (let c = 0; c < 3; c++) {
    for (let at = 0; at < 512; at++) {
      const z = Math.floor(at / plane);
      let sum = [0, 0.1, -0.2][c];
      for (let k = -1; k <= 1; k++) {
        if (z + k >= 0 && z + k < 8) sum += kernel[3 * c + k + 1] * window.data[at + k * plane];
      }
      data[c * 512 + at] = sum;
    }
  }
  return { dtype: "f32", shape: [1, 3, 8, 8, 8], data };
}

/** What `segment` should give of a volume at the model's axes. */
function expected(image: HostTensor, spacing: readonly number[], overlap: number): HostTensor {
  const own = image.shape.slice(1);
  const clipped = { ...image, data: image.data.map((x) => (Math.min(90, Math.max(-80, x)) - 5) / 50) };
  const size = own.map((n, axis) => Math.round(n * spacing[axis] / [2, 1.5, 1.5][axis]));
  const least = size.map((n, axis) => Math.min(n, own[axis]));
  const [shrunk] = ops.resample.twin([clipped], { size: least, method: "area" });
  const [scaled] = ops.resample.twin([shrunk], { size, method: "linear" });
  const enlarged = size.map((n) => Math.max(8, n)) as [number, number, number];
  const [padded] = ops.fit.twin([scaled], { size: enlarged });
  const starts = enlarged.map((n) => ops.windowStarts(n, 8, overlap)) as [number[], number[], number[]];
  const windows = starts[0].flatMap((z) =>
    starts[1].flatMap((y) =>
      starts[2].map((x) =>
        seen(nn.slice.twin([{ ...padded, shape: enlarged }], { starts: [z, y, x], sizes: [8, 8, 8] })[0])
      )
    )
  );
  const [blended] = ops.blendWindows.twin(windows, { size: enlarged, starts });
  const [maps] = ops.fit.twin([{ ...blended, shape: [3, ...enlarged] }], { size });
  const parsed = nn.resizeLabels.options.parse({ sizes: own, dtype: "f32" });
  return nn.resizeLabels.twin([{ ...maps, shape: [1, 3, ...size] }], parsed)[0];
}

const differing = (found: ArrayLike<number | bigint>, wanted: Float64Array) =>
  wanted.reduce((sum, value, at) => sum + Number(value !== Number(found[at])), 0);

Deno.test("a 3-D network sees a volume by windows at its own millimeters, and labels come back to the volume's grid", async () => {
  for (
    const [size, spacing, overlap] of [
      [[11, 20, 17], [3, 1, 1.2], 0.5],
      [[4, 9, 30], [2, 1.5, 1.5], 0.25],
      [[1, 12, 12], [2, 2, 2], 0.5],
    ] as const
  ) {
    const image = volume(size);
    const given = { image, geometry: geometryOfSpacing(spacing) };
    const { values, warnings, readbacks } = await runStage(segmentPlugin, {}, {
      ...given,
      model: { ...network, contract: contract({ overlap }) },
    });
    const wanted = expected(image, spacing, overlap);
    assertEquals([values.mask.shape, warnings, readbacks], [[...size], [], 0]);
    // Where two maps are within rounding of each other either label is right.
    assert(differing(values.mask.data, wanted.data) <= 2, `${differing(values.mask.data, wanted.data)} of ${size}`);
    assertEquals(new Set(wanted.data).size, 3, "all labels are there");
  }
});

Deno.test("a 2-D network whose model states an overlap sees slices and images by windows", async () => {
  const side = [8, 8];
  const weights = [0, 0, 0, 0.3, 0.4, 0.5, 0, 1, -1.5];
  const bytes = buildModel({
    inputs: { image: ["N", 1, ...side] },
    outputs: ["logits"],
    constants: { kernel: floats([3, 1, 3, 1], weights), bias: floats([3], [0, 0.1, -0.2]) },
    nodes: [["Conv", ["image", "kernel", "bias"], ["logits"], { pads: [1, 0, 1, 0] }]],
  });
  const own = { ...contract({ size: side, spacingMm: undefined, overlap: 0.5 }), normalization: { kind: "none" } };
  const model = { bytes, contract: own };
  for (const [depth, height, width] of [[3, 20, 13], [18, 8, 9], [1, 5, 20]]) {
    const image = volume([depth, height, width]);
    const [high, wide] = [Math.max(8, height), Math.max(8, width)];
    const [padded] = ops.fit.twin([image], { size: [high, wide] });
    const starts = [high, wide].map((length) => ops.windowStarts(length, 8, 0.5));
    const windows = starts[0].flatMap((y) =>
      starts[1].map((x) => {
        const [part] = nn.slice.twin([padded], { starts: [0, 0, y, x], sizes: [1, depth, ...side] });
        const [stack] = nn.transpose.twin([part], { permutation: [1, 0, 2, 3] });
        const inputs = [
          stack,
          { dtype: "f32", shape: [3, 1, 3, 1], data: Float64Array.from(weights) } as const,
          {
            dtype: "f32",
            shape: [3],
            data: Float64Array.of(0, 0.1, -0.2),
          } as const,
        ];
        const options = nn.convolution.options.parse({ padsBegin: [1, 0], padsEnd: [1, 0] });
        const [maps] = nn.convolution.twin(inputs, options);
        const [turned] = nn.transpose.twin([maps], { permutation: [1, 0, 2, 3] });
        return { ...turned, shape: [1, ...turned.shape] };
      })
    );
    const [blended] = ops.blendWindows.twin(windows, {
      size: [depth, high, wide],
      starts: [[0], starts[0], starts[1]],
    });
    const [maps] = ops.fit.twin([blended], { size: [height, width] });
    const [wanted] = nn.argReduce.twin([maps], { kind: "max", axis: 1, keepDims: false, last: false });
    const as = (shape: readonly number[]) => ({ ...image, shape });
    const stack = await runStage(segmentPlugin, {}, {
      image: as([1, depth, height, width]),
      geometry: geometryOfSpacing([1, 1, 1]),
      model,
    });
    assertEquals(stack.values.mask.shape, [depth, height, width]);
    assert(differing(stack.values.mask.data, wanted.data) <= 1, `${differing(stack.values.mask.data, wanted.data)}`);
    if (depth > 1) continue;
    const flat = { image: as([1, height, width]), geometry: geometryOfSpacing([1, 1]), model };
    const { values } = await runStage(segmentPlugin, {}, flat);
    assertEquals(values.mask.data, stack.values.mask.data);
  }
});

Deno.test("a volume is turned to the axes that the model states", async () => {
  const upright = volume([10, 12, 14]);
  const spacing = [2, 1.5, 1.5];
  const wanted = expected(upright, spacing, 0.5);
  // Stored with axes (left, head, back) and the head downward; the model wants (head, back, left).
  const turned = nn.slice.twin(nn.transpose.twin([upright], { permutation: [0, 3, 1, 2] }), {
    starts: [0, 0, 9, 0],
    steps: [1, 1, -1, 1],
    sizes: [1, 14, 10, 12],
  })[0];
  const geometry = geometryOfAffine([0, 0, 1.5, 0, 1.5, 0, 0, 0, 0, -2, 0, 18, 0, 0, 0, 1], 3);
  const { values } = await runStage(segmentPlugin, {}, {
    image: turned,
    geometry,
    model: { ...network, contract: contract({ axes: "SPL" }) },
  });
  const mask = { dtype: "f32", shape: [14, 10, 12], data: Float64Array.from(values.mask.data, Number) } as const;
  const flipped = nn.slice.twin([mask], { starts: [0, 9, 0], steps: [1, -1, 1], sizes: [14, 10, 12] });
  const [back] = nn.transpose.twin(flipped, { permutation: [1, 2, 0] });
  assert(differing(back.data, wanted.data) <= 2, `${differing(back.data, wanted.data)}`);
});

Deno.test("answers are averaged over the mirrorings that a model allows", async () => {
  const image = volume([8, 8, 8]);
  const given = { image, geometry: geometryOfSpacing([2, 1.5, 1.5]) };
  const model = { ...network, contract: contract({ mirrorAxes: [0, 2] }) };
  const { values } = await runStage(segmentPlugin, { mirror: true }, { ...given, model });
  const clipped = image.data.map((x) => (Math.min(90, Math.max(-80, x)) - 5) / 50);
  const input = { dtype: "f32", shape: [8, 8, 8], data: clipped } as const;
  const mirrored = (x: HostTensor, axis: number) =>
    nn.slice.twin([x], {
      starts: x.shape.map((size, at) => at === axis ? size - 1 : 0),
      steps: x.shape.map((_, at) => at === axis ? -1 : 1),
      sizes: x.shape,
    })[0];
  // Along the last axis the network sees no difference.
  const [one, other] = [seen(input), mirrored(seen(mirrored(input, 0)), 2)];
  const maps = { ...one, data: one.data.map((value, at) => (value + other.data[at]) / 2) };
  const [wanted] = nn.argReduce.twin([maps], { kind: "max", axis: 1, keepDims: false, last: false });
  assert(differing(values.mask.data, wanted.data) <= 1);
  const { values: plain } = await runStage(segmentPlugin, {}, { ...given, model });
  assert(differing(plain.mask.data, wanted.data) > 5, "mirroring matters");
});

/** A network whose maps are what the input is times a factor of each class, plus an offset. */
const linear = (factors: readonly number[], offsets: readonly number[]) =>
  buildModel({
    inputs: { image: ["N", 1, 8, 8, 8] },
    outputs: ["logits"],
    constants: { kernel: floats([factors.length, 1, 1, 1, 1], factors), bias: floats([factors.length], offsets) },
    nodes: [["Conv", ["image", "kernel", "bias"], ["logits"], {}]],
  });

Deno.test("of two classes the greater one is found, with or without its largest component alone", async () => {
  // Two balls, of which the second is the smaller one.
  const image = tensorOf([1, 12, 16, 20], (i) => {
    const [x, y, z] = [i % 20, Math.floor(i / 20) % 16, Math.floor(i / 320)];
    return Math.max(4 - Math.hypot(x - 5, y - 7, z - 6), 2.5 - Math.hypot(x - 15, y - 8, z - 6));
  });
  const model = {
    bytes: linear([0.5, 1.5], [1, 1]),
    contract: {
      ...contract({ spacingMm: [1, 1, 1] }),
      normalization: { kind: "none" },
      classes: ["background", "ball"],
    },
  };
  const given = { image, geometry: geometryOfSpacing([1, 1, 1]), model };
  const both = Array.from(image.data, (value) => Number(value > 0));
  const first = Array.from(image.data, (value, i) => Number(value > 0 && i % 20 < 11));
  for (const [options, expected] of [[{ largest: false }, both], [{}, first]] as const) {
    const { values, labels } = await runStage(segmentPlugin, options, given);
    assertEquals([Array.from(values.mask.data, Number), labels], [expected, undefined]);
  }
  const kept = { ...model, contract: { ...model.contract, output: { ...model.contract.output, largest: false } } };
  const { values } = await runStage(segmentPlugin, {}, { ...given, model: kept });
  assertEquals(Array.from(values.mask.data, Number), both);
});

Deno.test("folds are averaged", async () => {
  const image = volume([8, 10, 12]);
  const given = { image, geometry: geometryOfSpacing([1, 1, 1]) };
  const own = { ...contract({ spacingMm: undefined }), normalization: { kind: "none" } };
  // Each fold alone finds another class; together the maps are -x + 1, 2 x and 5.
  const folds = [[[-3, 0, 0], [3, 0, 0]], [[0, 6, 0], [0, 0, 15]], [[0, 0, 0], [0, 0, 0]]] as const;
  const [bytes, ...others] = folds.map(([factors, offsets]) => linear(factors, offsets));
  const { values } = await runStage(segmentPlugin, {}, { ...given, model: { bytes, folds: others, contract: own } });
  const expected = Float64Array.from(image.data, (x) => {
    const maps = [1 - x, 2 * x, 5];
    return maps.indexOf(Math.max(...maps));
  });
  assertEquals(new Set(expected).size, 3);
  assert(differing(values.mask.data, expected) <= 1, `${differing(values.mask.data, expected)}`);
});

Deno.test("voxels are resampled as nnU-Net does where the model says so", async () => {
  const own = { ...contract({ resampling: "spline" }), normalization: { kind: "none" } };
  const model = { bytes: linear([0, 1, -1], [20, 0, 0]), contract: own };
  // About as thick as wide; then slices of 7 mm, between which the nearest is taken.
  for (
    const [size, spacing, scaled, flat] of [
      [[6, 9, 10], [2.6, 1.2, 1.9], [8, 7, 13], [8, 7, 13]],
      [[5, 9, 10], [7, 1.2, 1.9], [18, 7, 13], [5, 7, 13]],
    ] as const
  ) {
    const image = volume(size);
    const { values } = await runStage(segmentPlugin, {}, { image, geometry: geometryOfSpacing(spacing), model });
    const [curved] = ops.resample.twin([image], { size: [...flat], method: "spline" });
    const [low, high] = [Math.min(...image.data), Math.max(...image.data)];
    const limited = { ...curved, data: curved.data.map((x) => Math.min(high, Math.max(low, x))) };
    const [grid] = ops.resample.twin([limited], { size: [...scaled], method: "nearest" });
    const shape = [1, 3, ...scaled];
    const maps = {
      ...grid,
      shape,
      data: Float64Array.from([...grid.data.map(() => 20), ...grid.data, ...grid.data.map((x) => -x)]),
    };
    const parsed = nn.resizeLabels.options.parse({
      sizes: [scaled[0] === flat[0] ? size[0] : scaled[0], size[1], size[2]],
      dtype: "f32",
    });
    const [between] = nn.resizeLabels.twin([maps], parsed);
    const [wanted] = ops.resample.twin([{ ...between, dtype: "f32", shape: between.shape.slice(1) }], {
      size: [...size],
      method: "nearest",
    });
    assertEquals(new Set(wanted.data).size, 3);
    assert(differing(values.mask.data, wanted.data) <= 2, `${differing(values.mask.data, wanted.data)} of ${size}`);
  }
});

Deno.test("an image is refused by a network of volumes, with a remedy", async () => {
  const image = tensorOf([1, 20, 20], (i) => i);
  const model = { ...network, contract: contract() };
  await assertRejects(() => runStage(segmentPlugin, {}, { image, model }), InputError, "the folder of its series");
});
