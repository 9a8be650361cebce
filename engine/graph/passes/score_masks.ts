import { type HostValue, hostValue, numbersOf } from "../host_value.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep } from "../program.ts";
import { scalarOf } from "./matching.ts";

/** Scores that low count for nothing beside any that f32 has digits for. */
const hidden = -1e8;

/** One bias for all scores that a mask hides by the same number. */
const biases = new WeakMap<HostValue, Map<string, Operand>>();

/**
 * Scores that a constant mask replaces by a very low number, and a bias that hides the same ones when it is added: softmax
 * makes 0 of either, as long as each row keeps a score.
 *
 *     Where mask, scores, -1e9    =>    scores + bias, which is 0 or -1e9
 */
export function hiddenScores({ inputs: [mask, yes, no] }: ApplyStep): readonly (readonly [Operand, Operand])[] {
  if (mask.host === undefined || mask.shape.length === 0) return [];
  for (const [x, other, hides] of [[no, yes, 1], [yes, no, 0]] as const) {
    const low = scalarOf(other);
    if (low === undefined || low > hidden || x.dtype !== "f32") continue;
    return leavesSome(mask.host, hides) ? [[x, biasOf(mask.host, hides, low)]] : [];
  }
  return [];
}

function leavesSome({ data, shape }: HostValue, hides: number): boolean {
  const columns = shape[shape.length - 1];
  const rows = columns === 0 ? 0 : data.length / columns;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * columns, (row + 1) * columns))
    .every((row) => (row as Uint8Array).some((element) => element !== hides));
}

function biasOf(mask: HostValue, hides: number, low: number): Operand {
  if (!biases.has(mask)) biases.set(mask, new Map());
  const known = biases.get(mask)!;
  const key = `${hides} ${low}`;
  if (!known.has(key)) {
    const host = hostValue("f32", mask.shape, numbersOf(mask).map((element) => element === hides ? low : 0));
    known.set(key, { dtype: "f32", shape: mask.shape, host, source: { kind: "host" } });
  }
  return known.get(key)!;
}
