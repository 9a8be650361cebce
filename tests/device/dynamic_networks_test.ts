/** Networks whose shapes depend on computed elements, on the device. */
import { assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UnsupportedError } from "../../engine/errors.ts";
import { loadModel } from "../../engine/graph/mod.ts";
import { openEngine } from "../../engine/mod.ts";
import { maskPasteModel } from "../mask_paste.ts";
import { buildModel, floats, ints } from "../onnx_builder.ts";

const engine = await openEngine();

/** As many ones as the sum of x says, and their cumulative shape. */
const counting = buildModel({
  inputs: { x: [1, 1, 2, 2] },
  outputs: ["y", "c"],
  constants: { w: floats([1, 1, 1, 1], [2]), minus: ints([-1]) },
  nodes: [
    ["Conv", ["x", "w"], ["c"]],
    ["ReduceSum", ["c"], ["s"], { keepdims: 0 }],
    ["Cast", ["s"], ["i"], { to: 7 }],
    ["Reshape", ["i", "minus"], ["n"]],
    ["ConstantOfShape", ["n"], ["ones"], { value: floats([1], [1]) }],
    ["Add", ["ones", "s"], ["y"]],
  ],
});

async function mapsOf<T>(work: () => Promise<T>): Promise<{ result: T; maps: number }> {
  const mapAsync = GPUBuffer.prototype.mapAsync;
  let maps = 0;
  try {
    GPUBuffer.prototype.mapAsync = function (...args) {
      maps++;
      return mapAsync.apply(this, args);
    };
    return { result: await work(), maps };
  } finally {
    GPUBuffer.prototype.mapAsync = mapAsync;
  }
}

const input = (sum: number) => engine.tensor(new Float32Array([sum, 0, 0, 0]), [1, 1, 2, 2]);

Deno.test("a count is read once, and what is computed before it is not computed again", async () => {
  using net = await loadModel(engine, counting);
  for (const sum of [3, 0, 5, 3]) {
    using x = input(sum);
    const { result, maps } = await mapsOf(() => net.run({ x }));
    assertEquals(maps, 1);
    const [y, c] = await engine.read([result.y, result.c]);
    assertEquals([...y], new Array(2 * sum).fill(2 * sum + 1));
    assertEquals([...c], [2 * sum, 0, 0, 0]);
    result.y.dispose();
    result.c.dispose();
  }
  const { readbacks, reads, operations } = net.report();
  assertEquals([readbacks, operations.convolution], [1, 1]);
  assertEquals(reads, [{ nodes: ["ConstantOfShape_ones"], bytes: 4 }]);
});

Deno.test("runs of different counts may overlap, and nothing is left on the device", async () => {
  using net = await loadModel(engine, counting);
  const before = engine.stats().bytes.lent;
  const sums = [1, 2, 3, 4, 5, 6, 1, 2];
  const results = await Promise.all(sums.map(async (sum) => {
    using x = input(sum);
    const { y, c } = await net.run({ x });
    c.dispose();
    const [values] = await engine.read([y]);
    y.dispose();
    return values.length;
  }));
  assertEquals(results, sums.map((sum) => 2 * sum));
  net.close();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(engine.stats().bytes.lent <= before, true);
});

Deno.test("what can't be recorded says why, and a signal ends a run between its segments", async () => {
  using net = await loadModel(engine, counting);
  using x = input(1);
  const refusal = assertThrows(() => engine.run((r) => net.record(r, { x })), UnsupportedError);
  assertStringIncludes(refusal.message, "values that node ConstantOfShape_ones needs");
  await assertRejects(
    () => net.run({ x }, { signal: AbortSignal.abort(new RangeError("enough")) }),
    RangeError,
    "enough",
  );
  const abort = new AbortController();
  const running = net.run({ x }, { signal: abort.signal });
  abort.abort(new RangeError("enough"));
  await assertRejects(() => running, RangeError, "enough");
});

