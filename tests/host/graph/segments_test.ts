/** Networks whose shapes depend on computed elements, branches and loops, run by the operations' twins. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModelError, UnsupportedError } from "../../../engine/errors.ts";
import { prepareModel } from "../../../engine/graph/passes/mod.ts";
import { type HostValue, hostValue } from "../../../engine/graph/host_value.ts";
import { type Feed, Lowerer } from "../../../engine/graph/lower.ts";
import { checkOperators } from "../../../engine/graph/supported.ts";
import type { Model } from "../../../engine/graph/model.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import { buildModel, floats, ints, type ModelText } from "../../onnx_builder.ts";
import { runNetByTwins } from "../../../engine/graph/twins.ts";

const modelOf = (text: ModelText): Model => prepareModel(readModel(buildModel(text), "m.onnx"));

interface Found {
  readonly shape: readonly number[];
  readonly data: (number | bigint)[];
}

/** What a network gives by name, and how many values each readback reads. */
function run(text: ModelText, feeds: Record<string, HostValue>): { [name: string]: Found | number[] } {
  const { outputs, reads } = runNetByTwins(modelOf(text), feeds);
  return {
    reads,
    ...Object.fromEntries([...outputs].map(([name, { shape, data }]) => [name, { shape, data: [...data] }])),
  };
}

/** x [1, 1, 1, 2] times 2, by a convolution, which the host leaves to the device; as integers. */
const doubled: ModelText["nodes"] = [
  ["Conv", ["x", "w"], ["c"]],
  ["Reshape", ["c", "two"], ["r"]],
  ["Cast", ["r"], ["i"], { to: 7 }],
];
const constants = { w: floats([1, 1, 1, 1], [2]), two: ints([2]), zero: ints([0]), one: ints([1]) };
const x = (...values: number[]) => ({ x: hostValue("f32", [1, 1, 1, 2], values) });

Deno.test("a shape that was computed is read, and lowering goes on from there", () => {
  const text: ModelText = {
    inputs: { x: [1, 1, 1, 2] },
    outputs: ["y", "c"],
    constants,
    nodes: [...doubled, ["ConstantOfShape", ["i"], ["z"], { value: floats([1], [7]) }], ["Tanh", ["z"], ["t"]], [
      "Shape",
      ["t"],
      ["y"],
    ]],
    types: { y: "i64" },
  };
  const result = run(text, x(1, 2));
  assertEquals(result, { reads: [1], y: { shape: [2], data: [2n, 4n] }, c: { shape: [1, 1, 1, 2], data: [2, 4] } });
  assertEquals(run(text, x(0, 2)).y, { shape: [2], data: [0n, 4n] });
});

Deno.test("what several nodes wait for is read together", () => {
  const { reads, y } = run({
    inputs: { x: [1, 1, 1, 2] },
    outputs: ["y"],
    constants,
    nodes: [
      ...doubled,
      ["Conv", ["c", "w"], ["d"]],
      ["Reshape", ["d", "two"], ["e"]],
      ["Cast", ["e"], ["j"], { to: 7 }],
      ["ConstantOfShape", ["i"], ["a"]],
      ["ConstantOfShape", ["j"], ["b"]],
      ["ReduceSum", ["b"], ["s"]],
      ["Shape", ["a"], ["sa"]],
      ["Shape", ["b"], ["sb"]],
      ["Concat", ["sa", "sb"], ["y"], { axis: 0 }],
    ],
    types: { y: "i64" },
  }, x(1, 3));
  assertEquals({ reads, y }, { reads: [2], y: { shape: [4], data: [2n, 6n, 4n, 12n] } });
});

