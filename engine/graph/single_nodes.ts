/** The nodes of a model as models of their own, so that each can be run by itself. */
import { create, fromBinary, toBinary } from "npm:@bufbuild/protobuf@2.17.0";
import { type ExternalFiles, resolveExternal } from "./external_data.ts";
import type { HostValue } from "./host_value.ts";
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "./onnx_pb.ts";
import { tensorProtoOf } from "./tensor_proto.ts";

/** A node of the main graph. */
export interface SingleNode {
  readonly name: string;
  readonly operator: string;
  /** The computed or given values that it reads, in its graphs inside as well; constants are not among them. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A model taken apart. */
export class SingleNodes {
  /** The nodes in the order of the file. */
  readonly nodes: readonly SingleNode[];
  readonly #proto: ModelProto;
  readonly #constants: ReadonlySet<string>;

  /** `files` are those that hold elements for the model. */
  constructor(bytes: Uint8Array, files: ExternalFiles = new Map()) {
    this.#proto = fromBinary(ModelProtoSchema, bytes);
    resolveExternal(this.#proto, files);
    const { initializer = [], node = [] } = this.#proto.graph ?? {};
    this.#constants = new Set(initializer.map(({ name }) => name));
    this.nodes = node.map((own, i) => ({
      name: own.name || `${own.opType}_${i}`,
      operator: own.opType,
      inputs: namesRead(own).filter((name) => !this.#constants.has(name)),
      outputs: own.output.filter((name) => name !== ""),
    }));
  }

  /** The model with every value of its main graph among its outputs. */
  withAllOutputs(): Uint8Array {
    const graph = this.#proto.graph!;
    const known = new Set(graph.output.map(({ name }) => name));
    const more = this.nodes.flatMap(({ outputs }) => outputs).filter((name) => !known.has(name));
    const output = [...graph.output, ...more.map((name) => create(ValueInfoProtoSchema, { name }))];
    return toBinary(ModelProtoSchema, { ...this.#proto, graph: { ...graph, output } });
  }

  /** A model of one node, whose inputs have the types and shapes of given values. */
  alone(index: number, values: ReadonlyMap<string, HostValue>): Uint8Array {
    const graph = this.#proto.graph!;
    const { inputs, outputs } = this.nodes[index];
    const node = graph.node[index];
    const constants = new Set(namesRead(node).filter((name) => this.#constants.has(name)));
    const known = new Map([...graph.output, ...graph.valueInfo].map((info) => [info.name, info]));
    const own = create(GraphProtoSchema, {
      name: this.nodes[index].name,
      node: [node],
      input: inputs.map((name) => infoOf(name, values.get(name)!)),
      initializer: graph.initializer.filter(({ name }) => constants.has(name)),
      output: outputs.map((name) => {
        const value = values.get(name);
        return value ? infoOf(name, value) : known.get(name) ?? create(ValueInfoProtoSchema, { name });
      }),
    });
    return toBinary(ModelProtoSchema, { ...this.#proto, graph: own });
  }
}

function infoOf(name: string, value: HostValue): ValueInfoProto {
  const { dataType, dims } = tensorProtoOf(name, { ...value, data: value.data.subarray(0, 0) } as HostValue);
  const dim = dims.map((dimValue) => ({ value: { case: "dimValue" as const, value: dimValue } }));
  const tensor = create(TypeProto_TensorSchema, { elemType: dataType, shape: { dim } });
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: "tensorType", value: tensor } }),
  });
}

/** The names that a node reads from the graph around it. */
function namesRead({ input, attribute }: NodeProto): string[] {
  const inside = attribute.flatMap(({ g }) => {
    if (g === undefined) return [];
    const own = new Set([
      ...g.input.map(({ name }) => name),
      ...g.initializer.map(({ name }) => name),
      ...g.node.flatMap(({ output }) => output),
    ]);
    return [...g.node.flatMap(namesRead), ...g.output.map(({ name }) => name)].filter((name) => !own.has(name));
  });
  return [...new Set([...input, ...inside])].filter((name) => name !== "");
}
