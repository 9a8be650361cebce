/** Pads before average poolings and convolutions become theirs, where they mean the same. */
import { assertEquals } from "@std/assert";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { foldPads } from "../../../../engine/graph/passes/fold_pads.ts";
import { floats, ints, type NodeText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

const left = (nodes: NodeText[], outputs = ["y"]): string[] =>
  namesAfter([foldPads, dropDeadSteps], {
    inputs: { x: [2, 3, 5, 6] },
    outputs,
    opset: 13,
    constants: {
      around: ints([0, 0, 1, 2, 0, 0, 2, 1]),
      channels: ints([0, 1, 1, 1, 0, 0, 1, 1]),
      cut: ints([0, 0, -1, 1, 0, 0, 1, 1]),
      one: floats([], [1]),
      weight: floats([2, 3, 3, 3], Array.from({ length: 54 }, (_, index) => (index % 7) / 7 - 0.4)),
    },
    nodes,
  }, 1e-6);

const padded = (...more: string[]): NodeText => ["Pad", ["x", ...more], ["p"]];
const average = (attributes = {}): NodeText => ["AveragePool", ["p"], ["y"], { kernel_shape: [3, 3], ...attributes }];

Deno.test("zeros around a map become pads of the average pooling or convolution that follows", () => {
  assertEquals(left([padded("around"), average()]), ["pool"]);
  assertEquals(left([padded("around"), average({ strides: [2, 1] })]), ["pool"]);
  assertEquals(left([padded("around"), average({ pads: [1, 1, 0, 1], count_include_pad: 1 })]), ["pool"]);
  assertEquals(left([padded("around"), ["Conv", ["p", "weight"], ["y"], { pads: [1, 0, 1, 0] }]]), ["convolution"]);
  assertEquals(left([padded("around"), average()], ["y", "p"]), ["pad", "pool"]);
});

Deno.test("pads that mean something else stay", () => {
  assertEquals(left([padded("around"), ["MaxPool", ["p"], ["y"], { kernel_shape: [3, 3] }]]), ["pad", "pool"]);
  assertEquals(left([padded("around"), average({ pads: [1, 1, 1, 1] })]), ["pad", "pool"]);
  assertEquals(left([padded("around"), average({ ceil_mode: 1, strides: [3, 3] })]), ["pad", "pool"]);
  assertEquals(left([padded("around", "one"), average()]), ["pad", "pool"]);
  assertEquals(left([padded("channels"), average()]), ["pad", "pool"]);
  assertEquals(left([padded("cut"), average()]), ["pad", "pool"]);
  assertEquals(left([["Pad", ["x", "around"], ["p"], { mode: "edge" }], average()]), ["pad", "pool"]);
});
