/** Normalizations and GELU that exporters write out are found, and are what they were. */
import { assertEquals } from "@std/assert";
import { dropDeadSteps } from "../../../../engine/graph/passes/dead_steps.ts";
import { fuseGelu } from "../../../../engine/graph/passes/fuse_gelu.ts";
import { fuseNormalization } from "../../../../engine/graph/passes/fuse_normalization.ts";
import { floats, ints, type ModelText, type NodeText } from "../../../onnx_builder.ts";
import { namesAfter } from "./compared.ts";

const ramp = (count: number) => Array.from({ length: count }, (_, i) => (i % 7 - 3) / 4);
const scalars = {
  half: floats([], [0.5]),
  one: floats([], [1]),
  two: floats([], [2]),
  three: floats([], [3]),
  root: floats([], [Math.SQRT2]),
  reciprocal: floats([1], [Math.SQRT1_2]),
  cubic: floats([], [0.044715]),
  tanhFactor: floats([], [Math.sqrt(2 / Math.PI)]),
  epsilon: floats([], [1e-5]),
};

const found = (nodes: NodeText[], shape: number[], constants: ModelText["constants"] = {}, outputs = ["y"]): string[] =>
  namesAfter([fuseGelu, fuseNormalization, dropDeadSteps], {
    inputs: { x: shape },
    outputs,
    opset: 16,
    constants: { ...scalars, ...constants },
    nodes,
  }, 2e-6);

Deno.test("gelu is found in whatever order it is multiplied", () => {
  const erf: NodeText[] = [["Div", ["x", "root"], ["a"]], ["Erf", ["a"], ["b"]], ["Add", ["b", "one"], ["c"]]];
  assertEquals(found([...erf, ["Mul", ["x", "c"], ["d"]], ["Mul", ["d", "half"], ["y"]]], [3, 4]), ["unary"]);
  assertEquals(found([...erf, ["Mul", ["half", "x"], ["d"]], ["Mul", ["d", "c"], ["y"]]], [3, 4]), ["unary"]);
  const other: NodeText[] = [["Mul", ["x", "reciprocal"], ["a"]], ["Erf", ["a"], ["b"]], ["Add", ["one", "b"], ["c"]]];
  assertEquals(found([...other, ["Mul", ["c", "x"], ["d"]], ["Div", ["d", "two"], ["y"]]], [3, 4]), ["unary"]);
  // Another factor is another function.
  assertEquals(found([...erf, ["Mul", ["x", "c"], ["d"]], ["Mul", ["d", "three"], ["y"]]], [3, 4]).length, 5);
});

Deno.test("gelu by tanh is found with a power and with products", () => {
  const rest: NodeText[] = [
    ["Mul", ["c", "cubic"], ["d"]],
    ["Add", ["x", "d"], ["e"]],
    ["Mul", ["e", "tanhFactor"], ["f"]],
    ["Tanh", ["f"], ["g"]],
    ["Add", ["g", "one"], ["h"]],
    ["Mul", ["x", "half"], ["i"]],
    ["Mul", ["i", "h"], ["y"]],
  ];
  assertEquals(found([["Pow", ["x", "three"], ["c"]], ...rest], [3, 4]), ["unary"]);
  assertEquals(found([["Mul", ["x", "x"], ["b"]], ["Mul", ["b", "x"], ["c"]], ...rest], [3, 4]), ["unary"]);
  assertEquals(found([["Mul", ["x", "x"], ["c"]], ...rest], [3, 4]).length, 8);
});

const normal = (axes: number[]): NodeText[] => [
  ["ReduceMean", ["x"], ["m"], { axes }],
  ["Sub", ["x", "m"], ["c"]],
  ["Pow", ["c", "two"], ["s"]],
  ["ReduceMean", ["s"], ["v"], { axes }],
  ["Add", ["v", "epsilon"], ["e"]],
  ["Sqrt", ["e"], ["d"]],
  ["Div", ["c", "d"], ["n"]],
];
const affine: NodeText[] = [["Mul", ["n", "scale"], ["p"]], ["Add", ["p", "bias"], ["y"]]];
const both = (shape: number[]) => {
  const count = shape.reduce((product, extent) => product * extent, 1);
  return { scale: floats(shape, ramp(count)), bias: floats(shape, ramp(count).reverse()) };
};

Deno.test("layer normalization is found over one and several axes", () => {
  assertEquals(found([...normal([-1]), ...affine], [2, 3, 5], both([5])), ["layerNormalization"]);
  assertEquals(found([...normal([2, 1]), ...affine], [2, 3, 5], both([1, 3, 5])), ["layerNormalization"]);
  const squares = normal([2]).with(2, ["Mul", ["c", "c"], ["s"]]).with(4, ["Add", ["epsilon", "v"], ["e"]]);
  assertEquals(found([...squares, ...affine], [2, 3, 5], both([5])), ["layerNormalization"]);
  // What is read elsewhere stays for it, and statistics over other axes are none.
  assertEquals(found([...normal([2]), ...affine], [2, 3, 5], both([5]), ["y", "c"]), [
    "reduce",
    "binary",
    "layerNormalization",
  ]);
  assertEquals(found([...normal([1]), ...affine], [2, 3, 5], both([5])).length, 9);
});

Deno.test("normalization over all pixels with a scale per channel is that of instances", () => {
  assertEquals(found([...normal([2, 3]), ...affine], [2, 3, 5, 4], both([3, 1, 1])), ["instanceNormalization"]);
  assertEquals(found([...normal([2]), ...affine], [2, 3, 5], both([1, 3, 1])), ["instanceNormalization"]);
});

Deno.test("groups of channels are found between their changes of shape", () => {
  const instances: NodeText[] = [
    ["Reshape", ["x", "grouped"], ["g"]],
    ["InstanceNormalization", ["g", "ones", "zeros"], ["i"]],
    ["Reshape", ["i", "whole"], ["n"]],
    ...affine,
  ];
  const constants = {
    ...both([6, 1, 1]),
    ones: floats([2], [1, 1]),
    zeros: floats([2], [0, 0]),
    grouped: ints([0, 2, -1]),
    whole: ints([3, 6, 4, 5]),
  };
  assertEquals(found(instances, [3, 6, 4, 5], constants), ["instanceNormalization"]);
  const written: NodeText[] = [
    instances[0],
    ...normal([2]).map(([operator, inputs, outputs, attributes]): NodeText => {
      const names = (list: readonly string[]) => list.map((name) => name === "x" ? "g" : name === "n" ? "i" : name);
      return [operator, names(inputs), names(outputs), attributes];
    }),
    ...instances.slice(2),
  ];
  assertEquals(found(written, [3, 6, 4, 5], constants), ["instanceNormalization"]);
  // Scales that aren't 1, and groups of several images, are something else.
  const scaled = { ...constants, ones: floats([2], [1, 2]) };
  assertEquals(found(instances, [3, 6, 4, 5], scaled).includes("instanceNormalization"), true);
  assertEquals(found(instances, [3, 6, 4, 5], scaled).length, 5);
  const across = { ...constants, grouped: ints([1, 2, -1]) };
  assertEquals(found(instances, [3, 6, 4, 5], across).length, 5);
});
