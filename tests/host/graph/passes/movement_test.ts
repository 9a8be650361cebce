/** Movement that undoes or repeats itself, and steps that are written twice. */
import { assertEquals } from "@std/assert";
import { joinCommonSteps } from "../../../../engine/graph/passes/common_steps.ts";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { fuseDoublings } from "../../../../engine/graph/passes/fuse_doublings.ts";
import { fuseRolls } from "../../../../engine/graph/passes/fuse_rolls.ts";
import { fuseRowMoves } from "../../../../engine/graph/passes/fuse_row_moves.ts";
import { simplifyMovement } from "../../../../engine/graph/passes/simplify_movement.ts";
import { floats, ints, type ModelText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

const moved = (text: Partial<ModelText> & Pick<ModelText, "nodes">, shape: number[]): string[] =>
  namesAfter([simplifyMovement, dropDeadSteps], { inputs: { x: shape }, outputs: ["y"], ...text });

Deno.test("transpositions that follow each other are one, or none", () => {
  const nodes: ModelText["nodes"] = [
    ["Transpose", ["x"], ["a"], { perm: [2, 0, 1] }],
    ["Transpose", ["a"], ["b"], { perm: [2, 1, 0] }],
    ["Relu", ["b"], ["y"]],
  ];
  assertEquals(moved({ nodes }, [2, 3, 4]), ["transpose", "unary"]);
  const back: ModelText["nodes"] = [nodes[0], ["Transpose", ["a"], ["b"], { perm: [1, 2, 0] }], nodes[2]];
  assertEquals(moved({ nodes: back }, [2, 3, 4]), ["unary"]);
  // What somebody else reads stays.
  assertEquals(moved({ nodes: back, outputs: ["y", "a"] }, [2, 3, 4]), ["transpose", "unary"]);
});

Deno.test("axes of size 1 are moved by a change of shape, and changes of shape are one", () => {
  const nodes: ModelText["nodes"] = [
    ["Transpose", ["x"], ["a"], { perm: [1, 0, 2] }],
    ["Reshape", ["a", "s"], ["b"]],
    ["Relu", ["b"], ["y"]],
  ];
  assertEquals(moved({ nodes, constants: { s: ints([3, -1]) } }, [1, 3, 4]), ["reshape", "unary"]);
  const none: ModelText["nodes"] = [...nodes.slice(0, 2), ["Reshape", ["b", "t"], ["c"]], ["Relu", ["c"], ["y"]]];
  const constants = { s: ints([3, -1]), t: ints([1, 3, 4]) };
  assertEquals(moved({ nodes: none, constants }, [1, 3, 4]), ["unary"]);
});

Deno.test("slices of slices are one", () => {
  const constants = {
    from: ints([1]),
    to: ints([9]),
    low: ints([-99]),
    by: ints([2]),
    back: ints([-1]),
    axis: ints([0]),
  };
  const nodes: ModelText["nodes"] = [
    ["Slice", ["x", "from", "to", "axis", "by"], ["a"]],
    ["Slice", ["a", "to", "low", "axis", "back"], ["b"]],
    ["Slice", ["b", "from", "to", "axis"], ["c"]],
    ["Relu", ["c"], ["y"]],
  ];
  assertEquals(moved({ nodes, constants }, [9, 2]), ["slice", "unary"]);
  assertEquals(moved({ nodes, constants, outputs: ["y", "a"] }, [9, 2]), ["slice", "slice", "unary"]);
});

Deno.test("a result that only moves is still given, also where it is the input", () => {
  const nodes: ModelText["nodes"] = [
    ["Transpose", ["x"], ["a"], { perm: [1, 0] }],
    ["Transpose", ["a"], ["y"], { perm: [1, 0] }],
  ];
  assertEquals(moved({ nodes }, [3, 4]), []);
});

Deno.test("what is computed twice is computed once, in chains as well", () => {
  const nodes: ModelText["nodes"] = [
    ["Relu", ["x"], ["a"]],
    ["Relu", ["x"], ["b"]],
    ["ReduceMean", ["a"], ["m"], { axes: [1] }],
    ["ReduceMean", ["b"], ["n"], { axes: [1] }],
    ["ReduceMean", ["b"], ["o"], { axes: [0] }],
    ["Add", ["m", "n"], ["y"]],
    ["Sub", ["o", "n"], ["z"]],
  ];
  const text = { inputs: { x: [4, 4] }, outputs: ["y", "z", "m", "n"], opset: 16, nodes };
  assertEquals(namesAfter([joinCommonSteps], text), ["unary", "reduce", "reduce", "binary", "binary"]);
});

Deno.test("options that JSON writes alike are told apart", () => {
  const nodes: ModelText["nodes"] = [
    ["LeakyRelu", ["x"], ["y"], { alpha: { float: Infinity } }],
    ["LeakyRelu", ["x"], ["z"], { alpha: { float: 0.5 } }],
    ["LeakyRelu", ["x"], ["w"], { alpha: { float: 0.5 } }],
  ];
  assertEquals(namesAfter([joinCommonSteps], { inputs: { x: [5] }, outputs: ["y", "z", "w"], nodes }), [
    "unary",
    "unary",
  ]);
});

Deno.test("slices that are put together along their axis are gathered", () => {
  const constants = { from: ints([2]), all: ints([9]), none: ints([0]), two: ints([2]), axis: ints([1]) };
  const rolled = (nodes: ModelText["nodes"], outputs = ["y"]): string[] =>
    namesAfter([fuseRolls, dropDeadSteps], { inputs: { x: [3, 5, 2] }, outputs, opset: 16, constants, nodes });
  const slices: ModelText["nodes"] = [
    ["Slice", ["x", "from", "all", "axis"], ["a"]],
    ["Slice", ["x", "none", "two", "axis"], ["b"]],
  ];
  assertEquals(rolled([...slices, ["Concat", ["a", "b"], ["y"], { axis: 1 }]]), ["gather"]);
  assertEquals(rolled([...slices, ["Concat", ["a", "b"], ["y"], { axis: -2 }]], ["y", "b"]), ["slice", "gather"]);
  // Along another axis, of another value or by steps they stay.
  const halves: ModelText["nodes"] = [slices[1], ["Concat", ["b", "b"], ["y"], { axis: 2 }]];
  assertEquals(rolled(halves), ["slice", "concat"]);
  const other: ModelText["nodes"] = [slices[0], ["Relu", ["x"], ["r"]], ["Slice", ["r", "none", "two", "axis"], ["b"]]];
  assertEquals(rolled([...other, ["Concat", ["a", "b"], ["y"], { axis: 1 }]]).includes("concat"), true);
  const steps: ModelText["nodes"] = [slices[0], ["Slice", ["x", "none", "all", "axis", "two"], ["b"]]];
  assertEquals(rolled([...steps, ["Concat", ["a", "b"], ["y"], { axis: 1 }]]).includes("concat"), true);
});

Deno.test("maps that are doubled on their way to a concatenation are read by it", () => {
  const constants = {
    twice: floats([4], [1, 1, 2, 2]),
    thrice: floats([4], [1, 1, 3, 3]),
    wide: floats([4], [1, 1, 2, 4]),
    b: floats([1, 2, 4, 6], Array.from({ length: 48 }, (_, i) => i)),
    c: floats([1, 2, 6, 9], Array.from({ length: 108 }, (_, i) => i)),
    d: floats([1, 2, 4, 12], Array.from({ length: 96 }, (_, i) => i)),
  };
  const joined = (scales: string, other: string, attributes: Record<string, string> = {}, outputs = ["y"]): string[] =>
    namesAfter([fuseDoublings, dropDeadSteps], {
      inputs: { x: [1, 3, 2, 3] },
      outputs,
      opset: 16,
      constants,
      nodes: [
        ["Resize", ["x", "", scales], ["r"], { mode: "nearest", ...attributes }],
        ["Concat", ["r", other], ["y"], { axis: 1 }],
      ],
    });
  const asymmetric = { coordinate_transformation_mode: "asymmetric" };
  assertEquals(joined("twice", "b"), ["concat"]);
  assertEquals(joined("twice", "b", { ...asymmetric, nearest_mode: "floor" }), ["concat"]);
  // Other neighbors, no power of two, other factors of other axes, and what somebody else reads stay.
  assertEquals(joined("twice", "b", { ...asymmetric, nearest_mode: "ceil" }), ["resize", "concat"]);
  assertEquals(joined("twice", "b", { mode: "linear" }), ["resize", "concat"]);
  assertEquals(joined("thrice", "c"), ["resize", "concat"]);
  assertEquals(joined("wide", "d"), ["resize", "concat"]);
  assertEquals(joined("twice", "b", {}, ["y", "r"]), ["resize", "concat"]);
});

Deno.test("windows that are shifted and taken apart, and patches side by side, are one gather of rows", () => {
  const constants: ModelText["constants"] = {
    zero: ints([0]),
    one: ints([1]),
    two: ints([2]),
    six: ints([6]),
    axis1: ints([1]),
    both: ints([1, 2]),
    places: ints([5, 0, 1, 2, 3, 4]),
    windows: ints([1, 3, 2, 3, 2, 32]),
    rows: ints([36, 32]),
    half: ints([16]),
    long: ints([99]),
    last: ints([-1]),
    ends: ints([6, 6]),
    steps: ints([2, 2]),
    ...Object.fromEntries([0, 1].flatMap((y) => [0, 1].map((x) => [`at ${y}${x}`, ints([y, x])]))),
  };
  const text = (nodes: ModelText["nodes"], outputs = ["y"]): ModelText => ({
    inputs: { x: [1, 6, 6, 32] },
    outputs,
    constants,
    nodes,
  });
  const found = (nodes: ModelText["nodes"], outputs?: string[]) =>
    namesAfter([dropDeadSteps, fuseRowMoves, dropDeadSteps], text(nodes, outputs))
      .filter((name) => name !== "reshape");
  const windows: ModelText["nodes"] = [
    ["Gather", ["x", "places"], ["a"], { axis: 1 }],
    ["Gather", ["a", "places"], ["b"], { axis: 2 }],
    ["Reshape", ["b", "windows"], ["c"]],
    ["Transpose", ["c"], ["d"], { perm: [0, 1, 3, 2, 4, 5] }],
    ["Reshape", ["d", "rows"], ["e"]],
    ["Relu", ["e"], ["y"]],
  ];
  assertEquals(found(windows), ["gather", "unary"]);
  assertEquals(found(windows, ["y", "b"]), ["gather", "transpose", "unary"]);
  const patches: ModelText["nodes"] = [
    ...["00", "10", "01", "11"].map((place): ModelText["nodes"][0] => {
      return ["Slice", ["x", `at ${place}`, "ends", "both", "steps"], [place]];
    }),
    ["Concat", ["00", "10", "01", "11"], ["y"], { axis: 3 }],
  ];
  assertEquals(found(patches), ["gather"]);
  // Half a row is a row as well; a part that is none stays.
  const parts = (begin: string): ModelText["nodes"] => [
    ["Slice", ["x", begin, "last", "last"], ["a"]],
    ["Gather", ["a", "places"], ["b"], { axis: 1 }],
    ["Transpose", ["b"], ["y"], { perm: [0, 2, 1, 3] }],
  ];
  assertEquals(found(parts("half")).includes("slice"), true);
  const halves: ModelText["nodes"] = [
    ["Slice", ["x", "half", "long", "last"], ["a"]],
    ["Transpose", ["a"], ["y"], { perm: [0, 2, 1, 3] }],
  ];
  assertEquals(found(halves), ["gather"]);
  // Rows of two values have no common table.
  const two: ModelText["nodes"] = [
    ["Relu", ["x"], ["r"]],
    ["Concat", ["x", "r"], ["a"], { axis: 3 }],
    ["Transpose", ["a"], ["y"], { perm: [0, 2, 1, 3] }],
  ];
  assertEquals(found(two), ["unary", "concat", "transpose"]);
});