/** A detector in small: scores of a 4 x 4 grid of boxes, those above a limit, chosen among, pooled, put into rows, pasted. */
const detector = buildModel({
  opset: 16,
  inputs: { x: [1, 3, 16, 16] },
  outputs: ["boxes", "scores", "rows", "sums"],
  constants: {
    w: floats([4, 3, 3, 3], Array.from({ length: 108 }, (_, i) => Math.sin(i * 7.3))),
    head: floats([1, 4, 4, 4], Array.from({ length: 64 }, (_, i) => Math.cos(i * 3.1) / 4)),
    all: floats(
      [16, 4],
      Array.from({ length: 16 }, (_, i) => [i % 4 * 3, (i >> 2) * 3, i % 4 * 3 + 6, (i >> 2) * 3 + 5]).flat(),
    ),
    limit: floats([], [0.3]),
    most: ints([100], []),
    overlap: floats([1], [0.35]),
    flat: ints([-1]),
    zero: ints([0]),
    one: ints([1]),
    last: ints([2]),
    none: floats([0], []),
    start: ints([0], []),
    step: ints([1], []),
  },
  nodes: [
    ["Conv", ["x", "w"], ["map"], { pads: [1, 1, 1, 1] }],
    ["Conv", ["map", "head"], ["logits"], { strides: [4, 4] }],
    ["Sigmoid", ["logits"], ["s"]],
    ["Sub", ["s", "limit"], ["above"]],
    ["Reshape", ["s", "flat"], ["flatScores"]],
    ["Greater", ["flatScores", "limit"], ["is"]],
    ["NonZero", ["is"], ["found"]],
    ["Squeeze", ["found", "zero"], ["at"]],
    ["Gather", ["all", "at"], ["some"]],
    ["Gather", ["flatScores", "at"], ["someScores"]],
    ["Unsqueeze", ["some", "zero"], ["some3"]],
    ["Unsqueeze", ["someScores", "zero"], ["s2"]],
    ["Unsqueeze", ["s2", "zero"], ["s3"]],
    ["NonMaxSuppression", ["some3", "s3", "most", "overlap"], ["chosen"]],
    ["Gather", ["chosen", "last"], ["column"], { axis: 1 }],
    ["Reshape", ["column", "flat"], ["keep"]],
    ["Gather", ["some", "keep"], ["boxes"], { axis: 0 }],
    ["Gather", ["someScores", "keep"], ["scores"], { axis: 0 }],
    ["Shape", ["scores"], ["count"]],
    ["ConstantOfShape", ["count"], ["batches"], { value: ints([0]) }],
    ["RoiAlign", ["map", "boxes", "batches"], ["pooled"], { output_height: 2, output_width: 2 }],
    ["Squeeze", ["count", "zero"], ["n"]],
    ["Range", ["start", "n", "step"], ["order"]],
    ["Neg", ["order"], ["reversed"]],
    ["Sub", ["reversed", "one"], ["places"]],
    ["Unsqueeze", ["places", "one"], ["p2"]],
    ["Unsqueeze", ["p2", "one"], ["p3"]],
    ["Unsqueeze", ["p3", "one"], ["p4"]],
    ["Shape", ["pooled"], ["shape"]],
    ["Expand", ["p4", "shape"], ["indices"]],
    ["ConstantOfShape", ["shape"], ["empty"]],
    ["ScatterElements", ["empty", "indices", "pooled"], ["rows"], { axis: 0 }],
    ["Loop", ["n", "", "none"], ["sums"], {
      body: {
        graph: {
          inputs: { i: [], goes: [], v: ["a"] },
          outputs: ["goes", "next"],
          types: { i: "i64", goes: "bool" },
          nodes: [
            ["Gather", ["rows", "i"], ["row"]],
            ["Gather", ["keep", "i"], ["number"]],
            ["Unsqueeze", ["number", "zero"], ["length"]],
            ["ReduceSum", ["row"], ["sum"], { keepdims: 0 }],
            ["Expand", ["sum", "length"], ["part"]],
            ["Concat", ["v", "part"], ["next"], { axis: 0 }],
          ],
        },
      },
    }],
  ],
});

Deno.test("a detector gives what onnxruntime gives, whatever it finds, in a few small readbacks", async () => {
  using net = await loadModel(engine, detector);
  using theirs = await loadModel(engine, detector, { backend: "wasm" });
  const found: number[] = [];
  for (const scale of [1, 4, 0]) {
    const pixels = Float32Array.from({ length: 768 }, (_, i) => scale * Math.sin(i * 1.7) - 0.2);
    // All scores of so dark an image are below the limit: no detection is a result.
    if (scale === 0) pixels.fill(-1000);
    using x = engine.tensor(pixels, [1, 3, 16, 16]);
    const { result, maps } = await mapsOf(() => net.run({ x }));
    const want = await theirs.run({ x });
    const { readbacks, reads } = net.report();
    assertEquals([maps, readbacks], [reads.length, reads.length]);
    assertEquals(reads.length <= 2 && reads.every(({ bytes }) => bytes <= 128), true, JSON.stringify(reads));
    assertEquals(Object.values(result).map(({ shape }) => shape), Object.values(want).map(({ shape }) => shape));
    const [ours, others] = [await engine.read(Object.values(result)), await engine.read(Object.values(want))];
    for (const [k, values] of others.entries()) {
      values.forEach((value, i) => assertEquals(Math.abs(Number(ours[k][i]) - Number(value)) < 1e-4, true));
    }
    found.push(result.scores.shape[0]);
    for (const tensor of [...Object.values(result), ...Object.values(want)]) tensor.dispose();
  }
  assertEquals([found[0] > 1, found[1] > 1, found[2]], [true, true, 0]);
});

Deno.test("a loop that pastes masks is one operation, which reads the boxes on the device; others run as they are", async () => {
  const boxes = [1, 2, 6, 9, -3, -2, 3, 4, 7, 10, 13, 15, 4, 4, 4, 4, 0, 0, 10, 13];
  for (const mode of ["linear", "nearest"] as const) {
    using net = await loadModel(engine, maskPasteModel(mode));
    using theirs = await loadModel(engine, maskPasteModel(mode), { backend: "wasm" });
    for (const count of [5, 0]) {
      using masks = engine.tensor(
        Float32Array.from({ length: 30 * count }, (_, i) => Math.sin(i * 1.3)),
        [count, 1, 5, 6],
      );
      using places = engine.tensor(new BigInt64Array(boxes.slice(0, 4 * count).map(BigInt)), [count, 4], {
        dtype: "i64",
      });
      const { result: { images }, maps } = await mapsOf(() => net.run({ masks, boxes: places }));
      assertEquals(maps, mode === "linear" || count === 0 ? 0 : 1);
      assertEquals(net.report().operations.pasteMasks, mode === "linear" && count > 0 ? 1 : undefined);
      const want = (await theirs.run({ masks, boxes: places })).images;
      assertEquals(images.shape, want.shape);
      const [ours, others] = await engine.read([images, want]);
      for (const [i, value] of ours.entries()) assertAlmostEquals(Number(value), Number(others[i]), 1e-5);
      images.dispose();
      want.dispose();
    }
  }
});
