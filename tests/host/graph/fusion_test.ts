/** Passes of a network: what is joined, moved, split or left out. */
import { assert, assertEquals } from "@std/assert";
import { hostValue } from "../../../engine/graph/host_value.ts";
import { splitLargeProducts } from "../../../engine/graph/passes/split_large_products.ts";
import { splitLargeTables } from "../../../engine/graph/passes/split_large_tables.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import type { Spec } from "../../../shaders/mod.ts";
import { buildModel, floats, ints, type ModelText } from "../../onnx_builder.ts";
import { runByTwins } from "../../../engine/graph/twins.ts";
import { f32, lowered, lowerModel, names, ramp } from "./lowered.ts";

Deno.test("normalization goes into weights, activations and sums go behind", () => {
  const constants = {
    w: floats([4, 4, 3, 3], ramp(144)),
    b: floats([4], [1, 2, 3, 4]),
    scale: floats([4], [1, 2, 0.5, 1]),
    shift: floats([4], [0, 1, 2, 3]),
    mean: floats([4], [0.5, 0, 0.25, 1]),
    variance: floats([4], [1, 2, 3, 4]),
  };
  const text: ModelText = {
    inputs: { x: [1, 4, 5, 6] },
    outputs: ["y"],
    constants,
    nodes: [
      ["Conv", ["x", "w", "b"], ["c"], { pads: [1, 1, 1, 1] }],
      ["BatchNormalization", ["c", "scale", "shift", "mean", "variance"], ["n"], { epsilon: 0.001 }],
      ["Add", ["x", "n"], ["s"]],
      ["Relu", ["s"], ["y"]],
    ],
  };
  const program = lowered(text, { x: f32(1, 4, 5, 6) });
  assertEquals(names(program), ["convolution+add+relu"]);
  const plain = lowerModel(readModel(buildModel(text), "m"), { x: f32(1, 4, 5, 6) });
  assert(plain.steps.length > 3);
  const x = hostValue("f32", [1, 4, 5, 6], ramp(120));
  const [folded, unfolded] = [program, plain].map((each) => runByTwins(each, { x }).get("y")!.data as Float32Array);
  for (const [i, value] of unfolded.entries()) assert(Math.abs(value - folded[i]) < 1e-5 * 20, `element ${i}`);
});

Deno.test("normalization goes into transposed convolutions by group and into GEMM", () => {
  const affine = { scale: floats([4], [1, 2, 0.5, -1]), shift: floats([4], [0, 1, 2, 3]) };
  const statistics = { mean: floats([4], [0.5, 0, 0.25, 1]), variance: floats([4], [1, 2, 3, 4]) };
  const normalization = ["scale", "shift", "mean", "variance"];
  const cases: [ModelText, number[]][] = [
    [{
      inputs: { x: [1, 4, 3, 2] },
      outputs: ["y"],
      constants: { w: floats([4, 2, 2, 2], ramp(32)), ...affine, ...statistics },
      nodes: [
        ["ConvTranspose", ["x", "w"], ["c"], { group: 2, strides: [2, 2] }],
        ["BatchNormalization", ["c", ...normalization], ["y"]],
      ],
    }, [1, 4, 3, 2]],
    [{
      inputs: { x: [3, 5] },
      outputs: ["y"],
      constants: { w: floats([4, 5], ramp(20)), b: floats([4], [1, 2, 3, 4]), ...affine, ...statistics },
      nodes: [
        ["Gemm", ["x", "w", "b"], ["c"], { transB: 1 }],
        ["BatchNormalization", ["c", ...normalization], ["y"]],
      ],
    }, [3, 5]],
  ];
  for (const [text, shape] of cases) {
    const feeds = { x: f32(...shape) };
    const program = lowered(text, feeds);
    assertEquals(program.steps.length, 1);
    const x = hostValue("f32", shape, ramp(shape.reduce((a, b) => a * b)));
    const plain = runByTwins(lowerModel(readModel(buildModel(text), "m"), feeds), { x }).get("y")!.data as Float32Array;
    const folded = runByTwins(program, { x }).get("y")!.data;
    for (const [i, value] of plain.entries()) assert(Math.abs(value - Number(folded[i])) < 1e-5, `element ${i}`);
  }
});

Deno.test("products by large constants are split by columns", () => {
  for (const transB of [0, 1]) {
    const weight = floats(transB ? [7, 4] : [4, 7], ramp(28));
    const text: ModelText = {
      inputs: { x: [3, 4] },
      outputs: ["y", "z"],
      constants: { w: weight, b: floats([1, 7], ramp(7)), m: floats([4, 7], ramp(28)) },
      nodes: [["Gemm", ["x", "w", "b"], ["y"], { transB }], ["MatMul", ["x", "m"], ["z"]]],
    };
    const feeds = { x: f32(3, 4) };
    const model = readModel(buildModel(text), "m");
    const whole = lowerModel(model, feeds);
    const split = lowerModel(splitLargeProducts(model, 10), feeds);
    // Two columns of four elements each, and one that is left.
    assertEquals(names(split).filter((name) => name === "gemm").length, 8);
    const x = hostValue("f32", [3, 4], ramp(12));
    for (const name of ["y", "z"]) {
      assertEquals(runByTwins(split, { x }).get(name), runByTwins(whole, { x }).get(name));
    }
  }
});