Deno.test("one lowering goes on with different elements", () => {
  const model = modelOf({
    inputs: { x: [1, 1, 1, 2] },
    outputs: ["y"],
    constants,
    nodes: [...doubled, ["ConstantOfShape", ["i"], ["a"]], ["Exp", ["a"], ["y"]]],
  });
  const lowerer = Lowerer.begin(model, x(1, 1) as Record<string, Feed>);
  const segment = lowerer.advance();
  const shapes = [[2, 3], [4, 5], [2, 3]].map((extents) => {
    const next = lowerer.answer(segment, [hostValue("i64", [2], extents)]);
    return next.advance().program.outputs.get("y")!.shape;
  });
  assertEquals(shapes, [[2, 3], [4, 5], [2, 3]]);
});

const branch = (...nodes: ModelText["nodes"]): ModelText => ({ inputs: {}, outputs: ["out"], nodes });

Deno.test("a computed condition chooses a branch, whose result may have another rank", () => {
  const text: ModelText = {
    inputs: { x: [1, 1, 1, 2] },
    outputs: ["y"],
    constants: { ...constants, limit: floats([], [5]) },
    nodes: [
      ["Conv", ["x", "w"], ["c"]],
      ["ReduceSum", ["c"], ["s"], { keepdims: 0 }],
      ["Greater", ["s", "limit"], ["is"]],
      ["If", ["is"], ["b"], {
        then_branch: { graph: branch(["Neg", ["c"], ["out"]]) },
        else_branch: { graph: branch(["Squeeze", ["c"], ["out"]]) },
      }],
      ["Add", ["b", "b"], ["y"]],
    ],
  };
  assertEquals(run(text, x(1, 2)), { reads: [1], y: { shape: [1, 1, 1, 2], data: [-4, -8] } });
  assertEquals(run(text, x(1, 1)), { reads: [1], y: { shape: [2], data: [4, 4] } });
});

/** Adds the iteration's number to what it carries, and gives its square. */
const counting: ModelText = {
  inputs: { i: [], goes: [], v: [] },
  outputs: ["on", "next", "square"],
  types: { i: "i64", goes: "bool", on: "bool" },
  shapes: { square: [] },
  constants: { limit: floats([], [40]) },
  nodes: [
    ["Cast", ["i"], ["f"], { to: 1 }],
    ["Add", ["v", "f"], ["next"]],
    ["Mul", ["f", "f"], ["square"]],
    ["Less", ["next", "limit"], ["on"]],
  ],
};

Deno.test("a loop carries values, collects slices and ends by its count or its condition", () => {
  const text = (count: number): ModelText => ({
    inputs: { x: [1, 1, 1, 2] },
    outputs: ["last", "squares"],
    constants: { ...constants, count: ints([count], []), shape: ints([-1]) },
    nodes: [
      ["Conv", ["x", "w"], ["c"]],
      ["ReduceSum", ["c"], ["s"], { keepdims: 0 }],
      ["Loop", ["count", "", "s"], ["last", "squares"], { body: { graph: counting } }],
    ],
  });
  // The condition is of computed data: it is read before each iteration but the first.
  assertEquals(run(text(3), x(1, 1)), {
    reads: [1, 1],
    last: { shape: [], data: [7] },
    squares: { shape: [3], data: [0, 1, 4] },
  });
  const ended = run(text(100), x(10, 7));
  assertEquals(ended.last, { shape: [], data: [40] });
  assertEquals(ended.squares, { shape: [4], data: [0, 1, 4, 9] });
  assertEquals(run(text(0), x(1, 1)), {
    reads: [],
    last: { shape: [], data: [4] },
    squares: { shape: [0], data: [] },
  });
});

Deno.test("shapes inside of a loop's iterations come from one read", () => {
  const text: ModelText = {
    inputs: { x: [1, 1, 1, 2] },
    outputs: ["y"],
    constants: { ...constants, none: floats([0], []), count: ints([2], []), yes: ints([1], []) },
    nodes: [
      ...doubled,
      ["Cast", ["yes"], ["on"], { to: 9 }],
      ["Loop", ["count", "on", "none"], ["y"], {
        body: {
          graph: {
            inputs: { n: [], goes: [], v: ["a"] },
            outputs: ["goes", "next"],
            types: { n: "i64", goes: "bool" },
            nodes: [
              ["Gather", ["i", "n"], ["own"]],
              ["Unsqueeze", ["own", "zero"], ["shape"]],
              ["ConstantOfShape", ["shape"], ["part"], { value: floats([1], [3]) }],
              ["Concat", ["v", "part"], ["next"], { axis: 0 }],
            ],
          },
        },
      }],
    ],
  };
  assertEquals(run(text, x(1, 2)), { reads: [1], y: { shape: [6], data: [3, 3, 3, 3, 3, 3] } });
  assertEquals(run(text, x(0, 0)), { reads: [1], y: { shape: [0], data: [] } });
});

