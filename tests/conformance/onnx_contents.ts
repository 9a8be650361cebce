/** Which operators and element types occur anywhere in an ONNX model, whether we read them or not. */
import { fromBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  type GraphProto,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  type TypeProto,
  type ValueInfoProto,
} from "../../engine/graph/onnx_pb.ts";
import { typeNameOf } from "../../engine/graph/tensor_proto.ts";

/** Attributes whose number is an element type. */
const typeAttributes: ReadonlySet<string> = new Set(["to", "dtype", "output_dtype", "output_datatype"]);

/** What occurs in a model. */
export interface Contents {
  /** Operators, those of subgraphs and functions included. */
  readonly operators: Set<string>;
  /** Element types; `sequence` and `optional` where the model's own inputs or outputs are no tensors. */
  readonly types: Set<string>;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  /** The main graph's only operator besides Constant; several are `networks`. */
  readonly group: string;
}

/** The contents of a model. Throws for bytes that are none. */
export function contentsOf(bytes: Uint8Array): Contents {
  const { graph, functions, opsetImport } = fromBinary(ModelProtoSchema, bytes);
  const opset = Number(opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx")?.version ?? 0n);
  const own = graph?.node.map(({ opType }) => opType).filter((operator) => operator !== "Constant") ?? [];
  const group = own.length === 1 ? own[0] : own.length === 0 ? "Constant" : "networks";
  const found: Contents = { operators: new Set(), types: new Set(), opset, group };
  for (const value of [...graph?.input ?? [], ...graph?.output ?? []]) {
    const kind = value.type?.value.case;
    if (kind === "sequenceType") found.types.add("sequence");
    if (kind === "optionalType") found.types.add("optional");
  }
  if (graph !== undefined) addGraph(graph, found);
  for (const { node } of functions) for (const inner of node) addNode(inner, found);
  return found;
}

function add(type: number, found: Contents): void {
  if (type !== 0) found.types.add(typeNameOf(type));
}

function addGraph(graph: GraphProto, found: Contents): void {
  for (const info of [...graph.input, ...graph.output, ...graph.valueInfo]) addInfo(info, found);
  for (const tensor of graph.initializer) addTensor(tensor, found);
  for (const node of graph.node) addNode(node, found);
}

function addInfo({ type }: ValueInfoProto, found: Contents): void {
  if (type !== undefined) addType(type, found);
}

function addType({ value }: TypeProto, found: Contents): void {
  if (value.case === "tensorType") add(value.value.elemType, found);
  const inner = value.case === "sequenceType" || value.case === "optionalType" ? value.value.elemType : undefined;
  if (inner !== undefined) addType(inner, found);
}

function addTensor({ dataType }: TensorProto, found: Contents): void {
  add(dataType, found);
}

function addNode({ opType, attribute }: NodeProto, found: Contents): void {
  found.operators.add(opType);
  for (const own of attribute) addAttribute(own, found);
}

function addAttribute({ name, t, g, tensors, graphs, i }: AttributeProto, found: Contents): void {
  for (const tensor of t === undefined ? tensors : [t, ...tensors]) addTensor(tensor, found);
  for (const graph of g === undefined ? graphs : [g, ...graphs]) addGraph(graph, found);
  if (typeAttributes.has(name)) add(Number(i), found);
}
