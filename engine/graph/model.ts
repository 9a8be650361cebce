import { ModelError } from "../errors.ts";
import type { HostDType, HostValue } from "./host_value.ts";

/** What a node was given as one attribute. */
export type Attribute =
  | number
  | bigint
  | string
  | HostValue
  | readonly number[]
  | readonly string[]
  | Subgraph
  | Unread;

/** A graph inside a node, such as a branch of an If. Its nodes may read values of the graphs around it. */
export interface Subgraph {
  /** Names of what the node gives it, such as the number of a loop's iteration. */
  readonly inputs: readonly string[];
  /** In an order in which they can run. */
  readonly nodes: readonly ModelNode[];
  /** Names of the values that it gives. */
  readonly outputs: readonly string[];
  /** Types and shapes of the values that it gives, as far as the file states them. */
  readonly outputTypes: readonly (ValueInfo | undefined)[];
  /** Initializers by name. */
  readonly constants: ReadonlyMap<string, HostValue>;
}

/** An attribute of a kind that we don't read (a sparse tensor), or a tensor of a type that we don't. */
export interface Unread {
  /** What it is. */
  readonly unread: string;
}

/** One input or output of a model. A dimension is a number, or the name of one that the feeds decide. */
export interface ValueInfo {
  /** Its name in feeds and results. */
  readonly name: string;
  /** Element type. */
  readonly dtype: HostDType;
  /** Extents, outermost first. */
  readonly shape: readonly (number | string)[];
  /** The file states no shape: any is accepted, and `shape` is empty. */
  readonly anyShape?: true;
}

/** One node of a model, as the file has it. */
export interface ModelNode {
  /** Operator, with its domain before it where that isn't ONNX's own: `Conv`, `com.microsoft.FusedConv`. */
  readonly operator: string;
  /** The file's name of the node, or that of its first output where it has none. */
  readonly name: string;
  /** Version of the operator set that the model asks for. */
  readonly opset: number;
  /** Names of values; the empty one is an input that isn't given. */
  readonly inputs: readonly string[];
  /** Names of values; the empty one is an output that nobody wants. */
  readonly outputs: readonly string[];
  /** What the node was given besides. */
  readonly attributes: Attributes;
}

/** A model as read: nothing is evaluated or checked against what we support. */
export interface Model {
  /** The file's name, for messages. */
  readonly name: string;
  /** Version of ONNX's own operator set that it asks for. */
  readonly opset: number;
  /** What it takes; initializers are not among them. */
  readonly inputs: readonly ValueInfo[];
  /** What it gives. */
  readonly outputs: readonly ValueInfo[];
  /** In an order in which they can run; bodies of the model's own functions are in place. */
  readonly nodes: readonly ModelNode[];
  /** Initializers by name. */
  readonly constants: ReadonlyMap<string, HostValue>;
}

/** Typed access to the attributes of a node. Throws a `ModelError` where one has another kind than asked for. */
export class Attributes {
  readonly #values: ReadonlyMap<string, Attribute>;

  /** Attributes by name. */
  constructor(values: ReadonlyMap<string, Attribute>) {
    this.#values = values;
  }

  /** Whether the attribute is given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The attribute as a number; `otherwise` where it isn't given. */
  number(name: string, otherwise?: number): number {
    const value = this.#values.get(name);
    if (value === undefined && otherwise !== undefined) return otherwise;
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "number") return value;
    throw this.#wrong(name, "a number");
  }

  /** The attribute as a list of numbers; `otherwise` where it isn't given. */
  numbers(name: string, otherwise?: readonly number[]): readonly number[] {
    const value = this.#values.get(name);
    if (value === undefined && otherwise !== undefined) return otherwise;
    if (Array.isArray(value) && value.every((element) => typeof element === "number")) return value;
    throw this.#wrong(name, "a list of numbers");
  }

  /** The attribute as text; `otherwise` where it isn't given. */
  text(name: string, otherwise?: string): string {
    const value = this.#values.get(name);
    if (value === undefined && otherwise !== undefined) return otherwise;
    if (typeof value === "string") return value;
    throw this.#wrong(name, "text");
  }

  /** The attribute as a tensor. */
  tensor(name: string): HostValue {
    const value = this.#values.get(name);
    if (typeof value === "object" && "data" in value) return value;
    throw this.#wrong(name, "a tensor");
  }

  /** The attribute as a graph. */
  subgraph(name: string): Subgraph {
    const value = this.#values.get(name);
    if (typeof value === "object" && "nodes" in value) return value;
    throw this.#wrong(name, "a graph");
  }

  /** The attributes that are graphs. */
  subgraphs(): Subgraph[] {
    return [...this.#values.values()].filter((value) => typeof value === "object" && "nodes" in value);
  }

  /** The attribute as the file has it. */
  get(name: string): Attribute | undefined {
    return this.#values.get(name);
  }

  #wrong(name: string, kind: string): ModelError {
    const value = this.#values.get(name);
    const has = value === undefined
      ? "is not given"
      : typeof value === "object" && "unread" in value
      ? `is ${value.unread}, which is not read`
      : `is ${value}`;
    return new ModelError(`attribute ${name} ${has}, it must be ${kind}`);
  }
}

/** The names of values that a node reads, itself or in its subgraphs. */
export function namesRead(node: ModelNode): string[] {
  const inside = node.attributes.subgraphs().flatMap(({ nodes, outputs }) => [...nodes.flatMap(namesRead), ...outputs]);
  return [...node.inputs, ...inside];
}
