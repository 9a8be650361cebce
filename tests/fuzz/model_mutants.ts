/** Damaged and crafted ONNX models, the same for a seed. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  FunctionProtoSchema,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
} from "../../engine/graph/onnx_pb.ts";
import { randomNumbers } from "../../shaders/mod.ts";
import { buildModel, floats, ints, type ModelText } from "../onnx_builder.ts";

/** A model that is damaged in one way. */
export interface Mutant {
  /** What was done to it. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const ramp = (count: number) => Array.from({ length: count }, (_, i) => (i % 7 - 3) / 4);

const network: ModelText = {
  inputs: { x: [1, 2, 8, 8] },
  outputs: ["y"],
  constants: {
    w: floats([4, 2, 3, 3], ramp(72)),
    b: floats([4], ramp(4)),
    scale: floats([4], [1, 2, 1, 2]),
    mean: floats([4], ramp(4)),
    variance: floats([4], [1, 2, 3, 4]),
    g: floats([64, 5], ramp(320)),
    flat: ints([1, -1]),
  },
  nodes: [
    ["Conv", ["x", "w", "b"], ["c"], { pads: [1, 1, 1, 1], strides: [1, 1], group: 1 }],
    ["BatchNormalization", ["c", "scale", "b", "mean", "variance"], ["n"]],
    ["Relu", ["n"], ["r"]],
    ["MaxPool", ["r"], ["p"], { kernel_shape: [2, 2], strides: [2, 2] }],
    ["Reshape", ["p", "flat"], ["f"]],
    ["Gemm", ["f", "g"], ["m"], { transB: 0 }],
    ["Softmax", ["m"], ["y"], { axis: -1 }],
  ],
};

const shapes: ModelText = {
  inputs: { x: [2, 6] },
  outputs: ["y", "z"],
  constants: {
    zero: ints([0], []),
    one: ints([1], []),
    five: ints([5], []),
    axes: ints([0]),
    rest: ints([-1]),
    reps: ints([2, 3]),
    size: ints([3, 4]),
  },
  nodes: [
    ["Shape", ["x"], ["s"]],
    ["Gather", ["s", "zero"], ["n"]],
    ["Unsqueeze", ["n", "axes"], ["u"]],
    ["Concat", ["u", "rest"], ["t"], { axis: 0 }],
    ["Reshape", ["x", "t"], ["r"]],
    ["Tile", ["r", "reps"], ["tiled"]],
    ["Range", ["zero", "five", "one"], ["range"]],
    ["Cast", ["range"], ["floats"], { to: 1 }],
    ["ConstantOfShape", ["size"], ["c"], { value: floats([1], [2]) }],
    ["ReduceSum", ["c"], ["sum"], { keepdims: 0 }],
    ["Add", ["floats", "sum"], ["z"]],
    ["Transpose", ["tiled"], ["y"], { perm: [1, 0] }],
  ],
};

const flow: ModelText = {
  inputs: { x: [1, 1, 4, 4] },
  outputs: ["y", "found"],
  types: { found: "i64" },
  constants: {
    w: floats([1, 1, 1, 1], [2]),
    limit: floats([], [0.5]),
    count: ints([3], []),
    k: ints([2]),
    flat: ints([-1]),
  },
  nodes: [
    ["Conv", ["x", "w"], ["c"]],
    ["Reshape", ["c", "flat"], ["v"]],
    ["TopK", ["v", "k"], ["best", "places"]],
    ["Greater", ["v", "limit"], ["above"]],
    ["NonZero", ["above"], ["found"]],
    ["ReduceSum", ["best"], ["total"], { keepdims: 0 }],
    ["Greater", ["total", "limit"], ["is"]],
    ["If", ["is"], ["chosen"], {
      then_branch: { graph: { inputs: {}, outputs: ["a"], nodes: [["Neg", ["best"], ["a"]]] } },
      else_branch: { graph: { inputs: {}, outputs: ["b"], nodes: [["Identity", ["best"], ["b"]]] } },
    }],
    ["Loop", ["count", "", "chosen"], ["y"], {
      body: {
        graph: {
          inputs: { i: [], on: [], value: [2] },
          outputs: ["on", "next"],
          types: { i: "i64", on: "bool" },
          nodes: [["Add", ["value", "best"], ["next"]]],
        },
      },
    }],
  ],
};

const bases = [network, shapes, flow].map((text) => buildModel(text));

/** Damages a model by one of the ways below, drawn by `next`. */
type Way = (model: ModelProto, next: () => number) => void;

const pick = <T>(list: readonly T[], next: () => number): T => list[Math.floor(next() * list.length)];
const wrongNumbers = [0n, -1n, 1n, 2n, 7n, -3n, 2n ** 20n, 2n ** 31n, 2n ** 40n, 2n ** 62n, -(2n ** 63n)];

function graphsOf(graph: GraphProto): GraphProto[] {
  return [graph, ...graph.node.flatMap(({ attribute }) => attribute.flatMap(({ g }) => g ? graphsOf(g) : []))];
}

const nodesOf = (model: ModelProto) => graphsOf(model.graph!).flatMap(({ node }) => node);

const ways: Readonly<Record<string, Way>> = {
  "a size of a constant": (model, next) => {
    const { dims } = pick(model.graph!.initializer, next);
    if (dims.length > 0) dims[Math.floor(next() * dims.length)] = pick(wrongNumbers, next);
  },
  "an element of a shape": (model, next) => {
    const tensors = model.graph!.initializer.filter(({ int64Data }) => int64Data.length > 0);
    if (tensors.length === 0) return;
    const { int64Data } = pick(tensors, next);
    int64Data[Math.floor(next() * int64Data.length)] = pick(wrongNumbers, next);
  },
  "a size of an input": (model, next) => {
    const type = pick(model.graph!.input, next).type!.value;
    if (type.case !== "tensorType") return;
    pick(type.value.shape!.dim, next).value = { case: "dimValue", value: pick(wrongNumbers, next) };
  },
  "an element type": (model, next) => {
    pick(model.graph!.initializer, next).dataType = Math.floor(next() * 30);
  },
  "a missing constant": (model, next) => {
    model.graph!.initializer.splice(Math.floor(next() * model.graph!.initializer.length), 1);
  },
  "a missing node": (model, next) => {
    model.graph!.node.splice(Math.floor(next() * model.graph!.node.length), 1);
  },
  "a node without inputs": (model, next) => {
    pick(nodesOf(model), next).input.length = 0;
  },
  "a node without outputs": (model, next) => {
    pick(nodesOf(model), next).output.length = 0;
  },
  "another input": (model, next) => {
    const { input } = pick(nodesOf(model), next);
    const names = nodesOf(model).flatMap(({ output }) => output);
    input[Math.floor(next() * input.length)] = pick([...names, "", "nothing", "x"], next);
  },
  "an output that is given twice": (model, next) => {
    const nodes = nodesOf(model);
    pick(nodes, next).output[0] = pick(nodes, next).output[0] ?? "x";
  },
  "nodes in another order": (model, next) => {
    model.graph!.node.sort(() => next() - 0.5);
  },
  "another operator": (model, next) => {
    const operators = [
      "Conv",
      "MatMul",
      "Gather",
      "Concat",
      "Pad",
      "Expand",
      "Einsum",
      "LSTM",
      "Resize",
      "If",
      "Loop",
      "Scan",
    ];
    pick(nodesOf(model), next).opType = pick(operators, next);
  },
  "a number of an attribute": (model, next) => {
    const attributes = nodesOf(model).flatMap(({ attribute }) => attribute).filter(({ ints, type }) =>
      ints.length > 0 || type === Kind.INT
    );
    if (attributes.length === 0) return;
    const attribute = pick(attributes, next);
    attribute.i = pick(wrongNumbers, next);
    if (attribute.ints.length > 0) {
      attribute.ints[Math.floor(next() * attribute.ints.length)] = pick(wrongNumbers, next);
    }
  },
  "an attribute of another kind": (model, next) => {
    const attributes = nodesOf(model).flatMap(({ attribute }) => attribute);
    if (attributes.length > 0) {
      pick(attributes, next).type = pick([Kind.STRING, Kind.FLOATS, Kind.GRAPH, Kind.TENSOR], next);
    }
  },
  "another version": (model, next) => {
    model.opsetImport[0].version = pick([0n, 1n, 6n, 8n, 12n, 30n, 1000n, -1n], next);
  },
  "a graph within itself": (model, next) => {
    // As deep as the wire format allows: each If holds the graph so far.
    let graph = model.graph!;
    for (let depth = 0; depth < 20 + 60 * next(); depth++) {
      const opType = pick(["If", "Loop"], next);
      const node = create(NodeProtoSchema, {
        opType,
        input: ["x", "x"],
        output: [model.graph!.output[0].name],
        attribute: [
          create(AttributeProtoSchema, { name: opType === "If" ? "then_branch" : "body", type: Kind.GRAPH, g: graph }),
        ],
      });
      graph = { ...graph, node: [node], initializer: [] };
    }
    model.graph = graph;
  },
  "functions that double": (model) => {
    const levels = 24;
    for (let level = 0; level < levels; level++) {
      const call = (input: string, output: string) =>
        create(NodeProtoSchema, {
          domain: level === levels - 1 ? "" : "own",
          opType: level === levels - 1 ? "Neg" : `F${level + 1}`,
          input: [input],
          output: [output],
        });
      model.functions.push(create(FunctionProtoSchema, {
        domain: "own",
        name: `F${level}`,
        input: ["a"],
        output: ["c"],
        node: [call("a", "b"), call("b", "c")],
        opsetImport: model.opsetImport,
      }));
    }
    callFunction(model, "F0");
  },
  "functions that call each other": (model) => {
    for (const [name, next] of [["F", "G"], ["G", "F"]]) {
      model.functions.push(create(FunctionProtoSchema, {
        domain: "own",
        name,
        input: ["a"],
        output: ["b"],
        node: [create(NodeProtoSchema, { domain: "own", opType: next, input: ["a"], output: ["b"] })],
        opsetImport: model.opsetImport,
      }));
    }
    callFunction(model, "F");
  },
  "data in another file": (model, next) => {
    const tensor = pick(model.graph!.initializer, next);
    const location = pick(["../secret", "/etc/passwd", "/dev/zero", "link", "none.bin", "a/../../b"], next);
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    tensor.externalData = [create(StringStringEntryProtoSchema, { key: "location", value: location })];
  },
};

function callFunction(model: ModelProto, name: string): void {
  model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "own", version: 1n }));
  const [first] = model.graph!.input;
  model.graph!.node.unshift(
    create(NodeProtoSchema, { domain: "own", opType: name, input: [first.name], output: ["called"] }),
  );
}

/** `count` mutants: a third with flipped or lost bytes, the others damaged in their structure. */
export function* modelMutants(seed: number, count: number): Generator<Mutant> {
  const next = randomNumbers(seed);
  const names = Object.keys(ways);
  for (let i = 0; i < count; i++) {
    const base = pick(bases, next);
    if (i % 3 === 0) {
      yield { name: `${i}: bytes`, bytes: damaged(base, next) };
      continue;
    }
    const name = names[Math.floor(next() * names.length)];
    const model = fromBinary(ModelProtoSchema, base);
    ways[name](model, next);
    yield { name: `${i}: ${name}`, bytes: toBinary(ModelProtoSchema, model) };
  }
}

function damaged(base: Uint8Array, next: () => number): Uint8Array {
  if (next() < 0.2) return base.slice(0, Math.floor(next() * base.length));
  const bytes = base.slice();
  for (let flips = 1 + Math.floor(next() * 8); flips > 0; flips--) {
    bytes[Math.floor(next() * bytes.length)] ^= 1 << Math.floor(next() * 8);
  }
  return bytes;
}