Deno.test("convolutions with large weights are split by channels", () => {
  const text: ModelText = {
    inputs: { x: [1, 2, 4, 5] },
    outputs: ["y"],
    constants: { w: floats([5, 2, 3, 3], ramp(90)), b: floats([5], ramp(5)) },
    nodes: [["Conv", ["x", "w", "b"], ["y"], { pads: [1, 1, 1, 1] }]],
  };
  const feeds = { x: f32(1, 2, 4, 5) };
  const model = readModel(buildModel(text), "m");
  const split = lowerModel(splitLargeProducts(model, 40), feeds);
  assertEquals(names(split), ["convolution", "convolution", "convolution", "concat"]);
  const x = hostValue("f32", [1, 2, 4, 5], ramp(40));
  assertEquals(runByTwins(split, { x }).get("y"), runByTwins(lowerModel(model, feeds), { x }).get("y"));
});

Deno.test("large tables that rows are gathered from are split by rows", () => {
  for (const [shape, dtype] of [[[7, 2, 3], "i64"], [[40], "i32"]] as [number[], "i64" | "i32"][]) {
    const text: ModelText = {
      inputs: { i: [2, 3] },
      outputs: ["y"],
      types: { i: dtype },
      constants: { t: floats(shape, ramp(shape.reduce((a, b) => a * b))) },
      nodes: [["Gather", ["t", "i"], ["y"]]],
    };
    const feeds = { i: { dtype, shape: [2, 3] } };
    const model = readModel(buildModel(text), "m");
    const split = lowerModel(splitLargeTables(model, 13), feeds);
    assertEquals(names(split).filter((name) => name === "gather").length, 4);
    const i = hostValue(dtype, [2, 3], [0, 6, -1, -7, 2, 3].map((at) => dtype === "i64" ? BigInt(at) : at));
    assertEquals(runByTwins(split, { i }).get("y"), runByTwins(lowerModel(model, feeds), { i }).get("y"));
  }
});

Deno.test("a value that is read twice or given out keeps its own step", () => {
  const weights = { w: floats([4, 4, 1, 1], ramp(16)) };
  const twice = lowered({
    inputs: { x: [1, 4, 2, 2] },
    outputs: ["y"],
    constants: weights,
    nodes: [["Conv", ["x", "w"], ["c"]], ["Relu", ["c"], ["r"]], ["Sub", ["r", "c"], ["y"]]],
  }, { x: f32(1, 4, 2, 2) });
  assertEquals(names(twice), ["convolution", "relu", "subtract"]);
  const given = lowered({
    inputs: { x: [1, 4, 2, 2] },
    outputs: ["c", "y"],
    constants: weights,
    nodes: [["Conv", ["x", "w"], ["c"]], ["Relu", ["c"], ["y"]]],
  }, { x: f32(1, 4, 2, 2) });
  assertEquals(names(given), ["convolution", "relu"]);
});

Deno.test("a sum moves an operation behind what it adds", () => {
  const program = lowered({
    inputs: { x: [1, 4, 2, 2] },
    outputs: ["y"],
    constants: { w: floats([4, 4, 1, 1], ramp(16)) },
    nodes: [
      ["Conv", ["x", "w"], ["a"]],
      ["Tanh", ["x"], ["b"]],
      ["Add", ["a", "b"], ["s"]],
      ["Relu", ["s"], ["y"]],
    ],
  }, { x: f32(1, 4, 2, 2) });
  assertEquals(names(program), ["tanh", "convolution+add+relu"]);
  assertEquals(program.steps[1].inputs[2], program.steps[0].outputs[0]);
});

