import type { Case, DType, HostTensor, Operation } from "./contract.ts";
import { isFloat, sizeOf } from "./shape.ts";

/** An operation with the cases that it is tested with; the type of the options differs from one to the next. */
export interface TestedOperation {
  /** Its declaration. */
  // deno-lint-ignore no-explicit-any -- operations differ in their options
  readonly operation: Operation<any>;
  /** The cases that test it. */
  // deno-lint-ignore no-explicit-any -- as above
  readonly cases: readonly Case<any>[];
}

/** How {@linkcode randomTensor} fills a tensor. */
export interface RandomOptions {
  /** Start of the sequence; the same seed gives the same values. Default 1. */
  readonly seed?: number;
  /** Least value. Default 0. */
  readonly min?: number;
  /** Upper end: excluded for `f32` and `f16`, included for the others. Default 1. */
  readonly max?: number;
  /** Element type. Default `f32`. */
  readonly dtype?: DType;
}

/**
 * Uniform numbers in [0, 1) with 32 random bits: mulberry32 by Tommy Ettinger (public domain).
 *
 * @param seed Any integer; its lowest 32 bits count.
 */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A tensor of given values, rounded to what the device can hold: f32, or whole numbers for the other types. */
export function hostTensor(values: ArrayLike<number>, shape: readonly number[], dtype: DType = "f32"): HostTensor {
  if (values.length !== sizeOf(shape)) {
    throw new RangeError(`A tensor of shape [${shape}] has ${values.length} values: it needs ${sizeOf(shape)}`);
  }
  return { dtype, shape: [...shape], data: Float64Array.from(values, isFloat(dtype) ? Math.fround : Math.trunc) };
}

/** A tensor whose value at a flat, row-major index is `at(index)`, rounded as by {@linkcode hostTensor}. */
export function tensorOf(shape: readonly number[], at: (index: number) => number, dtype: DType = "f32"): HostTensor {
  return hostTensor(Float64Array.from({ length: sizeOf(shape) }, (_, index) => at(index)), shape, dtype);
}

/** A tensor of one value. */
export function filledTensor(shape: readonly number[], value: number, dtype: DType = "f32"): HostTensor {
  return tensorOf(shape, () => value, dtype);
}

/** A tensor of seeded, uniform values. */
export function randomTensor(shape: readonly number[], options: RandomOptions = {}): HostTensor {
  const { seed = 1, min = 0, max = 1, dtype = "f32" } = options;
  const next = randomNumbers(seed);
  const at = isFloat(dtype) ? () => min + next() * (max - min) : () => min + Math.floor(next() * (max - min + 1));
  return tensorOf(shape, at, dtype);
}
