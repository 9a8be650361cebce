/** Values whose number of elements is counted on the device: what goes on without it, and what has to read it. */
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { loadModel } from "../../engine/graph/mod.ts";
import { openEngine } from "../../engine/mod.ts";
import { type AttributeValue, buildModel, floats, ints, type NodeText } from "../onnx_builder.ts";

const engine = await openEngine();

const table = floats([12, 3], Array.from({ length: 36 }, (_, i) => (i * 7) % 11 - 4));

const constants = {
  table,
  zero: ints([0]),
  one: ints([1]),
  minus: ints([-1]),
  two: ints([2]),
  four: ints([4]),
  hundred: ints([100]),
  first: ints([0], []),
  last: ints([-1], []),
  third: ints([2], []),
  three: ints([-1, 3]),
  columns: ints([2, 0]),
  half: floats([], [0.5]),
  limit: floats([], [0]),
  row: floats([1, 3], [1, -2, 3]),
  most: ints([100], []),
  overlap: floats([1], [0.3]),
};

/** Where x is above 0: `at` [n], `rows` [n, 3] of the table, `values` [n] of x. */
const begin: NodeText[] = [
  ["Greater", ["x", "limit"], ["is"]],
  ["NonZero", ["is"], ["found"]],
  ["Squeeze", ["found", "zero"], ["at"]],
  ["Gather", ["table", "at"], ["rows"]],
  ["Gather", ["x", "at"], ["values"]],
];

/** Nonempty parts alone go through `nodes`, as exporters write it; otherwise the result is `none`. */
function unlessEmpty(nodes: NodeText[], none: AttributeValue, type: "f32" | "i64"): NodeText[] {
  const branch = (nodes: NodeText[], output: string) => ({
    graph: { inputs: {}, outputs: [output], types: { [output]: type }, nodes },
  });
  return [
    ["Shape", ["rows"], ["shape"]],
    ["ReduceProd", ["shape"], ["size"], { keepdims: 0 }],
    ["Equal", ["size", "first"], ["equal"]],
    ["Cast", ["equal"], ["empty"], { to: 9 }],
    ["If", ["empty"], ["y"], {
      then_branch: branch([["Constant", [], ["none"], { value: none }]], "none"),
      else_branch: branch(nodes, "some"),
    }],
  ];
}

/** Boxes from the rows (their place, and a side of two), those that overlap a better one left out. */
const suppression: NodeText[] = [
  ["Abs", ["rows"], ["positive"]],
  ["ReduceMax", ["positive"], ["greatest"], { keepdims: 0 }],
  ["Add", ["greatest", "half"], ["beyond"]],
  ["Slice", ["positive", "zero", "two", "one"], ["corner"]],
  ["Add", ["corner", "beyond"], ["other"]],
  ["Concat", ["corner", "other"], ["boxes"], { axis: 1 }],
  ["Unsqueeze", ["boxes", "zero"], ["boxes 3"]],
  ["Unsqueeze", ["values", "zero"], ["scores 2"]],
  ["Unsqueeze", ["scores 2", "zero"], ["scores 3"]],
  ["NonMaxSuppression", ["boxes 3", "scores 3", "most", "overlap"], ["chosen"]],
  ["Gather", ["chosen", "two"], ["column"], { axis: 1 }],
  ["Shape", ["column"], ["column shape"]],
  ["Gather", ["column shape", "one"], ["width"]],
  ["Squeeze", ["width", "zero"], ["width 0"]],
  ["Squeeze", ["column", "one"], ["some"]],
];

