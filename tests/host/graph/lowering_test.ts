import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModelError, UnsupportedError } from "../../../engine/errors.ts";
import { passed, prepareModel } from "../../../engine/graph/passes/mod.ts";
import { HostBudget } from "../../../engine/graph/host_budget.ts";
import { hostValue } from "../../../engine/graph/host_value.ts";
import { type Feed, Lowerer } from "../../../engine/graph/lower.ts";
import type { Model } from "../../../engine/graph/model.ts";
import { NeedsHost, type Operand } from "../../../engine/graph/operator.ts";
import { dropDeadSteps } from "../../../engine/graph/passes/dead_steps.ts";
import { constantsOf, type Program, recordProgram } from "../../../engine/graph/program.ts";
import { splitLargeProducts } from "../../../engine/graph/passes/split_large_products.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import { StepRecorder } from "../../../engine/graph/step_recorder.ts";
import { nn, type Operation, type Recorder, type Spec, type Value } from "../../../shaders/mod.ts";
import { buildModel, floats, ints, type ModelText } from "../../onnx_builder.ts";
import { runByTwins } from "../../../engine/graph/twins.ts";

function lowerModel(model: Model, feeds: Record<string, Feed>): Program {
  return Lowerer.begin(model, feeds).advance().program;
}

function lowered(text: ModelText, feeds: Record<string, Feed>): Program {
  return passed(lowerModel(prepareModel(readModel(buildModel(text), "m.onnx")), feeds));
}

/** Operations with what they do behind, one after the other: `convolution+relu`. */
function names(program: Program): string[] {
  return program.steps.map((step) => {
    if (step.kind === "reshape") return "reshape";
    const { op, epilogue = [] } = step.options as { op?: string; epilogue?: nn.Epilogue };
    return [op ?? step.operation.name, ...epilogue.map((after) => after.op)].join("+");
  });
}

const f32 = (...shape: number[]): Spec => ({ dtype: "f32", shape });

/** Values that ascend in small steps, so that every position tells. */
const ramp = (count: number) => Array.from({ length: count }, (_, i) => (i % 7 - 3) / 4);

Deno.test("a chain of shapes leaves nothing but a reshape", () => {
  const program = lowered({
    inputs: { x: ["n", 3, "h", "w"] },
    outputs: ["y"],
    constants: { i: ints([0], []), axes: ints([0]), rest: ints([-1]) },
    nodes: [
      ["Shape", ["x"], ["s"]],
      ["Gather", ["s", "i"], ["n"]],
      ["Unsqueeze", ["n", "axes"], ["n1"]],
      ["Concat", ["n1", "rest"], ["target"], { axis: 0 }],
      ["Reshape", ["x", "target"], ["y"]],
    ],
  }, { x: f32(2, 3, 4, 5) });
  assertEquals(names(program), ["reshape"]);
  assertEquals(program.outputs.get("y")!.shape, [2, 60]);
});

Deno.test("integers beyond 53 bits stay exact on the host", () => {
  const program = lowered({
    inputs: { x: [9, 2] },
    outputs: ["y", "z"],
    types: { z: "i64" },
    constants: { start: ints([1]), end: ints([2n ** 63n - 1n]), big: ints([2n ** 62n + 1n]) },
    nodes: [["Slice", ["x", "start", "end"], ["y"]], ["Add", ["big", "start"], ["z"]]],
  }, { x: f32(9, 2) });
  assertEquals(program.outputs.get("y")!.shape, [8, 2]);
  assertEquals(program.outputs.get("z")!.host!.data[0], 2n ** 62n + 2n);
});

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

Deno.test("what no output needs is dropped", () => {
  const program = lowered({
    inputs: { x: [2, 2] },
    outputs: ["y"],
    nodes: [["Exp", ["x"], ["e"]], ["Log", ["e"], ["l"]], ["Dropout", ["x"], ["d"]], ["Tanh", ["d"], ["y"]]],
  }, { x: f32(2, 2) });
  assertEquals(names(program), ["tanh"]);
});

