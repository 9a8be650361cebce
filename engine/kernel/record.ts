import type { Facts, Layout, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { Tensor, type TensorOwner } from "../memory/tensor.ts";
import { type Forms, type Node, type OnHost, RecordedValue, Recording, type Step } from "./recording.ts";

/** What the work of a run may return. */
export type RunResult = Value | readonly Value[] | Readonly<Record<string, Value>>;

/** The tensors that a run gives: one for each value that its work returned. */
export type Tensors<T extends RunResult> = T extends Value ? Tensor : { [K in keyof T]: Tensor };

/** A value of a recording with the node that a tensor takes over; none where it has no elements. */
export interface Owned {
  readonly value: RecordedValue;
  readonly node?: Node;
}

/** A value that a tensor keeps once it was computed. */
export interface Derived extends Owned {
  readonly tensor: Tensor;
  readonly key: string;
  /** Computes its elements of the tensor's, where these lie on the host. */
  readonly onHost?: OnHost;
}

/** Work that was recorded, and what is kept of it. */
export interface Recorded<T> {
  readonly steps: readonly Step[];
  readonly conversions: number;
  readonly formCounts: ReadonlyMap<string, number>;
  readonly result: T;
  readonly outputs: readonly Owned[];
  readonly derived: readonly Derived[];
}

/** Type, shape and layout of what a plan is given. */
export type Input = Spec & { readonly layout: Layout };

/** Records work. It allocates nothing. */
export function record<T extends RunResult>(
  work: (r: Recorder, inputs: Value[]) => T,
  inputs: readonly Input[],
  options: { facts: Facts; forms?: Forms; owner: TensorOwner },
): Recorded<T> {
  const recording = new Recording(options.facts, options.forms, options.owner);
  const result = work(recording, inputs.map((input, position) => recording.input(position, input)));
  const kept = new Set<Node>();
  const own = (value: Value) => {
    const owned = recording.own(value, kept);
    if (owned.node) kept.add(owned.node);
    return owned;
  };
  const outputs = valuesOf(result).map(own);
  const derived = recording.pending.map(({ value, ...entry }) => ({ ...entry, ...own(value) }));
  const { steps, conversions, formCounts } = recording;
  return { steps, conversions, formCounts, result, outputs, derived };
}

/** The nodes that tensors take over. */
export const nodesOfOwned = (list: readonly Owned[]): Node[] => list.flatMap(({ node }) => node ?? []);

/** Tensors in the arrangement of the values that work returned. */
export function arrange<T extends RunResult>(result: T, tensors: readonly Tensor[]): Tensors<T> {
  if (isValue(result)) return tensors[0] as Tensors<T>;
  if (Array.isArray(result)) return tensors as unknown as Tensors<T>;
  return Object.fromEntries(Object.keys(result).map((name, index) => [name, tensors[index]])) as Tensors<T>;
}

const isValue = (result: RunResult): result is Value => result instanceof RecordedValue || result instanceof Tensor;

const valuesOf = (result: RunResult): Value[] => isValue(result) ? [result] : Object.values(result);
