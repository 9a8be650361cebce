/** Builds small ONNX models in memory, for tests. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type TensorShapeProto_Dimension,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "../engine/graph/onnx_pb.ts";

/** ONNX's numbers of the element types that tests use. */
export const onnxTypes = { f32: 1, u8: 2, i32: 6, i64: 7, bool: 9, f16: 10, f64: 11, bf16: 16 } as const;

/** An attribute's value: whole numbers are ints, others floats; wrap a float that is whole by `float`. */
export type AttributeValue = number | string | readonly number[] | TensorProto | { readonly float: number } | {
  readonly graph: ModelText;
};

/** One node: `["Conv", ["x", "w"], ["y"], { strides: [2, 2] }]`. */
export type NodeText = readonly [
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes?: Readonly<Record<string, AttributeValue>>,
];

/** What a model consists of. */
export interface ModelText {
  readonly opset?: number;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  readonly outputs: readonly string[];
  readonly constants?: Readonly<Record<string, TensorProto>>;
  readonly nodes: readonly NodeText[];
  /** Element types of inputs and outputs that are not f32. */
  readonly types?: Readonly<Record<string, keyof typeof onnxTypes>>;
  /** Shapes that outputs state; the others state none. */
  readonly shapes?: Readonly<Record<string, readonly (number | string)[]>>;
}

/** A tensor of floats. */
export function floats(shape: readonly number[], values: ArrayLike<number>): TensorProto {
  return create(TensorProtoSchema, { dataType: 1, dims: shape.map(BigInt), floatData: Array.from(values) });
}

/** A tensor of 64-bit integers; a vector unless a shape is given. */
export function ints(values: readonly (number | bigint)[], shape: readonly number[] = [values.length]): TensorProto {
  return create(TensorProtoSchema, { dataType: 7, dims: shape.map(BigInt), int64Data: values.map(BigInt) });
}

/** A serialized model. */
export function buildModel(text: ModelText): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      opsetImport: [create(OperatorSetIdProtoSchema, { domain: "", version: BigInt(text.opset ?? 17) })],
      graph: graphOf(text),
    }),
  );
}

function graphOf(text: ModelText): GraphProto {
  // Outputs state no shape: the program that reads the model has to find it.
  const info = (name: string, extents?: readonly (number | string)[]): ValueInfoProto => {
    const shape = extents && create(TensorShapeProtoSchema, { dim: extents.map(dimension) });
    const tensor = create(TypeProto_TensorSchema, { elemType: onnxTypes[text.types?.[name] ?? "f32"], shape });
    const type = create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } });
    return create(ValueInfoProtoSchema, { name, type });
  };
  return create(GraphProtoSchema, {
    name: "test",
    input: Object.entries(text.inputs).map(([name, shape]) => info(name, shape)),
    output: text.outputs.map((name) => info(name, text.shapes?.[name])),
    initializer: Object.entries(text.constants ?? {}).map(([name, tensor]) => ({ ...tensor, name })),
    node: text.nodes.map(([opType, input, output, attributes = {}]) =>
      create(NodeProtoSchema, {
        opType,
        name: `${opType}_${output[0]}`,
        input: [...input],
        output: [...output],
        attribute: Object.entries(attributes).map(([name, value]) => attributeOf(name, value)),
      })
    ),
  });
}

function dimension(extent: number | string): TensorShapeProto_Dimension {
  const value = typeof extent === "number"
    ? { case: "dimValue" as const, value: BigInt(extent) }
    : { case: "dimParam" as const, value: extent };
  return create(TensorShapeProto_DimensionSchema, { value });
}

function attributeOf(name: string, value: AttributeValue) {
  if (typeof value === "string") {
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: new TextEncoder().encode(value) });
  }
  if (typeof value === "number") {
    return Number.isInteger(value)
      ? create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) })
      : create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value });
  }
  if (Array.isArray(value)) {
    return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: (value as number[]).map(BigInt) });
  }
  if ("graph" in value) {
    return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: graphOf(value.graph as ModelText) });
  }
  if ("float" in value) return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value.float as number });
  return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: value as TensorProto });
}