Deno.test("auto_pad and output_shape become pads", () => {
  const conv = lowered({
    inputs: { x: [1, 1, 7, 6] },
    outputs: ["y"],
    constants: { w: floats([1, 1, 3, 4], ramp(12)) },
    nodes: [["Conv", ["x", "w"], ["y"], { auto_pad: "SAME_LOWER", strides: [2, 3] }]],
  }, { x: f32(1, 1, 7, 6) });
  assertEquals(conv.outputs.get("y")!.shape, [1, 1, 4, 2]);
  const deconv = lowered({
    inputs: { x: [1, 1, 3, 3] },
    outputs: ["y"],
    constants: { w: floats([1, 2, 3, 3], ramp(18)) },
    nodes: [["ConvTranspose", ["x", "w"], ["y"], { output_shape: [10, 8], strides: [3, 2] }]],
  }, { x: f32(1, 1, 3, 3) });
  assertEquals(deconv.outputs.get("y")!.shape, [1, 2, 10, 8]);
});

Deno.test("shapes that need an input's elements say which", () => {
  const model = readModel(
    buildModel({
      inputs: { x: [2, 6], shape: [2], one: [1] },
      types: { shape: "i64", one: "i64" },
      outputs: ["y"],
      nodes: [["Concat", ["shape", "one"], ["s"], { axis: 0 }], ["Reshape", ["x", "s"], ["y"]]],
    }),
    "m.onnx",
  );
  const feeds: Record<string, Feed> = {
    x: f32(2, 6),
    shape: { dtype: "i64", shape: [2] },
    one: { dtype: "i64", shape: [1] },
  };
  const error = assertThrows(() => lowerModel(model, feeds), NeedsHost);
  assertEquals(error.inputs, ["shape", "one"]);
  feeds.shape = { dtype: "i64", shape: [2], host: hostValue("i64", [2], [3, 4]) };
  feeds.one = { dtype: "i64", shape: [1], host: hostValue("i64", [1], [1]) };
  assertEquals(lowerModel(model, feeds).outputs.get("y")!.shape, [3, 4, 1]);
});

Deno.test("a branch whose condition the host knows takes its node's place", () => {
  const branch = (operator: string): ModelText => ({
    inputs: {},
    outputs: ["out"],
    constants: { w: floats([2, 2, 1, 1], ramp(4)) },
    nodes: [["Conv", ["x", "w"], ["c"]], [operator, ["c"], ["out"]]],
  });
  const text: ModelText = {
    inputs: { x: [1, 2, 3, 3], rate: [] },
    types: { rate: "i64" },
    outputs: ["y"],
    constants: { wanted: ints([16000], []) },
    nodes: [
      ["Equal", ["rate", "wanted"], ["is"]],
      ["If", ["is"], ["b"], { then_branch: { graph: branch("Relu") }, else_branch: { graph: branch("Foo") } }],
      ["Tanh", ["b"], ["y"]],
    ],
  };
  const rate: Feed = { dtype: "i64", shape: [] };
  const x = f32(1, 2, 3, 3);
  assertThrows(() => lowered(text, { x, rate }), NeedsHost);
  const of = (value: number) => lowered(text, { x, rate: { ...rate, host: hostValue("i64", [], [value]) } });
  assertEquals(names(of(16000)), ["convolution+relu", "tanh"]);
  assertStringIncludes(assertThrows(() => of(8000), UnsupportedError).message, "1 x Foo");
});

Deno.test("every unsupported node is named at once, with its reason", () => {
  const text: ModelText = {
    inputs: { x: [1, 1, 2, 2, 2, 2] },
    outputs: ["y"],
    nodes: [
      ["AveragePool", ["x"], ["a"], { kernel_shape: [1, 1, 1, 1] }],
      ["Foo", ["a"], ["b"]],
      ["Foo", ["b"], ["c"]],
      ["Bar", ["x"], ["y"]],
    ],
  };
  const error = assertThrows(() => lowered(text, { x: f32(1, 1, 2, 2, 2, 2) }), UnsupportedError);
  assertStringIncludes(
    error.message,
    "1 x AveragePool (4 spatial axes are not supported, 1 to 3 are), first at AveragePool_a",
  );
  assertStringIncludes(error.message, "2 x Foo (the operator is not supported), first at Foo_b");
  assertStringIncludes(error.message, "1 x Bar");
});

