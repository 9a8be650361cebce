import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ModelError, UnsupportedError } from "../../../engine/errors.ts";
import {
  AttributeProtoSchema,
  FunctionProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from "../../../engine/graph/onnx_pb.ts";
import { readModel } from "../../../engine/graph/reader.ts";
import { readTensor } from "../../../engine/graph/tensor_proto.ts";
import { buildModel, floats, ints, onnxTypes } from "../../onnx_builder.ts";

const model = buildModel({
  inputs: { x: ["n", 3], w: [3] },
  outputs: ["y"],
  constants: { w: floats([3], [1, 2, 3]) },
  nodes: [["Mul", ["x", "w"], ["y"]]],
});

Deno.test("readModel gives inputs without initializers, open dimensions by name", () => {
  const read = readModel(model, "m.onnx");
  assertEquals(read.inputs, [{ name: "x", dtype: "f32", shape: ["n", 3] }]);
  assertEquals(read.nodes[0].operator, "Mul");
  assertEquals(read.opset, 17);
  assertEquals([...read.constants.get("w")!.data], [1, 2, 3]);
});

Deno.test("readModel puts the bodies of a model's own functions in place", () => {
  const proto = fromBinary(
    ModelProtoSchema,
    buildModel({
      inputs: { x: [2] },
      outputs: ["y"],
      nodes: [["Twice", ["x"], ["m"], { slope: 0.5 }], ["Twice", ["m"], ["y"]]],
    }),
  );
  for (const node of proto.graph!.node) node.domain = "own";
  const slope = create(AttributeProtoSchema, { name: "alpha", refAttrName: "slope", type: 1 });
  proto.functions = [create(FunctionProtoSchema, {
    name: "Twice",
    domain: "own",
    input: ["a"],
    output: ["b"],
    attribute: ["slope"],
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: 16n })],
    node: [
      create(NodeProtoSchema, { opType: "LeakyRelu", input: ["a"], output: ["t"], attribute: [slope] }),
      create(NodeProtoSchema, { opType: "Add", input: ["t", "a"], output: ["b"] }),
    ],
  })];
  const { nodes } = readModel(toBinary(ModelProtoSchema, proto), "m.onnx");
  assertEquals(nodes.map(({ operator, inputs, outputs }) => [operator, inputs, outputs]), [
    ["LeakyRelu", ["x"], ["m/t"]],
    ["Add", ["m/t", "x"], ["m"]],
    ["LeakyRelu", ["m"], ["y/t"]],
    ["Add", ["y/t", "m"], ["y"]],
  ]);
  assertEquals(nodes[0].opset, 16);
  assertEquals(nodes[0].attributes.number("alpha", 0.01), 0.5);
  assertEquals(nodes[2].attributes.number("alpha", 0.01), 0.01);
});

Deno.test("readModel refuses what is no whole model and names file and remedy", () => {
  const broken: [string, Uint8Array][] = [
    ["empty", new Uint8Array()],
    ["text", new TextEncoder().encode("this is not a model, it is a line of text")],
    ["truncated", model.subarray(0, model.length - 9)],
    ["no graph", toBinary(ModelProtoSchema, create(ModelProtoSchema, { irVersion: 8n }))],
  ];
  for (const [what, bytes] of broken) {
    const error = assertThrows(() => readModel(bytes, "m.onnx"), ModelError);
    assertStringIncludes(error.message, "Cannot open m.onnx as", what);
    assert(/export|exporter/.test(error.message), what);
  }
});

Deno.test("readModel refuses data in another file", () => {
  const tensor = create(TensorProtoSchema, {
    dataType: onnxTypes.f32,
    dims: [4n],
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [create(StringStringEntryProtoSchema, { key: "location", value: "weights.bin" })],
  });
  const bytes = buildModel({ inputs: { x: [4] }, outputs: ["x"], constants: { w: tensor }, nodes: [] });
  const error = assertThrows(() => readModel(bytes, "m.onnx"), ModelError);
  assertStringIncludes(error.message, "weights.bin");
  assertStringIncludes(error.message, "save the model as one file");
});

Deno.test("readTensor reads every field that elements come in", () => {
  const fields: [Parameters<typeof create<typeof TensorProtoSchema>>[1], (number | bigint)[]][] = [
    [{ dataType: onnxTypes.f32, floatData: [0.5, -2] }, [0.5, -2]],
    [{ dataType: onnxTypes.f32, rawData: new Uint8Array(new Float32Array([0.5, -2]).buffer) }, [0.5, -2]],
    [{ dataType: onnxTypes.f16, int32Data: [0x3c00, 0xc100] }, [1, -2.5]],
    [{ dataType: onnxTypes.f16, rawData: new Uint8Array(new Float16Array([1, -2.5]).buffer) }, [1, -2.5]],
    [{ dataType: onnxTypes.bf16, int32Data: [0x3f80, 0xc020] }, [1, -2.5]],
    [{ dataType: onnxTypes.f64, doubleData: [0.1, 1e300] }, [0.1, 1e300]],
    [{ dataType: onnxTypes.i64, int64Data: [2n ** 62n + 1n, -3n] }, [2n ** 62n + 1n, -3n]],
    [{ dataType: onnxTypes.i64, rawData: new Uint8Array(new BigInt64Array([2n ** 62n + 1n, -3n]).buffer) }, [
      2n ** 62n + 1n,
      -3n,
    ]],
    [{ dataType: onnxTypes.u8, int32Data: [7, 255] }, [7, 255]],
    [{ dataType: onnxTypes.bool, int32Data: [1, 0] }, [1, 0]],
  ];
  for (const [init, expected] of fields) {
    const value = readTensor(create(TensorProtoSchema, { ...init, dims: [2n] }));
    assertEquals(Array.from<number | bigint>(value.data as ArrayLike<number | bigint>), expected);
  }
});

