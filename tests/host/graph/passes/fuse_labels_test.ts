/** Labels of resized maps become one operation, and are what they were. */
import { assertEquals } from "@std/assert";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { fuseLabels } from "../../../../engine/graph/passes/fuse_labels.ts";
import { floats, type ModelText, type NodeText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

/** The operations of a network with the pass. */
function fused(nodes: NodeText[], shape: readonly number[], rest: Partial<ModelText> = {}): string[] {
  const text: ModelText = { inputs: { x: shape }, outputs: ["y"], types: { y: "i64" }, nodes, ...rest };
  return namesAfter([fuseLabels, dropDeadSteps], text);
}

const scales = { s: floats([4], [1, 1, 2.5, 2]), t: floats([1], [0.6]) };
const larger: NodeText = ["Resize", ["x", "", "s"], ["l"], { mode: "linear" }];

Deno.test("the greatest of resized maps is found without them, also behind a softmax", () => {
  const best: NodeText = ["ArgMax", ["l"], ["y"], { axis: 1, keepdims: 0 }];
  assertEquals(fused([larger, best], [2, 3, 5, 4], { constants: scales }), ["resizeLabels"]);
  const soft: NodeText[] = [
    ["Resize", ["x", "", "s"], ["l"], { mode: "nearest", coordinate_transformation_mode: "asymmetric" }],
    ["Softmax", ["l"], ["p"], { axis: 1 }],
    ["ArgMax", ["p"], ["y"], { axis: -3 }],
  ];
  assertEquals(fused(soft, [1, 3, 5, 4], { constants: scales }), ["resizeLabels", "reshape"]);
});

Deno.test("one resized map is cut at a threshold without it, also behind a sigmoid", () => {
  const types = { y: "bool" } as const;
  assertEquals(
    fused([larger, ["Greater", ["l", "t"], ["y"]]], [1, 1, 5, 4], { constants: scales, types }),
    ["resizeLabels", "reshape"],
  );
  const sigmoid: NodeText[] = [larger, ["Sigmoid", ["l"], ["p"]], ["Greater", ["p", "t"], ["y"]]];
  assertEquals(fused(sigmoid, [1, 1, 5, 4], { constants: scales, types }), ["resizeLabels", "reshape"]);
  // Of several maps the standard has an array of each.
  assertEquals(fused(sigmoid, [1, 2, 5, 4], { constants: scales, types }), ["resize", "unary", "binary"]);
});

Deno.test("maps that are read elsewhere, other axes and the last of equal maps stay as they are", () => {
  const plain = ["resize", "argReduce"];
  const attributes = { axis: 1, keepdims: 0 };
  const constants = scales;
  assertEquals(
    fused([larger, ["ArgMax", ["l"], ["y"], attributes]], [1, 3, 5, 4], { constants, outputs: ["y", "l"] }),
    plain,
  );
  for (const other of [{ axis: 2, keepdims: 0 }, { ...attributes, select_last_index: 1 }]) {
    assertEquals(fused([larger, ["ArgMax", ["l"], ["y"], other]], [1, 3, 5, 4], { constants }), plain);
  }
  const channels = { s: floats([4], [1, 2, 1, 1]) };
  assertEquals(
    fused([larger, ["ArgMax", ["l"], ["y"], attributes]], [1, 3, 5, 4], { constants: channels }),
    plain,
  );
});
