import { randomTensor } from "../cases.ts";
import type { HostTensor } from "../contract.ts";

/** Seeded inputs of given shapes for a case, in [-1, 1). */
export function inputsOf(...shapes: readonly (readonly number[])[]): () => HostTensor[] {
  return () => shapes.map((shape, index) => randomTensor(shape, { seed: index + 1, min: -1, max: 1 }));
}
