/** What ONNX's operators become, run by the operations' twins: rules that are easily got wrong. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ModelError } from "../../../engine/errors.ts";
import { prepareModel } from "../../../engine/graph/passes/mod.ts";
import { type HostDType, type HostValue, hostValue, numbersOf } from "../../../engine/graph/host_value.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import type { DType } from "../../../shaders/mod.ts";
import { type AttributeValue, buildModel, floats, ints, type ModelText, type onnxTypes } from "../../onnx_builder.ts";
import { runByTwins } from "../../../engine/graph/twins.ts";
import { programOf } from "../../program_of.ts";

type TypeName = keyof typeof onnxTypes;

/** The outputs of a model for feeds on the device. */
function run(text: Omit<ModelText, "inputs">, feeds: Record<string, HostValue>): HostValue[] {
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const types = Object.fromEntries(Object.entries(feeds).map(([name, { dtype }]) => [name, dtype as TypeName]));
  const model = readModel(buildModel({ ...text, inputs, types: { ...types, ...text.types } }), "m.onnx");
  const specs = Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, shape }]) => [name, { dtype: dtype as DType, shape }]),
  );
  const results = runByTwins(programOf(prepareModel(model), specs), feeds);
  return text.outputs.map((name) => results.get(name)!);
}

/** One node with one or more outputs, of inputs in order; a missing input is `undefined`. */
function node(
  operator: string,
  inputs: readonly (HostValue | undefined)[],
  attributes: Record<string, AttributeValue> = {},
  outputs = ["y"],
  opset = 24,
): HostValue[] {
  const names = inputs.map((value, i) => value === undefined ? "" : `x${i}`);
  const feeds = Object.fromEntries(inputs.flatMap((value, i) => value === undefined ? [] : [[`x${i}`, value]]));
  return run({ opset, outputs, nodes: [[operator, names, outputs, attributes]] }, feeds);
}

const value = (shape: readonly number[], values: readonly number[], dtype: HostDType = "f32") =>
  hostValue(dtype, shape, values);

Deno.test("sequences exist while a model is lowered", () => {
  const [at, length, joined] = run({
    outputs: ["at", "length", "joined"],
    types: { length: "i64" },
    constants: { back: ints([-1], []), front: ints([0], []), sizes: ints([1, 3]) },
    nodes: [
      ["SplitToSequence", ["x", "sizes"], ["parts"], { axis: 1 }],
      ["SequenceInsert", ["parts", "x", "front"], ["more"]],
      ["SequenceErase", ["more", "front"], ["fewer"]],
      ["SequenceAt", ["more", "back"], ["at"]],
      ["SequenceLength", ["more"], ["length"]],
      ["ConcatFromSequence", ["fewer"], ["joined"], { axis: 1 }],
    ],
  }, { x: value([2, 4], [0, 1, 2, 3, 4, 5, 6, 7]) });
  assertEquals([at.shape, numbersOf(at)], [[2, 3], [1, 2, 3, 5, 6, 7]]);
  assertEquals(numbersOf(length), [3]);
  assertEquals(numbersOf(joined), [0, 1, 2, 3, 4, 5, 6, 7]);
});

Deno.test("a sequence's positions are checked", () => {
  const text: ModelText = {
    inputs: {},
    outputs: ["y"],
    constants: { x: floats([2], [1, 2]), at: ints([2], []) },
    nodes: [["SequenceConstruct", ["x", "x"], ["s"]], ["SequenceAt", ["s", "at"], ["y"]]],
  };
  assertThrows(() => programOf(readModel(buildModel(text), "m"), {}), ModelError, "position 2 is outside");
});

Deno.test("unique slices come sorted or in order of occurrence", () => {
  const outputs = ["y", "first", "inverse", "counts"];
  const model = (sorted: number): HostValue[] =>
    run({
      opset: 11,
      outputs,
      constants: { x: floats([4, 2], [2, 1, 0, 3, 2, 1, 0, 3]) },
      nodes: [["Unique", ["x"], outputs, { axis: 0, sorted }]],
      types: { first: "i64", inverse: "i64", counts: "i64" },
    }, {});
  assertEquals(model(1).map(numbersOf), [[0, 3, 2, 1], [1, 0], [1, 0, 1, 0], [2, 2]]);
  assertEquals(model(0).map(numbersOf), [[2, 1, 0, 3], [0, 1], [0, 1, 0, 1], [2, 2]]);
});

Deno.test("quantization rounds half to even, saturates, and takes blocks whose last one is short", () => {
  const [bytes] = node("QuantizeLinear", [
    value([7], [0.5, 1.5, 2.5, -0.5, 1000, -1000, 3]),
    value([], [1]),
    value([], [100], "u8"),
  ]);
  assertEquals(numbersOf(bytes), [100, 102, 102, 100, 255, 0, 103]);
  const [wide] = node("DequantizeLinear", [
    value([1, 5], [1, 2, 3, 4, 5], "i32"),
    value([1, 3], [1, 10, 100]),
  ], { axis: 1, block_size: 2 });
  assertEquals(numbersOf(wide), [1, 2, 30, 40, 500]);
});

