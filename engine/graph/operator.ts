import { ModelError } from "../errors.ts";
import type { Operation } from "../../shaders/mod.ts";
import { type HostDType, type HostValue, numbersOf } from "./host_value.ts";
import type { Attributes } from "./model.ts";

/** Where the elements of an operand come from. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "host" }
  | { readonly kind: "step" };

/** A value between nodes while a model is lowered: type and shape, and its elements where the host knows them. */
export interface Operand {
  readonly dtype: HostDType;
  readonly shape: readonly number[];
  readonly host?: HostValue;
  readonly source: Source;
  /** The model's inputs that the host would have to know for it to evaluate this value; `undefined` where it can't. */
  readonly hostNeeds?: ReadonlySet<string>;
  /** The tensors of a sequence, whose `dtype` is theirs and whose `shape` is their number. */
  readonly items?: readonly Operand[];
  /** An optional value that isn't there. */
  readonly missing?: true;
}

/** A node as an operator's `host` and `lower` see it. */
export interface NodeView {
  readonly operator: string;
  readonly name: string;
  readonly opset: number;
  readonly attributes: Attributes;
  /** Operands by position, `undefined` where an optional one isn't given. */
  readonly inputs: readonly (Operand | undefined)[];
  /** Names of the outputs, the empty one where nobody wants it. */
  readonly outputs: readonly string[];
}

/** What an operator lowers to is recorded here. */
export interface Lowering {
  /** Applies a canonical operation and gives its first output, which is the only one of most. */
  apply<O>(operation: Operation<O>, inputs: readonly Operand[], options: Partial<O>): Operand;
  /** Applies a canonical operation and gives all its outputs. */
  applyAll<O>(operation: Operation<O>, inputs: readonly Operand[], options: Partial<O>): Operand[];
  /** The same elements in another shape. */
  reshape(operand: Operand, shape: readonly number[]): Operand;
  /** A value of the host. */
  constant(value: HostValue): Operand;
  /**
   * The first elements of a value along an axis, as many as `count` says (i64 [1]), none of them negative. `within` are
   * counts that it doesn't exceed. Where only the device has the count, the result is the value, and the lowering knows that
   * it has room for more than there is.
   */
  counted(all: Operand, count: Operand, axis: number, within?: readonly Operand[]): Operand;
  /** A value of the host whose elements are all the same; its size counts in the budget of the host. */
  filled(dtype: HostDType, shape: readonly number[], value: number | bigint): HostValue;
  /**
   * The elements of an operand on the host. Where only the device has them, lowering stops: what was recorded runs, the
   * elements are read, and the node is lowered again. It must make the same calls in the same order until then.
   */
  host(operand: Operand): HostValue;
}

/** One ONNX operator: for which versions, and what it becomes. */
export interface Operator {
  /** First and last version of the operator set whose rules are followed; no last one means up to `newestOpset`. */
  readonly opsets: readonly [from: number, to?: number];
  /**
   * The outputs in terms of canonical operations. Where the host knows all inputs of one, it is evaluated there at once,
   * so chains of shapes need no second definition.
   */
  readonly lower: (lowering: Lowering, node: NodeView) => Operand[];
}

/** The newest operator set whose rules are followed. */
export const newestOpset = 28;

/** A reason for which one node can't be run; the lowering collects them over all nodes. */
export class UnsupportedNode extends Error {
  override readonly name = "UnsupportedNode";
}

/** The host has to know these inputs of the model before its shapes are known. */
export class NeedsHost extends Error {
  override readonly name = "NeedsHost";
  /** Names of the model's inputs. */
  readonly inputs: readonly string[];

  constructor(inputs: Iterable<string>) {
    super("shapes depend on the elements of inputs");
    this.inputs = [...inputs];
  }
}

/** The host has to know the elements of a value that the device computes: lowering goes on once they are read. */
export class NeedsElements extends Error {
  override readonly name = "NeedsElements";
  /** The value. */
  readonly operand: Operand;

  constructor(operand: Operand) {
    super("shapes depend on computed elements");
    this.operand = operand;
  }
}

/** The input at a position, which must be given. */
export function input(node: NodeView, position: number): Operand {
  const operand = node.inputs[position];
  if (operand === undefined) throw new ModelError(`input ${position} is not given, it must be`);
  return operand;
}

/** The inputs that are given. */
export function givenInputs(node: NodeView): Operand[] {
  return node.inputs.filter((operand) => operand !== undefined);
}

/** Numbers that older versions have as an attribute and newer ones as an input; `undefined` where neither is given. */
export function numbersFrom(
  lowering: Lowering,
  node: NodeView,
  attribute: string,
  position: number,
): number[] | undefined {
  if (node.attributes.has(attribute)) return [...node.attributes.numbers(attribute)];
  const operand = node.inputs[position];
  return operand === undefined ? undefined : numbersOf(lowering.host(operand));
}

/** An axis counted from the start. Throws a `ModelError` for one that the rank doesn't have. */
export function axisOf(axis: number, rank: number): number {
  const result = axis < 0 ? axis + rank : axis;
  if (result < 0 || result >= rank) {
    throw new ModelError(`axis ${axis} is outside of a value of rank ${rank}`);
  }
  return result;
}