/** What follows, by what it shows, with the readbacks that it takes in all. */
const tails: Record<string, readonly [readbacks: number, nodes: NodeText[]]> = {
  "rows as they are": [1, [["Identity", ["rows"], ["y"]]]],
  "functions of elements": [1, [["Mul", ["rows", "row"], ["p"]], ["Sqrt", ["p"], ["q"]], ["Add", ["p", "half"], [
    "y",
  ]]]],
  "two of the same number": [1, [["Unsqueeze", ["values", "one"], ["v"]], ["Sub", ["rows", "v"], ["y"]]]],
  "found again among the found": [1, [
    ["Greater", ["values", "half"], ["is 2"]],
    ["NonZero", ["is 2"], ["found 2"]],
    ["Transpose", ["found 2"], ["t"], { perm: [1, 0] }],
    ["Squeeze", ["t", "one"], ["at 2"]],
    ["Gather", ["rows", "at 2"], ["y"]],
  ]],
  "two numbers side by side are read together": [1, [
    ["LessOrEqual", ["x", "limit"], ["isn't"]],
    ["NonZero", ["isn't"], ["others"]],
    ["Concat", ["found", "others"], ["y"], { axis: 1 }],
  ]],
  "the first few": [1, [["Slice", ["rows", "zero", "four", "zero"], ["y"]]]],
  "more than there are": [1, [["Slice", ["rows", "zero", "hundred", "zero"], ["y"]]]],
  "all but the last": [1, [["Slice", ["rows", "zero", "minus", "zero"], ["y"]]]],
  "from the second on": [1, [["Slice", ["rows", "one", "hundred", "zero"], ["y"]]]],
  "columns": [1, [["Gather", ["rows", "columns"], ["y"], { axis: 1 }]]],
  "the sum of columns": [1, [["ReduceSum", ["rows", "one"], ["y"], { keepdims: 0 }]]],
  "the sum of rows": [0, [["ReduceSum", ["rows", "zero"], ["y"], { keepdims: 1 }]]],
  "the sum of all": [0, [["ReduceSum", ["values"], ["y"], { keepdims: 0 }]]],
  "flat": [1, [["Reshape", ["rows", "minus"], ["y"]]]],
  "with more axes": [1, [["Unsqueeze", ["rows", "zero"], ["r"]], ["Transpose", ["r"], ["y"], { perm: [2, 1, 0] }]]],
  "as rows again": [1, [["Unsqueeze", ["rows", "two"], ["r"]], ["Reshape", ["r", "three"], ["y"]]]],
  "the shape": [0, [["Shape", ["rows"], ["y"]]]],
  "by the shape": [1, [["Shape", ["rows"], ["s"]], ["ConstantOfShape", ["s"], ["o"]], ["Add", ["rows", "o"], ["y"]]]],
  "the last row": [1, [["Gather", ["rowsAndOne", "last"], ["y"]]]],
  "counted from the end": [1, [
    ["Neg", ["at"], ["negative"]],
    ["Div", ["negative", "hundred"], ["zeros"]],
    ["Sub", ["zeros", "one"], ["ends"]],
    ["Gather", ["rows", "ends"], ["y"]],
  ]],
  "chosen among boxes": [1, unlessEmpty(suppression, ints([], [0]), "i64")],
  "chosen among boxes, and their scores": [1, [
    ...unlessEmpty(suppression, ints([], [0]), "i64").map((node): NodeText => {
      return node[0] === "If" ? [node[0], node[1], ["keep"], node[3]] : node;
    }),
    ["Slice", ["keep", "zero", "two", "zero"], ["best"]],
    ["Gather", ["values", "best"], ["y"]],
  ]],
  "a branch that gives something of nothing": [
    1,
    unlessEmpty([["Add", ["rows", "half"], ["some"]]], floats([0, 2], []), "f32"),
  ],
  "a branch of another number": [
    1,
    unlessEmpty([["ReduceMax", ["rows"], ["some"], { axes: [0], keepdims: 1 }]], floats([0, 3], []), "f32"),
  ],
};

/** One row stands before the others, so that there is a last one. */
const rowsAndOne: NodeText = ["Concat", ["row", "rows"], ["rowsAndOne"], { axis: 0 }];

const inputs = [
  Array.from({ length: 12 }, (_, i) => Math.sin(i * 2.1)),
  Array.from({ length: 12 }, (_, i) => i + 0.25),
  new Array<number>(12).fill(-1),
  Array.from({ length: 12 }, (_, i) => i === 7 ? 1 : -1),
];

for (const [name, [readbacks, nodes]] of Object.entries(tails)) {
  Deno.test(`${name}: ${readbacks} readbacks, and what onnxruntime gives`, async () => {
    const uses = nodes.some(([, names]) => names.includes("rowsAndOne"));
    const text = JSON.stringify([begin, nodes], (_, value) => typeof value === "bigint" ? Number(value) : value) +
      (uses ? `"row"` : "");
    const bytes = buildModel({
      inputs: { x: [12] },
      outputs: ["y"],
      constants: Object.fromEntries(Object.entries(constants).filter(([name]) => text.includes(`"${name}"`))),
      nodes: [...begin, ...(uses ? [rowsAndOne] : []), ...nodes],
      types: {
        y: ["the shape", "two numbers side by side are read together", "chosen among boxes"].includes(name)
          ? "i64"
          : "f32",
      },
    });
    using net = await loadModel(engine, bytes);
    using theirs = await loadModel(engine, bytes, { backend: "wasm" });
    for (const values of inputs) {
      using x = engine.tensor(Float32Array.from(values), [12]);
      using y = (await net.run({ x })).y;
      using want = (await theirs.run({ x })).y;
      assertEquals(net.report().readbacks, readbacks, `${values}`);
      assertEquals(y.shape, want.shape, `${values}`);
      const [ours, others] = await engine.read([y, want]);
      for (const [i, value] of ours.entries()) assertAlmostEquals(Number(value), Number(others[i]), 1e-5);
    }
  });
}