Deno.test("readTensor reads elements at an address that isn't aligned", () => {
  const bytes = new Uint8Array(9);
  bytes.set(new Uint8Array(new Float32Array([3, 4]).buffer), 1);
  const value = readTensor(create(TensorProtoSchema, { dataType: 1, dims: [2n], rawData: bytes.subarray(1) }));
  assertEquals([...value.data], [3, 4]);
});

Deno.test("readTensor refuses a wrong number of elements and unknown types", () => {
  assertThrows(() => readTensor(create(TensorProtoSchema, { dataType: 1, dims: [3n], floatData: [1] })), ModelError);
  const error = assertThrows(
    () => readTensor(create(TensorProtoSchema, { dataType: 8, dims: [0n] })),
    UnsupportedError,
  );
  assertStringIncludes(error.message, "string");
});

Deno.test("the builder's models survive a round trip", () => {
  const bytes = buildModel({
    inputs: { x: [1] },
    outputs: ["y"],
    nodes: [["Concat", ["x", "x"], ["y"], { axis: 0 }]],
    constants: { i: ints([2n ** 40n]) },
  });
  assertEquals(fromBinary(ModelProtoSchema, bytes).graph?.initializer[0].int64Data, [2n ** 40n]);
  assertEquals(readModel(bytes, "m").nodes[0].attributes.number("axis"), 0);
});

Deno.test("functions that call themselves or multiply without end are refused", () => {
  const withFunctions = (functions: Record<string, [operator: string, count: number]>): Uint8Array => {
    const model = fromBinary(
      ModelProtoSchema,
      buildModel({ inputs: { x: [2] }, outputs: ["y"], nodes: [["F0", ["x"], ["y"]]] }),
    );
    model.graph!.node[0].domain = "own";
    model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain: "own", version: 1n }));
    for (const [name, [opType, count]] of Object.entries(functions)) {
      const node = Array.from({ length: count }, (_, i) =>
        create(NodeProtoSchema, {
          opType,
          domain: opType in functions ? "own" : "",
          input: [i === 0 ? "a" : `v${i}`],
          output: [i === count - 1 ? "b" : `v${i + 1}`],
        }));
      const { opsetImport } = model;
      model.functions.push(
        create(FunctionProtoSchema, { domain: "own", name, input: ["a"], output: ["b"], node, opsetImport }),
      );
    }
    return toBinary(ModelProtoSchema, model);
  };
  const cycle = withFunctions({ F0: ["F1", 1], F1: ["F0", 1] });
  const circular = assertThrows(() => readModel(cycle, "m.onnx"), ModelError);
  assertStringIncludes(circular.message, "Cannot open m.onnx as function own.F0 calls itself (own.F0, own.F1, own.F0)");
  const doubling = Object.fromEntries(
    Array.from({ length: 24 }, (_, i): [string, [string, number]] => [`F${i}`, [i === 23 ? "Neg" : `F${i + 1}`, 2]]),
  );
  const many = assertThrows(() => readModel(withFunctions(doubling), "m.onnx"), ModelError);
  assertStringIncludes(many.message, "nodes once its functions are in place");
});

Deno.test("a value that two nodes give is refused", () => {
  const bytes = buildModel({
    inputs: { x: [2] },
    outputs: ["y"],
    nodes: [["Neg", ["x"], ["y"]], ["Exp", ["x"], ["y"]]],
  });
  assertStringIncludes(assertThrows(() => readModel(bytes, "m.onnx"), ModelError).message, "which is given already");
});

Deno.test("weights of a file that is given up are moved in its bytes, and are what they were", () => {
  const values = Float32Array.from({ length: 5000 }, (_, i) => i / 8);
  for (let extra = 0; extra < 4; extra++) {
    const tensor = create(TensorProtoSchema, {
      dataType: 1,
      dims: [5000n],
      rawData: new Uint8Array(values.buffer),
    });
    const name = `w${"x".repeat(extra)}`;
    const text = { inputs: { x: [5000] }, outputs: ["y"], constants: { [name]: tensor } };
    const bytes = buildModel({ ...text, nodes: [["Add", ["x", name], ["y"]]] });
    const copied = readModel(bytes, "m").constants.get(name)!;
    const moved = readModel(bytes, "m", undefined, { own: true }).constants.get(name)!;
    assertEquals(copied.data, values);
    assertEquals(moved.data, values);
    assertEquals(moved.data.buffer === bytes.buffer, true);
  }
});
