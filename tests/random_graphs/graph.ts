/**
 * A network that is drawn node by node. Each node is evaluated by the operations' twins as soon as it is drawn, once with
 * its inputs as they are and once with inputs that are off by a little: that tells the shapes, whether a draw makes sense
 * (nothing overflows, nothing hangs on the last digits), and how far two right programs may lie apart in the end.
 */
import { prepareModel } from "../../engine/graph/passes/mod.ts";
import { type HostValue, hostValue, isFloat, numbersOf } from "../../engine/graph/host_value.ts";
import { readModel } from "../../engine/graph/reader.ts";
import { randomNumbers } from "../../shaders/cases.ts";
import type { DType } from "../../shaders/mod.ts";
import { type AttributeValue, buildModel, floats, ints, type NodeText, type onnxTypes } from "../onnx_builder.ts";
import { runByTwins } from "../../engine/graph/twins.ts";
import { programOf } from "../program_of.ts";

/** What floats are off by at each node, as a part of the greatest one: what an f32 kernel may be off by. */
const nodeError = 2e-6;

/**
 * What onnxruntime's operators are off by whatever their results are, where those may be smaller: its sigmoid of -12 is
 * 6.05e-6 and should be 6.14e-6. A result that is nothing but such errors makes no sense to draw.
 */
const onnxruntimeError: Readonly<Record<string, number>> = { Sigmoid: 1.3e-7 };

/** A value of the network. */
export interface Known {
  readonly name: string;
  readonly value: HostValue;
  /** The same, computed with errors. */
  readonly disturbed: HostValue;
  readonly kind: "input" | "constant" | "node";
  /** A float that is exact in f32 however it is computed, so that steps may follow. */
  readonly exact: boolean;
}

/** Elements as numbers. */
export const elements = ({ value }: Known): number[] => Array.from(numbersOf(value));

/** A network under way. */
export class RandomGraph {
  readonly values: Known[] = [];
  readonly nodes: NodeText[] = [];
  readonly #next: () => number;
  readonly #used = new Set<string>();
  #count = 0;

  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** A whole number from `low` to `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** Whether something that happens with a probability does. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** One of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)];
  }

  /** Multiples of 1/8 from -4 to 4: sums and products of some of them are exact. */
  eighths(count: number, low = -32, high = 32): number[] {
    return Array.from({ length: count }, () => this.whole(low, high) / 8);
  }

  /** An input of the network. */
  input(shape: readonly number[], dtype: "f32" | "i64" | "i32" | "bool" = "f32"): Known {
    return this.#know(`x${this.#count++}`, this.#drawn(shape, dtype), "input");
  }

  /** A constant; drawn unless its elements are given. */
  constant(shape: readonly number[], values?: readonly number[], dtype: "f32" | "i64" = "f32"): Known {
    const value = values
      ? hostValue(dtype, shape, values.map((x) => dtype === "i64" ? BigInt(x) : x))
      : this.#drawn(shape, dtype);
    return this.#know(`c${this.#count++}`, value, "constant");
  }

  /** Values of some types and ranks, computed ones first. */
  some(fits: (known: Known) => boolean): Known | undefined {
    const found = this.values.filter((known) => known.kind !== "constant" && fits(known));
    return found.length === 0 ? undefined : this.pick(found.length > 3 && this.chance(0.7) ? found.slice(-3) : found);
  }