Deno.test("integer products are exact beyond 2^24", () => {
  const depth = 1000;
  const row = value([1, depth], new Array(depth).fill(255), "u8");
  const column = value([depth, 1], Array.from({ length: depth }, (_, i) => 255 - i % 2), "u8");
  const [product] = node("MatMulInteger", [row, column]);
  assertEquals(numbersOf(product), [255 * (500 * 255 + 500 * 254)]);
  const channels = 300;
  const image = value([1, channels, 1, 1], new Array(channels).fill(255), "u8");
  const kernel = value([1, channels, 1, 1], new Array(channels).fill(255), "u8");
  assertEquals(numbersOf(node("ConvInteger", [image, kernel])[0]), [255 * 255 * channels]);
});

Deno.test("operands of different types are refused", () => {
  const [floating, whole] = [value([1, 1], [1]), value([1, 1], [1], "i64")];
  assertThrows(() => node("MatMul", [floating, whole]), ModelError, "must have one type");
  const [image, kernel] = [value([1, 1, 1, 1], [1], "i32"), value([1, 1, 1, 1], [1], "i32")];
  assertThrows(() => node("Conv", [image, kernel]), ModelError, "one type of floats");
});

Deno.test("a query that may see no key gets zeros, not NaN", () => {
  const query = value([1, 1, 2, 1], [1, 1]);
  const keys = value([1, 1, 2, 1], [1, 2]);
  const mask = value([2, 2], [1, 0, 0, 0], "bool");
  const [y] = node("Attention", [query, keys, keys, mask]);
  assertEquals(numbersOf(y), [1, 0]);
});

Deno.test("heads of queries share keys, and a causal mask counts from the end of the past", () => {
  const ramp = (shape: number[], scale: number) =>
    value(shape, Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => ((i * 7) % 11 - 5) * scale));
  const query = ramp([1, 4, 2, 3], 0.1);
  const [key, values, pastKey, pastValue] = [0.2, 0.3, 0.15, 0.25].map((scale) => ramp([1, 2, 2, 3], scale));
  const [y, presentKey] = node(
    "Attention",
    [query, key, values, undefined, pastKey, pastValue],
    { is_causal: 1 },
    ["y", "k", "v"],
  );
  assertEquals(presentKey.shape, [1, 2, 4, 3]);
  // The definition, written out for head 3 (keys of head 1) and query 0, which sees two past keys and one new one.
  const keyAt = (position: number, i: number) => Number((position < 2 ? pastKey : key).data[6 + position % 2 * 3 + i]);
  const valueAt = (position: number) => Number((position < 2 ? pastValue : values).data[6 + position % 2 * 3]);
  const scores = [0, 1, 2].map((position) => {
    return Math.exp(
      [0, 1, 2].reduce((sum, i) => sum + Number(query.data[18 + i]) * keyAt(position, i), 0) / Math.sqrt(3),
    );
  });
  const total = scores.reduce((a, b) => a + b);
  const expected = scores.reduce((sum, score, position) => sum + score / total * valueAt(position), 0);
  assert(Math.abs(Number(y.data[18]) - expected) < 1e-6, `${y.data[18]} ${expected}`);
});

Deno.test("caches are written from each sequence's position on, in a circle where asked for", () => {
  const past = value([2, 4, 1], [0, 1, 2, 3, 4, 5, 6, 7]);
  const update = value([2, 2, 1], [10, 11, 12, 13]);
  const begins = value([2], [1, 3], "i64");
  const [circular] = node("TensorScatter", [past, update, begins], { mode: "circular" });
  assertEquals(numbersOf(circular), [0, 10, 11, 3, 13, 5, 6, 12]);
});

Deno.test("one-hot wraps negative indices once and gives off-values beyond", () => {
  const [y] = run({
    outputs: ["y"],
    constants: { depth: ints([3], []), values: floats([2], [2, 5]) },
    nodes: [["OneHot", ["x", "depth", "values"], ["y"]]],
  }, { x: value([3], [-1, 1, 3]) });
  assertEquals(numbersOf(y), [2, 2, 5, 2, 5, 2, 2, 2, 2]);
});

Deno.test("running sums of shapes are exact beyond 32 bits", () => {
  const [y] = run({
    outputs: ["y"],
    types: { y: "i64" },
    constants: { x: ints([2n ** 40n, 3n, 2n ** 53n]), axis: ints([0], []) },
    nodes: [["CumSum", ["x", "axis"], ["y"], { reverse: 1 }]],
  }, {});
  assertEquals(Array.from(y.data as BigInt64Array), [2n ** 40n + 3n + 2n ** 53n, 3n + 2n ** 53n, 2n ** 53n]);
});
