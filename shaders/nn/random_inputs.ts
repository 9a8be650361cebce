import { randomTensor } from "../cases.ts";
import type { HostTensor } from "../contract.ts";

/** Seeded inputs of given shapes for a case, in [-1, 1). */
export function inputsOf(...shapes: readonly (readonly number[])[]): () => HostTensor[] {
  return () => shapes.map((shape, index) => randomTensor(shape, { seed: index + 1, min: -1, max: 1 }));
}

/** The same, with NaN and infinities of both signs here and there in the first input: one of each in every `every` elements. */
export function brokenInputs(every: number, ...shapes: readonly (readonly number[])[]): () => HostTensor[] {
  const values = [Infinity, NaN, -Infinity];
  return () => {
    const [first, ...others] = inputsOf(...shapes)();
    const broken = first.data.map((value, index) => values[(index - Math.floor(every / 2)) / every % 3] ?? value);
    return [{ ...first, data: broken }, ...others];
  };
}
