/** Convolutions that read maps where they lie, beside the operations that make them. */
import { assertEquals } from "@std/assert";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { foldDoublings } from "../../../../engine/graph/passes/fold_doublings.ts";
import { fuseDoublings } from "../../../../engine/graph/passes/fuse_doublings.ts";
import { fuseEpilogue } from "../../../../engine/graph/passes/fuse_epilogue.ts";
import { joinConvolutions } from "../../../../engine/graph/passes/join_convolutions.ts";
import { floats, type ModelText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

const count = (...shape: number[]) =>
  floats(shape, Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i % 7 - 3));

const constants = {
  s: count(4),
  b: count(4),
  twice: floats([4], [1, 1, 2, 2]),
  w: count(2, 4, 3, 3),
  w7: count(2, 7, 3, 3),
  w8: count(2, 8, 3, 3),
  grouped: count(4, 2, 3, 3),
};

const pads = [1, 1, 1, 1];
const normal: ModelText["nodes"] = [
  ["InstanceNormalization", ["x", "s", "b"], ["n"]],
  ["LeakyRelu", ["n"], ["a"], { alpha: 0.25 }],
];

const joined = (nodes: ModelText["nodes"], outputs = ["y"]): string[] =>
  namesAfter([fuseDoublings, fuseEpilogue, joinConvolutions, dropDeadSteps], {
    inputs: { x: [1, 4, 4, 6], z: [1, 4, 2, 3], three: [1, 3, 4, 6] },
    outputs,
    opset: 16,
    constants,
    nodes,
  });

Deno.test("a convolution normalizes and activates what it reads", () => {
  const conv: ModelText["nodes"][0] = ["Conv", ["a", "w"], ["y"], { pads }];
  assertEquals(joined([...normal, conv]), ["instanceMoments", "joinedConvolution"]);
  // Several convolutions share the moments; what somebody else reads stays, as does an activation that pages don't have.
  const other: ModelText["nodes"][0] = ["Conv", ["a", "w"], ["v"], { pads, dilations: [2, 2] }];
  assertEquals(joined([...normal, conv, other], ["y", "v"]), [
    "instanceMoments",
    "joinedConvolution",
    "joinedConvolution",
  ]);
  // With strides it would normalize elements more often than that they are stored.
  const strided: ModelText["nodes"][0] = ["Conv", ["a", "w"], ["v"], { pads, strides: [2, 2] }];
  assertEquals(joined([...normal, conv, strided], ["y", "v"]), ["instanceNormalization", "convolution", "convolution"]);
  assertEquals(joined([...normal, conv], ["y", "a"]), ["instanceNormalization", "convolution"]);
  assertEquals(joined([normal[0], ["Sigmoid", ["n"], ["a"]], conv]), ["instanceNormalization", "convolution"]);
  assertEquals(joined([...normal, ["Conv", ["a", "grouped"], ["y"], { group: 2 }]]), [
    "instanceNormalization",
    "convolution",
  ]);
});

Deno.test("a convolution reads maps side by side, and doubled ones", () => {
  const doubled: ModelText["nodes"][0] = ["Resize", ["z", "", "twice"], ["d"], { mode: "nearest" }];
  const beside = (a: string, b: string, w: string): ModelText["nodes"] => [
    ["Concat", [a, b], ["c"], { axis: 1 }],
    ["Conv", ["c", w], ["y"], { pads }],
  ];
  assertEquals(joined([doubled, ["Conv", ["d", "w"], ["y"], { pads }]]), ["joinedConvolution"]);
  assertEquals(joined([doubled, ...beside("d", "x", "w8")]), ["joinedConvolution"]);
  assertEquals(joined([...normal, doubled, ...beside("d", "a", "w8")]), ["instanceMoments", "joinedConvolution"]);
  assertEquals(joined(beside("x", "three", "w7")), ["joinedConvolution"]);
  // A second map would begin within a texel; what somebody else reads stays.
  assertEquals(joined(beside("three", "x", "w7")), ["concat", "convolution"]);
  assertEquals(joined(beside("x", "three", "w7"), ["y", "c"]), ["concat", "convolution"]);
  // Two activations are one too many.
  const second: ModelText["nodes"] = [["InstanceNormalization", ["x", "b", "s"], ["m"]], ["Relu", ["m"], ["r"]]];
  assertEquals(joined([...normal, ...second, ...beside("a", "r", "w8")]), [
    "instanceNormalization",
    "instanceNormalization",
    "joinedConvolution",
  ]);
});

Deno.test("a convolution of few channels sums its weights instead of doubling what it reads", () => {
  const folded = (
    w: string,
    attributes: Record<string, number[] | number>,
    shape = [2, 4, 2, 3],
    scales = "twice",
  ): string[] =>
    namesAfter(
      [foldDoublings, dropDeadSteps],
      {
        inputs: { z: shape },
        outputs: ["y"],
        opset: 16,
        constants: {
          ...constants,
          wide: count(3, 4, 2, 5),
          deep: count(3, 2, 3, 3, 2),
          twice3: floats([5], [1, 1, 2, 2, 2]),
          thrice: floats([4], [1, 1, 3, 3]),
          many: count(32, 32, 3, 3),
          bias: count(2),
        },
        nodes: [
          ["Resize", ["z", "", scales], ["d"], { mode: "nearest" }],
          ["Conv", w === "w" ? ["d", w, "bias"] : ["d", w], ["y"], attributes],
        ],
      },
      1e-5,
    );
  assertEquals(folded("w", { pads }), ["convolutionTranspose"]);
  assertEquals(folded("w", { pads: [0, 2, 3, 1] }), ["convolutionTranspose"]);
  assertEquals(folded("wide", { pads: [1, 2, 0, 2] }), ["convolutionTranspose"]);
  assertEquals(folded("deep", { pads: [1, 1, 1, 1, 1, 0] }, [1, 2, 2, 3, 2], "twice3"), ["convolutionTranspose"]);
  // Strides, groups, other factors and many channels stay.
  assertEquals(folded("w", { pads, strides: [2, 1] }), ["resize", "convolution"]);
  assertEquals(folded("grouped", { pads, group: 2 }), ["resize", "convolution"]);
  assertEquals(folded("w", { pads }, [2, 4, 2, 3], "thrice"), ["resize", "convolution"]);
  assertEquals(folded("many", { pads }, [1, 32, 2, 3]), ["resize", "convolution"]);
});
