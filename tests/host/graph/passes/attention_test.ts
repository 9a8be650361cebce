/** Attention that exporters write out is found, reads heads where they lie, and is what it was. */
import { assertEquals } from "@std/assert";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { fuseAttention } from "../../../../engine/graph/passes/fuse_attention.ts";
import { simplifyMovement } from "../../../../engine/graph/passes/simplify_movement.ts";
import { reshapedStrides } from "../../../../engine/graph/passes/views.ts";
import { floats, ints, type ModelText, type NodeText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

const ramp = (count: number) => Array.from({ length: count }, (_, i) => (i * 5 % 11 - 5) / 4);
const constants: ModelText["constants"] = {
  four: floats([1], [4]),
  root: floats([], [0.5]),
  split: ints([2, 5, 3, 2, 4]),
  joined: ints([10, 8]),
  bias: floats([2, 5, 5], ramp(50)),
  mask: floats([2, 1, 1, 5], ramp(10)),
  windows: ints([1, 2, 2, 5, 5]),
  heads: ints([2, 2, 5, 5]),
  zero: ints([0], []),
  one: ints([1], []),
  two: ints([2], []),
  // Above the diagonal of five rows; the last one keeps all, the first one a single score.
  above: floats([5, 5], Array.from({ length: 25 }, (_, i) => i % 5 > Math.floor(i / 5) ? 1 : 0)),
  half: floats([], [0.5]),
  low: floats([], [-1e9]),
  infinite: floats([], [-Infinity]),
};

/** Two images of five rows and two heads of four: q, k and v of one value. */
const parts: NodeText[] = [
  ["Reshape", ["x", "split"], ["p"]],
  ["Transpose", ["p"], ["t"], { perm: [2, 0, 3, 1, 4] }],
  ["Gather", ["t", "zero"], ["q"], { axis: 0 }],
  ["Gather", ["t", "one"], ["k"], { axis: 0 }],
  ["Gather", ["t", "two"], ["v"], { axis: 0 }],
];
const joined: NodeText[] = [["Transpose", ["o"], ["j"], { perm: [0, 2, 1, 3] }], ["Reshape", ["j", "joined"], ["y"]]];

const found = (nodes: NodeText[], outputs = ["y"]): string[] =>
  namesAfter(
    [simplifyMovement, dropDeadSteps, fuseAttention, dropDeadSteps],
    { inputs: { x: [10, 24] }, outputs, opset: 16, constants, nodes },
    2e-6,
  );

const plain: NodeText[] = [
  ["Transpose", ["k"], ["kt"], { perm: [0, 1, 3, 2] }],
  ["MatMul", ["q", "kt"], ["s"]],
  ["Softmax", ["s"], ["w"], { axis: -1 }],
  ["MatMul", ["w", "v"], ["o"]],
];

Deno.test("heads of one product are read where they lie, and written side by side", () => {
  assertEquals(found([...parts, ...plain, ...joined]), ["attention", "reshape"]);
});

Deno.test("a scale stands before the product, in it or behind it", () => {
  const [turned, product, softmax, last] = plain;
  const behind: NodeText[] = [turned, ["MatMul", ["q", "kt"], ["r"]], ["Div", ["r", "four"], ["s"]], softmax, last];
  const before: NodeText[] = [["Mul", ["q", "root"], ["r"]], turned, ["MatMul", ["r", "kt"], ["s"]], softmax, last];
  const both: NodeText[] = [
    ["Mul", ["q", "root"], ["r"]],
    turned,
    ["Mul", ["kt", "root"], ["l"]],
    ["MatMul", ["r", "l"], ["s"]],
    softmax,
    last,
  ];
  for (const nodes of [behind, before, both]) {
    assertEquals(found([...parts, ...nodes, ...joined]), ["attention", "reshape"]);
  }
  // Values that are scaled stay scaled.
  const values: NodeText[] = [turned, product, softmax, ["Mul", ["v", "root"], ["u"]], ["MatMul", ["w", "u"], ["o"]]];
  assertEquals(found([...parts, ...values, ...joined]).includes("attention"), true);
});

Deno.test("biases and masks are added in the order that they have", () => {
  const [turned, , softmax, last] = plain;
  const product: NodeText = ["MatMul", ["q", "kt"], ["a"]];
  const biased: NodeText[] = [turned, product, ["Add", ["bias", "a"], ["s"]], softmax, last];
  assertEquals(found([...parts, ...biased, ...joined]), ["attention", "reshape"]);
  const shifted: NodeText[] = [
    turned,
    product,
    ["Add", ["a", "bias"], ["b"]],
    ["Reshape", ["b", "windows"], ["c"]],
    ["Add", ["c", "mask"], ["d"]],
    ["Reshape", ["d", "heads"], ["s"]],
    softmax,
    last,
  ];
  assertEquals(found([...parts, ...shifted, ...joined]), ["attention", "reshape"]);
  const three: NodeText[] = [
    turned,
    product,
    ["Add", ["a", "bias"], ["b"]],
    ["Add", ["b", "mask"], ["c"]],
    ["Add", ["c", "bias"], ["s"]],
    softmax,
    last,
  ];
  assertEquals(found([...parts, ...three, ...joined]).includes("attention"), false);
});

Deno.test("a constant mask that puts a very low number in the place of scores is added, if it leaves some in each row", () => {
  const [turned, , softmax, last] = plain;
  const masked = (inputs: string[]): NodeText[] => [
    turned,
    ["MatMul", ["q", "kt"], ["a"]],
    ["Greater", ["above", "half"], ["hides"]],
    ["Less", ["above", "half"], ["shows"]],
    ["Where", inputs, ["s"]],
    softmax,
    last,
  ];
  const isFound = (inputs: string[]) => found([...parts, ...masked(inputs), ...joined]).includes("attention");
  assertEquals(["low", "infinite"].map((low) => isFound(["hides", low, "a"])), [true, true]);
  assertEquals(isFound(["shows", "a", "low"]), true);
  // The last row would have none left; and a number that counts.
  assertEquals(isFound(["shows", "low", "a"]), false);
  assertEquals(isFound(["hides", "four", "a"]), false);
});

Deno.test("scores or weights that somebody else reads stay", () => {
  assertEquals(found([...parts, ...plain, ...joined], ["y", "w"]).includes("attention"), false);
  assertEquals(found([...parts, ...plain, ...joined], ["y", "s"]).includes("attention"), false);
  // Heads that somebody else reads before they are moved: the attention gives those.
  assertEquals(found([...parts, ...plain, ...joined], ["y", "o"]), ["attention", "transpose", "reshape"]);
});

Deno.test("a softmax of another axis is no attention", () => {
  const other = plain.map((node): NodeText => node[0] === "Softmax" ? [node[0], node[1], node[2], { axis: 2 }] : node);
  assertEquals(found([...parts, ...other, ...joined]).includes("attention"), false);
});

Deno.test("strides of other axes are found where the elements stay in their order", () => {
  assertEquals(reshapedStrides([6, 4], [4, 1], [2, 3, 4]), [12, 4, 1]);
  assertEquals(reshapedStrides([2, 3, 4], [12, 4, 1], [6, 4]), [4, 1]);
  assertEquals(reshapedStrides([4, 6], [1, 4], [4, 2, 3]), [1, 12, 4]);
  assertEquals(reshapedStrides([4, 6], [1, 4], [24]), undefined);
  assertEquals(reshapedStrides([4, 6], [10, 1], [2, 12]), undefined);
  assertEquals(reshapedStrides([4, 6], [10, 1], [2, 2, 6]), [20, 10, 1]);
  assertEquals(reshapedStrides([1, 4, 1], [99, 2, 7], [2, 1, 2]), [4, 0, 2]);
  assertEquals(reshapedStrides([2, 1, 3], [3, 0, 1], [6]), [1]);
  assertEquals(reshapedStrides([2, 3, 5], [5, 0, 1], [2, 3, 5]), [5, 0, 1]);
  assertEquals(reshapedStrides([], [], [1, 1]), [0, 0]);
});
