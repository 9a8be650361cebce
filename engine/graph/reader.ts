import { fromBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { ModelError, UnsupportedError } from "../errors.ts";
import { type ExternalFiles, resolveExternal } from "./external_data.ts";
import type { HostValue } from "./host_value.ts";
import { type Attribute, Attributes, type Model, type ModelNode, type Subgraph, type ValueInfo } from "./model.ts";
import {
  type AttributeProto,
  AttributeProto_AttributeType as Kind,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from "./onnx_pb.ts";
import { alignWithin, dtypeOf, readTensor } from "./tensor_proto.ts";

/** How a model is read. */
export interface ReadOptions {
  /** The bytes are given up to the model, whose weights may be moved in them. */
  readonly own?: boolean;
}

/**
 * Reads an ONNX model. `name` is what messages call it, such as the file's path; `files` are those that hold elements for it.
 * Throws a `ModelError` for bytes that are no whole ONNX model and an `UnsupportedError` for element types that we don't read.
 */
export function readModel(
  bytes: Uint8Array,
  name: string,
  files: ExternalFiles = new Map(),
  { own = false }: ReadOptions = {},
): Model {
  const proto = decode(bytes, name);
  const graph = proto.graph;
  const opset = proto.opsetImport.find((entry) => isOnnxDomain(entry.domain));
  if (graph === undefined || opset === undefined) {
    throw new ModelError(`Cannot open ${name} as it isn't an ONNX model: give a file that an ONNX exporter wrote`);
  }
  const functions = new Map(proto.functions.map((body) => [operatorOf(body.domain, body.name), body]));
  const nodes = { left: mostNodes };
  const scope: Scope = { opsets: opsetsOf(proto), functions, rename: (own) => own, calls: [], nodes };
  try {
    if (own) { for (const tensor of graph.initializer) alignWithin(tensor, bytes); }
    resolveExternal(proto, files);
    const model = readGraph(graph, name, scope);
    checkNames(model);
    return model;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof UnsupportedError) throw new UnsupportedError(`Cannot run ${name} as ${why}`);
    throw new ModelError(`Cannot open ${name} as ${why}`, { cause: error });
  }
}

/** Nodes that a model may have once its functions are in place: more than any network that people export. */
const mostNodes = 1 << 17;

/** Each value has one giver, or a later node would read another value than was meant. */
function checkNames({ nodes, inputs, constants }: Model): void {
  const given = new Set([...inputs.map((info) => info.name), ...constants.keys()]);
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (given.has(output)) throw new ModelError(`node ${node.name} gives ${output}, which is given already`);
      given.add(output);
    }
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
      `Cannot open ${name} as its ${bytes.length} bytes aren't a complete ONNX model (${why}): export or fetch the model again`,
    );
  }
}

/** What the names in a graph or function body mean. */
interface Scope {
  readonly opsets: ReadonlyMap<string, number>;
  /** The model's own operators, by name. */
  readonly functions: ReadonlyMap<string, FunctionProto>;
  /** The model's name of a value that a body calls by its own. */
  readonly rename: (name: string) => string;
  /** The functions whose bodies are being read, outermost first. */
  readonly calls: readonly string[];
  /** How many nodes may still be read. */
  readonly nodes: { left: number };
  /** What the caller of a body gave as attributes. */
  readonly given?: ReadonlyMap<string, Attribute>;
}

function opsetsOf({ opsetImport }: ModelProto | FunctionProto): Map<string, number> {
  return new Map(opsetImport.map((entry) => [domainOf(entry.domain), Number(entry.version)]));
}

function readGraph(graph: GraphProto, name: string, scope: Scope): Model {
  if (graph.sparseInitializer.length > 0) throw new UnsupportedError("sparse initializers are not supported");
  const constants = new Map<string, HostValue>();
  for (const tensor of graph.initializer) constants.set(tensor.name, readTensor(tensor));
  return {
    name,
    opset: scope.opsets.get("")!,
    inputs: graph.input.filter((input) => !constants.has(input.name)).map(readValueInfo),
    outputs: graph.output.map(readValueInfo),
    nodes: graph.node.flatMap((node) => readNode(node, scope)),
    constants,
  };
}

