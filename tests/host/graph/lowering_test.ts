import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModelError, UnsupportedError } from "../../../engine/errors.ts";
import { HostBudget } from "../../../engine/graph/host_budget.ts";
import { hostValue } from "../../../engine/graph/host_value.ts";
import type { Feed } from "../../../engine/graph/lower.ts";
import { NeedsHost, type Operand } from "../../../engine/graph/operator.ts";
import { dropDeadSteps } from "../../../engine/graph/passes/dead_steps.ts";
import { constantsOf, recordProgram } from "../../../engine/graph/program.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import { StepRecorder } from "../../../engine/graph/step_recorder.ts";
import { nn, type Operation, type Recorder, type Spec, type Value } from "../../../shaders/mod.ts";
import { buildModel, floats, ints, type ModelText } from "../../onnx_builder.ts";
import { runByTwins } from "../../../engine/graph/twins.ts";
import { f32, lowered, lowerModel, names, ramp } from "./lowered.ts";

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