Deno.test("a scan goes along axes in either direction", () => {
  const text = (direction: number, axis: number): ModelText => ({
    inputs: { x: [2, 3] },
    outputs: ["sum", "sums"],
    constants: { start: floats([axis === 1 ? 2 : 3], [0, 0, 0].slice(axis)) },
    nodes: [["Scan", ["start", "x"], ["sum", "sums"], {
      num_scan_inputs: 1,
      scan_input_axes: [axis],
      scan_input_directions: [direction],
      scan_output_directions: [direction],
      scan_output_axes: [-1],
      body: {
        graph: {
          inputs: { s: [1], part: [1] },
          outputs: ["next", "copy"],
          nodes: [["Add", ["s", "part"], ["next"]], ["Identity", ["next"], ["copy"]]],
        },
      },
    }]],
  });
  const feeds = { x: hostValue("f32", [2, 3], [1, 2, 3, 4, 5, 6]) };
  assertEquals(run(text(0, 1), feeds), {
    reads: [],
    sum: { shape: [2], data: [6, 15] },
    sums: { shape: [2, 3], data: [1, 3, 6, 4, 9, 15] },
  });
  assertEquals(run(text(1, 1), feeds).sums, { shape: [2, 3], data: [6, 5, 3, 15, 11, 6] });
  assertEquals(run(text(0, 0), feeds).sums, { shape: [3, 2], data: [1, 5, 2, 7, 3, 9] });
});

Deno.test("a loop without an end and shapes beyond all bounds are refused before they take memory", () => {
  const body: ModelText = { inputs: { i: [], on: [], v: [] }, outputs: ["on", "v"], nodes: [] };
  const endless: ModelText = {
    inputs: { x: [] },
    outputs: ["y"],
    nodes: [["Loop", ["", "", "x"], ["y"], { body: { graph: body } }]],
  };
  const feeds = { x: hostValue("f32", [], [1]) };
  const error = assertThrows(() => run(endless, feeds), ModelError);
  assertStringIncludes(error.message, "Cannot run m.onnx as its loops unroll to more than");
  assertStringIncludes(error.message, "Loop_y");
  const range: ModelText = {
    inputs: { x: [] },
    outputs: ["y"],
    constants: { a: ints([0], []), b: ints([2 ** 40], []), s: ints([1], []), none: ints([0], []) },
    nodes: [["Range", ["a", "b", "s"], ["r"]], ["Cast", ["r"], ["y"], { to: 1 }]],
  };
  assertStringIncludes(assertThrows(() => run(range, feeds), ModelError).message, "Range_r would make");
  const still = { ...range, nodes: [["Range", ["a", "b", "none"], ["y"]]] as ModelText["nodes"] };
  assertStringIncludes(assertThrows(() => run(still, feeds), ModelError).message, "its step is 0");
});

Deno.test("what isn't supported inside of branches is listed as well", () => {
  const text: ModelText = {
    inputs: { x: [1], is: [] },
    types: { is: "bool" },
    outputs: ["y"],
    nodes: [["If", ["is"], ["y"], {
      then_branch: { graph: branch(["Foo", ["x"], ["out"]]) },
      else_branch: { graph: branch(["Identity", ["x"], ["out"]]) },
    }]],
  };
  const error = assertThrows(() => checkOperators(readModel(buildModel(text), "m.onnx")), UnsupportedError);
  assertStringIncludes(error.message, "1 x Foo");
});