function readValueInfo(info: ValueInfoProto): ValueInfo {
  const type = info.type?.value;
  if (type?.case !== "tensorType") {
    throw new UnsupportedError(`${info.name} is ${type?.case ?? "of no stated type"}: only tensors are supported`);
  }
  const { elemType, shape: stated } = type.value;
  if (stated === undefined) return { name: info.name, dtype: dtypeOf(elemType), shape: [], anyShape: true };
  const shape = stated.dim.map((dim, axis) => {
    if (dim.value.case === "dimValue") {
      const extent = Number(dim.value.value);
      if (extent < 0 || !Number.isSafeInteger(extent)) {
        throw new ModelError(`axis ${axis} of ${info.name} has the size ${dim.value.value}, it must be 0 or more`);
      }
      return extent;
    }
    return dim.value.case === "dimParam" && dim.value.value !== "" ? dim.value.value : `${info.name}_${axis}`;
  });
  return { name: info.name, dtype: dtypeOf(elemType), shape };
}

/** The node, or those of the function body that it stands for. */
function readNode(node: NodeProto, scope: Scope): ModelNode[] {
  const operator = operatorOf(node.domain, node.opType);
  if (scope.nodes.left-- === 0) {
    throw new ModelError(
      `it has more than ${mostNodes} nodes once its functions are in place, the last in ${
        scope.calls.at(-1) ?? operator
      }`,
    );
  }
  const inputs = node.input.map(scope.rename);
  const outputs = node.output.map(scope.rename);
  const attributes = readAttributes(node.attribute, scope);
  const body = scope.functions.get(operator);
  if (body !== undefined) {
    const calls = [...scope.calls, operator];
    if (scope.calls.includes(operator)) throw new ModelError(`function ${operator} calls itself (${calls.join(", ")})`);
    return readBody(body, inputs, outputs, attributes, { ...scope, calls });
  }
  const opset = scope.opsets.get(domainOf(node.domain)) ?? 1;
  const name = node.name || outputs[0] || node.opType;
  return [{ operator, name, opset, inputs, outputs, attributes: new Attributes(attributes) }];
}

function readBody(
  body: FunctionProto,
  inputs: readonly string[],
  outputs: readonly string[],
  given: ReadonlyMap<string, Attribute>,
  { functions, calls, nodes }: Scope,
): ModelNode[] {
  const names = new Map(body.input.map((name, i) => [name, inputs[i] ?? ""]));
  for (const [i, name] of body.output.entries()) if (outputs[i]) names.set(name, outputs[i]);
  // Values inside a body are made unique by the call's first output, which no other node gives.
  const prefix = outputs.find((name) => name !== "") ?? "";
  const rename = (name: string): string => name === "" ? "" : names.get(name) ?? `${prefix}/${name}`;
  const scope: Scope = { opsets: opsetsOf(body), functions, rename, given, calls, nodes };
  return body.node.flatMap((node) => readNode(node, scope));
}

function readAttributes(attributes: readonly AttributeProto[], scope: Scope): Map<string, Attribute> {
  const { given } = scope;
  const result = new Map<string, Attribute>();
  for (const attribute of attributes) {
    const value = attribute.refAttrName === "" ? readAttribute(attribute, scope) : given?.get(attribute.refAttrName);
    if (value !== undefined) result.set(attribute.name, value);
  }
  return result;
}

function readAttribute(attribute: AttributeProto, scope: Scope): Attribute {
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
    case Kind.GRAPH:
      return attribute.g === undefined ? { unread: "an empty graph" } : readSubgraph(attribute.g, scope);
    default:
      return { unread: `of kind ${Kind[attribute.type] ?? attribute.type}` };
  }
}

function readSubgraph(graph: GraphProto, scope: Scope): Subgraph {
  return {
    inputs: graph.input.map(({ name }) => scope.rename(name)),
    nodes: graph.node.flatMap((node) => readNode(node, scope)),
    outputs: graph.output.map(({ name }) => scope.rename(name)),
    outputTypes: graph.output.map((info) => info.type?.value.case === "tensorType" ? readValueInfo(info) : undefined),
    constants: new Map(graph.initializer.map((tensor) => [scope.rename(tensor.name), readTensor(tensor)])),
  };
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

function operatorOf(domain: string, name: string): string {
  return domainOf(domain) === "" ? name : `${domain}.${name}`;
}

function isOnnxDomain(domain: string): boolean {
  return domainOf(domain) === "";
}

function domainOf(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}