  /** Adds a node if it makes sense; `exact` says that it gives exact floats of exact ones. */
  add(
    operator: string,
    inputs: readonly (Known | undefined)[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    { outputs = 1, exact = false, needsExact = false }: { outputs?: number; exact?: boolean; needsExact?: boolean } =
      {},
  ): boolean {
    const given = inputs.filter((known) => known !== undefined);
    if (needsExact && !given.every((known) => known.exact)) return false;
    const names = Array.from({ length: outputs }, () => `v${this.#count++}`);
    const node: NodeText = [operator, inputs.map((known) => known?.name ?? ""), names, attributes];
    const results = evaluate(node, given, "value");
    const disturbed = evaluate(node, given, "disturbed");
    if (results === undefined || disturbed === undefined) return false;
    const known = names.map((name, i): Known => ({
      name,
      value: results[i],
      disturbed: this.#disturb(disturbed[i], onnxruntimeError[operator] ?? 0),
      kind: "node",
      exact: !isFloat(results[i].dtype) || (exact && given.every((known) => known.exact)),
    }));
    if (!known.every(makesSense)) return false;
    for (const { name } of given) this.#used.add(name);
    this.values.push(...known);
    this.nodes.push(node);
    return true;
  }

  /** The results: what no other node reads. */
  get outputs(): Known[] {
    return this.values.filter(({ name, kind }) => kind === "node" && !this.#used.has(name));
  }

  /** The model's file. */
  model(): Uint8Array {
    return modelOf(this.nodes, this.values, this.outputs);
  }

  #know(name: string, value: HostValue, kind: Known["kind"]): Known {
    const known: Known = { name, value, disturbed: value, kind, exact: true };
    this.values.push(known);
    return known;
  }

  #drawn(shape: readonly number[], dtype: "f32" | "i64" | "i32" | "bool"): HostValue {
    const count = shape.reduce((size, extent) => size * extent, 1);
    if (dtype === "f32") return hostValue(dtype, shape, this.eighths(count));
    const numbers = Array.from({ length: count }, () => dtype === "bool" ? this.whole(0, 1) : this.whole(-5, 5));
    return hostValue(dtype, shape, dtype === "i64" ? numbers.map(BigInt) : numbers);
  }

  #disturb(value: HostValue, least: number): HostValue {
    if (!isFloat(value.dtype)) return value;
    const numbers = Array.from(numbersOf(value));
    const step = Math.max(least, nodeError * numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0));
    return hostValue(value.dtype, value.shape, numbers.map((x) => x + (this.chance(0.5) ? step : -step)));
  }
}

/** The spread of a value: how far the disturbed one lies from it at most, and the greatest element. */
export function spreadOf({ value, disturbed }: Known): { error: number; greatest: number } {
  let error = 0, greatest = 0;
  const other = numbersOf(disturbed);
  numbersOf(value).forEach((x, i) => {
    error = Math.max(error, Math.abs(x - other[i]));
    greatest = Math.max(greatest, Math.abs(x));
  });
  return { error, greatest };
}

function makesSense(known: Known): boolean {
  const { value } = known;
  const numbers = Array.from(numbersOf(value));
  if (numbers.length > 4000 || value.shape.length > 6) return false;
  if (!numbers.every((x) => Number.isFinite(x) && Math.abs(x) < 1e5)) return false;
  const { error, greatest } = spreadOf(known);
  return isFloat(value.dtype) ? error <= 1e-3 * greatest : error === 0;
}

function evaluate(node: NodeText, given: readonly Known[], which: "value" | "disturbed"): HostValue[] | undefined {
  try {
    const outputs = node[2].map((name) => ({ name, value: undefined }));
    const model = prepareModel(readModel(modelOf([node], given, outputs), "node"));
    const feeds = Object.fromEntries(
      given.filter(({ kind }) => kind !== "constant").map((known) => [known.name, known[which]]),
    );
    const specs = Object.entries(feeds).map(([name, { dtype, shape }]) => [name, { dtype: dtype as DType, shape }]);
    const results = runByTwins(programOf(model, Object.fromEntries(specs)), feeds);
    return node[2].map((name) => results.get(name)!);
  } catch {
    // The draw is one that the operator refuses.
    return undefined;
  }
}

/** Element types of outputs don't matter to our reader; onnxruntime wants the true ones. */
function modelOf(
  nodes: readonly NodeText[],
  values: readonly Known[],
  outputs: readonly { name: string; value?: HostValue }[],
): Uint8Array {
  const made = new Set(nodes.flatMap(([, , names]) => names));
  const fed = values.filter(({ kind, name }) => kind !== "constant" && !made.has(name));
  const types = [...fed, ...outputs].flatMap(({ name, value }) => value ? [[name, value.dtype]] : []);
  const constants = values.filter(({ kind }) => kind === "constant").map(({ name, value: { dtype, shape, data } }) => {
    return [
      name,
      dtype === "i64" ? ints(Array.from(data as BigInt64Array), shape) : floats(shape, data as Float32Array),
    ];
  });
  return buildModel({
    opset: 18,
    inputs: Object.fromEntries(fed.map(({ name, value }) => [name, value.shape])),
    outputs: outputs.map(({ name }) => name),
    types: Object.fromEntries(types) as Record<string, keyof typeof onnxTypes>,
    constants: Object.fromEntries(constants),
    nodes,
  });
}
