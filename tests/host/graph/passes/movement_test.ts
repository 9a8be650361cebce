/** Movement that undoes or repeats itself, and steps that are written twice. */
import { assertEquals } from "@std/assert";
import { joinCommonSteps } from "../../../../engine/graph/passes/common_steps.ts";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { simplifyMovement } from "../../../../engine/graph/passes/simplify_movement.ts";
import { ints, type ModelText } from "../../../onnx_builder.ts";
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