Deno.test("a node whose inputs don't fit is named with its reason", () => {
  const text: ModelText = { inputs: { x: [2, 3] }, outputs: ["y"], nodes: [["Reshape", ["x", "s"], ["y"]]] };
  const wrong = { ...text, constants: { s: ints([4, 4]) } };
  const error = assertThrows(() => lowered(wrong, { x: f32(2, 3) }), ModelError);
  assertStringIncludes(error.message, "Cannot run m.onnx as node Reshape_y (Reshape) doesn't fit");
  assertStringIncludes(error.message, "[2,3]");
  const missing = assertThrows(() => lowered(text, { x: f32(2, 3) }), ModelError);
  assertStringIncludes(missing.message, "no node before Reshape_y gives its input s");
});

Deno.test("a program records its steps in order, with each constant once", () => {
  const program = lowered({
    inputs: { x: [1, 2, 4, 4] },
    outputs: ["y", "same"],
    constants: { w: floats([2, 2, 1, 1], ramp(4)) },
    nodes: [
      ["Conv", ["x", "w"], ["c"]],
      ["Conv", ["c", "w"], ["y"]],
      ["Identity", ["x"], ["same"]],
    ],
  }, { x: f32(1, 2, 4, 4) });
  assertEquals(constantsOf(program).size, 1);
  const recorded: string[] = [];
  const value = (spec: Spec): Value => ({ ...spec, kind: "value" });
  const recorder = {
    apply: <O>(operation: Operation<O>, inputs: readonly Value[], options: Partial<O>) => {
      recorded.push(operation.name);
      return operation.outputs(inputs, operation.options.parse(options)).map(value);
    },
    reshape: (from: Value, shape: readonly number[]) => value({ dtype: from.dtype, shape }),
  } as unknown as Recorder;
  const x = value(f32(1, 2, 4, 4));
  const outputs = recordProgram(recorder, program, { x }, (host) => value({ dtype: "f32", shape: host.shape }));
  assertEquals(recorded, ["convolution", "convolution"]);
  assertEquals(outputs.same, x);
  assertEquals(outputs.y.shape, [1, 2, 4, 4]);
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

Deno.test("a step has several outputs, and stays while one of them is wanted", () => {
  const parts: Operation<Record<string, never>> = {
    name: "parts",
    options: { parse: () => ({}), toJSONSchema: () => ({}) },
    outputs: ([x]) => [{ ...x, shape: [1] }, { ...x, shape: [x.shape[0] - 1] }],
    cost: () => ({ bytes: 0, flops: 0 }),
    record: () => [],
    twin: ([{ dtype, data }]) => [
      { dtype, shape: [1], data: data.slice(0, 1) },
      { dtype, shape: [data.length - 1], data: data.slice(1) },
    ],
    bound: 0,
  };
  const recording = new StepRecorder(new HostBudget(100));
  const x: Operand = { dtype: "f32", shape: [3], source: { kind: "input", name: "x" } };
  const [first, rest] = recording.applyAll(parts, [x], {});
  const sum = recording.apply(nn.binary, [rest, first], { op: "add" });
  const program = dropDeadSteps({ steps: recording.steps, outputs: new Map([["sum", sum]]) });
  assertEquals(program.steps.length, 2);
  const feeds = { x: hostValue("f32", [3], [1, 2, 3]) };
  assertEquals([...runByTwins(program, feeds).get("sum")!.data], [3, 4]);
  assertEquals(dropDeadSteps({ ...program, outputs: new Map([["rest", rest]]) }).steps.length, 1);
  const known = recording.applyAll(parts, [recording.constant(feeds.x)], {});
  assertEquals(known.map(({ host }) => [...host!.data]), [[1], [2, 3]]);
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