Deno.test("gates become silu and hardSwish, biases become inputs", () => {
  const gates = lowered({
    inputs: { x: [1, 4, 2, 2] },
    outputs: ["y"],
    constants: {
      w: floats([4, 4, 1, 1], ramp(16)),
      b: floats([4, 1, 1], [1, 2, 3, 4]),
      three: floats([], [3]),
      six: floats([1], [6]),
      zero: floats([], [0]),
      limit: floats([], [6]),
    },
    nodes: [
      ["Conv", ["x", "w"], ["c"]],
      ["Add", ["c", "b"], ["cb"]],
      ["Sigmoid", ["cb"], ["g"]],
      ["Mul", ["g", "cb"], ["s"]],
      ["Tanh", ["s"], ["t"]],
      ["Add", ["t", "three"], ["t3"]],
      ["Clip", ["t3", "zero", "limit"], ["k"]],
      ["Mul", ["t", "k"], ["tk"]],
      ["Div", ["tk", "six"], ["y"]],
    ],
  }, { x: f32(1, 4, 2, 2) });
  assertEquals(names(gates), ["reshape", "convolution+silu", "tanh", "hardSwish"]);

  const linear = lowered({
    inputs: { x: [2, 3, 4] },
    outputs: ["y"],
    constants: { w: floats([4, 5], ramp(20)), b: floats([5], ramp(5)) },
    nodes: [["MatMul", ["x", "w"], ["m"]], ["Add", ["b", "m"], ["mb"]], ["Relu", ["mb"], ["y"]]],
  }, { x: f32(2, 3, 4) });
  assertEquals(names(linear), ["reshape", "gemm+relu", "reshape"]);
  const gemm = linear.steps[1];
  assertEquals(gemm.inputs.map(({ shape }) => shape), [[6, 4], [4, 5], [5]]);
});

Deno.test("a bias behind a product without C is not scaled by beta", () => {
  const program = lowered({
    inputs: { x: [2, 3] },
    outputs: ["y"],
    constants: { w: floats([3, 2], ramp(6)), b: floats([2], [1, 2]) },
    nodes: [["Gemm", ["x", "w"], ["p"], { beta: { float: 0.5 } }], ["Add", ["p", "b"], ["y"]]],
  }, { x: f32(2, 3) });
  assertEquals(names(program), ["gemm"]);
  const x = hostValue("f32", [2, 3], [0, 0, 0, 0, 0, 0]);
  assertEquals([...runByTwins(program, { x }).get("y")!.data], [1, 2, 1, 2]);
});

Deno.test("concatenations of concatenations are one, unless somebody else reads them", () => {
  const nodes = (axis: number): ModelText["nodes"] => [
    ["Tanh", ["x"], ["a"]],
    ["Concat", ["a", "x"], ["b"], { axis: 0 }],
    ["Concat", ["b", "x"], ["c"], { axis }],
  ];
  const text: ModelText = { inputs: { x: [2, 3] }, outputs: ["c"], nodes: nodes(-2) };
  const x = hostValue("f32", [2, 3], [1, 2, 3, 4, 5, 6]);
  const program = lowered(text, { x: f32(2, 3) });
  assertEquals(names(program), ["tanh", "concat"]);
  assertEquals([...runByTwins(program, { x }).get("c")!.data].slice(6), [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]);
  assertEquals(names(lowered({ ...text, outputs: ["c", "b"] }, { x: f32(2, 3) })), ["tanh", "concat", "concat"]);
});

Deno.test("indices that are repeated over slices are not written out", () => {
  const text: ModelText = {
    inputs: { x: [2, 3], i: [2] },
    types: { i: "i64" },
    outputs: ["y"],
    constants: { column: ints([2, 1]), shape: ints([2, 3]), data: floats([4, 3], ramp(12)) },
    nodes: [
      ["Tanh", ["data"], ["d"]],
      ["Reshape", ["i", "column"], ["c"]],
      ["Expand", ["c", "shape"], ["indices"]],
      ["ScatterElements", ["d", "indices", "x"], ["y"], { axis: 0 }],
    ],
  };
  const feeds = { x: f32(2, 3), i: { dtype: "i64", shape: [2] } as Spec };
  const program = lowered(text, feeds);
  assertEquals(names(program), ["reshape", "scatterElements"]);
  const values = { x: hostValue("f32", [2, 3], [1, 2, 3, 4, 5, 6]), i: hostValue("i64", [2], [3, 0]) };
  const y = runByTwins(program, values).get("y")!.data;
  const plain = runByTwins(lowerModel(readModel(buildModel(text), "m"), feeds), values).get("y")!.data;
  assertEquals(y, plain);
  assertEquals([...y].slice(9), [1, 2, 3]);
});

Deno.test("a product takes the GELU behind it, a convolution doesn't", () => {
  const gelu: ModelText["nodes"] = [["Gelu", ["p"], ["y"], { approximate: "none" }]];
  const product = lowered({
    inputs: { x: [2, 3, 4] },
    outputs: ["y"],
    opset: 20,
    constants: { w: floats([4, 5], ramp(20)) },
    nodes: [["MatMul", ["x", "w"], ["p"]], ...gelu],
  }, { x: f32(2, 3, 4) });
  assertEquals(names(product).filter((name) => name !== "reshape"), ["gemm+gelu"]);
  const convolution = lowered({
    inputs: { x: [1, 2, 4, 4] },
    outputs: ["y"],
    opset: 20,
    constants: { w: floats([3, 2, 1, 1], ramp(6)) },
    nodes: [["Conv", ["x", "w"], ["p"]], ...gelu],
  }, { x: f32(1, 2, 4, 4) });
  assertEquals(names(convolution), ["convolution", "gelu"]);
});
