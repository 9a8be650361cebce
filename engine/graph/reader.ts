import { fromBinary } from "@bufbuild/protobuf";
import { ModelError, UnsupportedError } from "../errors.ts";
import type { HostValue } from "./host_value.ts";
import { type Attribute, Attributes, type Model, type ModelNode, type ValueInfo } from "./model.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType as Kind,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from "./onnx_pb.ts";
import { dtypeOf, readTensor } from "./tensor_proto.ts";

/**
 * Reads an ONNX model. `name` is what messages call it, such as the file's path.
 * Throws a `ModelError` for bytes that are no whole ONNX model and an `UnsupportedError` for element types that we don't read.
 */
export function readModel(bytes: Uint8Array, name: string): Model {
  const proto = decode(bytes, name);
  const graph = proto.graph;
  const opset = proto.opsetImport.find((entry) => isOnnxDomain(entry.domain));
  if (graph === undefined || opset === undefined) {
    throw new ModelError(`Cannot open ${name} as it is no ONNX model: give a file that an ONNX exporter wrote`);
  }
  const opsets = new Map(proto.opsetImport.map((entry) => [domainOf(entry.domain), Number(entry.version)]));
  try {
    return readGraph(graph, name, opsets);
  } catch (error) {
    if (error instanceof UnsupportedError) throw new UnsupportedError(`Cannot run ${name} as ${error.message}`);
    if (error instanceof ModelError) throw new ModelError(`Cannot open ${name} as ${error.message}`);
    throw error;
  }
}

function decode(bytes: Uint8Array, name: string): ModelProto {
  if (bytes.length === 0) {
    throw new ModelError(`Cannot open ${name} as it is empty: export or fetch the model again`);
  }
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelError(
      `Cannot open ${name} as its ${bytes.length} bytes are no whole ONNX model (${why}): export or fetch the model again`,
    );
  }
}

function readGraph(graph: GraphProto, name: string, opsets: ReadonlyMap<string, number>): Model {
  if (graph.sparseInitializer.length > 0) throw new UnsupportedError("sparse initializers are not supported");
  const constants = new Map<string, HostValue>();
  for (const tensor of graph.initializer) constants.set(tensor.name, readTensor(tensor));
  return {
    name,
    opset: opsets.get("")!,
    inputs: graph.input.filter((input) => !constants.has(input.name)).map(readValueInfo),
    outputs: graph.output.map(readValueInfo),
    nodes: graph.node.map((node) => readNode(node, opsets)),
    constants,
  };
}

function readValueInfo(info: ValueInfoProto): ValueInfo {
  const type = info.type?.value;
  if (type?.case !== "tensorType") {
    throw new UnsupportedError(`${info.name} is ${type?.case ?? "of no stated type"}: only tensors are supported`);
  }
  const shape = (type.value.shape?.dim ?? []).map((dim, axis) => {
    if (dim.value.case === "dimValue") return Number(dim.value.value);
    return dim.value.case === "dimParam" && dim.value.value !== "" ? dim.value.value : `${info.name}_${axis}`;
  });
  return { name: info.name, dtype: dtypeOf(type.value.elemType), shape };
}

function readNode(node: NodeProto, opsets: ReadonlyMap<string, number>): ModelNode {
  const domain = domainOf(node.domain);
  return {
    operator: domain === "" ? node.opType : `${domain}.${node.opType}`,
    name: node.name || node.output[0] || node.opType,
    opset: opsets.get(domain) ?? 1,
    inputs: node.input,
    outputs: node.output,
    attributes: new Attributes(new Map(node.attribute.map((attribute) => [attribute.name, readAttribute(attribute)]))),
  };
}

function readAttribute(attribute: AttributeProto): Attribute {
  const text = new TextDecoder();
  switch (attribute.type) {
    case Kind.FLOAT:
      return attribute.f;
    case Kind.INT:
      return attribute.i;
    case Kind.STRING:
      return text.decode(attribute.s);
    case Kind.FLOATS:
      return attribute.floats;
    case Kind.INTS:
      return attribute.ints.map(Number);
    case Kind.STRINGS:
      return attribute.strings.map((bytes) => text.decode(bytes));
    case Kind.TENSOR:
      return attribute.t === undefined ? { unread: "an empty tensor" } : readTensorAttribute(attribute.t);
    default:
      return { unread: `of kind ${Kind[attribute.type] ?? attribute.type}` };
  }
}

function readTensorAttribute(tensor: NonNullable<AttributeProto["t"]>): Attribute {
  try {
    return readTensor(tensor, "an attribute");
  } catch (error) {
    // Whether that matters is known only where the node is lowered.
    if (error instanceof UnsupportedError) return { unread: `a tensor whose ${error.message}` };
    throw error;
  }
}

function isOnnxDomain(domain: string): boolean {
  return domainOf(domain) === "";
}

function domainOf(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}
