/** Means, sums and roots of squares are found, and are what they were. */
import { assertEquals } from "@std/assert";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { fuseSquares } from "../../../../engine/graph/passes/fuse_squares.ts";
import { floats, type NodeText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

const found = (nodes: NodeText[], outputs = ["y"]): string[] =>
  namesAfter([fuseSquares, dropDeadSteps], {
    inputs: { x: [2, 3, 4] },
    outputs,
    opset: 16,
    constants: { two: floats([], [2]), three: floats([], [3]), row: floats([1, 1, 1, 1], [2]) },
    nodes,
  }, 2e-6);

const mean: NodeText = ["ReduceMean", ["s"], ["m"], { axes: [1, 2] }];
const root: NodeText = ["Sqrt", ["m"], ["y"]];

Deno.test("means and sums of squares are one reduction, with and without a root", () => {
  assertEquals(found([["Pow", ["x", "two"], ["s"]], mean, root]), ["reduce"]);
  assertEquals(found([["Mul", ["x", "x"], ["s"]], mean], ["m"]), ["reduce"]);
  assertEquals(found([["Mul", ["x", "x"], ["s"]], ["ReduceSum", ["s"], ["m"]], root]), ["reduce"]);
  assertEquals(found([["ReduceSumSquare", ["x"], ["m"], { axes: [-1] }], root]), ["reduce"]);
});

Deno.test("what isn't a square, or what somebody else reads, stays", () => {
  assertEquals(found([["Pow", ["x", "three"], ["s"]], mean], ["m"]), ["binary", "reduce"]);
  // A power that broadcasts to another rank.
  const first: NodeText = ["ReduceMean", ["s"], ["m"], { axes: [0] }];
  assertEquals(found([["Pow", ["x", "row"], ["s"]], first], ["m"]), ["binary", "reduce"]);
  assertEquals(found([["Abs", ["x"], ["s"]], mean, root]), ["unary", "reduce", "unary"]);
  assertEquals(found([["Mul", ["x", "x"], ["s"]], mean, root], ["y", "m"]), ["reduce", "unary"]);
  assertEquals(found([["Mul", ["x", "x"], ["s"]], mean, root], ["y", "s"]), ["binary", "reduce"]);
});
