/** What drawing nodes of all operators shares. */
import type { AttributeValue } from "../onnx_builder.ts";
import { elements, type Known, type RandomGraph } from "./graph.ts";

/** Adds a node to the network, or says that nothing fits. */
export type Draw = (g: RandomGraph) => boolean;
/** Attributes of a node. */
export type Attributes = Record<string, AttributeValue>;

export const rankOf = ({ value }: Known) => value.shape.length;
export const sizeOf = (shape: readonly number[]) => shape.reduce((size, extent) => size * extent, 1);
export const isF32 = ({ value }: Known) => value.dtype === "f32";
export const isWhole = ({ value }: Known) => value.dtype === "i64" || value.dtype === "i32";
export const isBool = ({ value }: Known) => value.dtype === "bool";
export const isMap = (known: Known) => isF32(known) && rankOf(known) >= 3 && rankOf(known) <= 5;
export const anyKnown = () => true;

/** An attribute that stays a float where it is whole. */
export const real = (float: number): AttributeValue => ({ float });
export const axisOf = (g: RandomGraph, known: Known, least = 0) =>
  g.whole(least, rankOf(known) - 1) - (g.chance(0.4) ? rankOf(known) : 0);

/** onnxruntime gives reductions of nothing shapes that its own inference calls wrong. */
export const hasElements = ({ value }: Known) => value.data.length > 0;

/** Elements all lie in a range. */
export const within = (known: Known, low: number, high: number) => elements(known).every((x) => x >= low && x <= high);

/** A shape that broadcasts to another one. */
export function partOf(g: RandomGraph, shape: readonly number[]): number[] {
  const part = shape.map((extent) => g.chance(0.4) ? 1 : extent);
  return part.slice(g.chance(0.4) ? g.whole(0, part.length) : 0);
}

export function broadcasts(a: readonly number[], b: readonly number[]): boolean {
  return a.every((extent, i) => {
    const other = b[i - a.length + b.length] ?? 1;
    return extent === other || extent === 1 || other === 1;
  });
}

/** The numbers that divide another one. */
export const divisors = (n: number) => Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
