/** Numbers as files keep them one after the other, turned into f32. */
import { counted } from "../../engine/pipeline/mod.ts";

/** Types of numbers, by kind and bits. */
export type ElementType = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f16" | "f32" | "f64";

/** Numbers of one type. */
export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array;

const ARRAYS = {
  u8: Uint8Array,
  i8: Int8Array,
  u16: Uint16Array,
  i16: Int16Array,
  u32: Uint32Array,
  i32: Int32Array,
  u64: BigUint64Array,
  i64: BigInt64Array,
  f16: Float16Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

/** Bytes that a number of a type takes. */
export function bytesOf(type: ElementType): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** The numbers that lie in `bytes` from `start` on, which the caller has found to be there. */
export function elementsAt(
  bytes: Uint8Array<ArrayBuffer>,
  start: number,
  length: number,
  type: ElementType,
  little: boolean,
): Elements {
  const size = bytesOf(type);
  const own = bytes.slice(start, start + length * size);
  if (!little) swapBytes(own, size);
  return new ARRAYS[type](own.buffer);
}

/** Turns the bytes of each number around, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at + size <= bytes.length; at += size) {
    for (let low = at, high = at + size - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
  }
}

/** Numbers as f32, and what that cost. */
export interface Floats {
  readonly pixels: Float32Array<ArrayBuffer>;
  /** A sentence where whole numbers lost digits, with the greatest error. */
  readonly warnings: readonly string[];
}

/** Numbers as f32, times `slope` plus `intercept` where these are given. */
export function floatsOf(elements: Elements, slope = 1, intercept = 0): Floats {
  const isScaled = slope !== 1 || intercept !== 0;
  const pixels = new Float32Array(elements.length);
  if (isScaled) {
    for (let at = 0; at < pixels.length; at++) pixels[at] = Number(elements[at]) * slope + intercept;
  } else if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    for (let at = 0; at < pixels.length; at++) pixels[at] = Number(elements[at]);
  } else {
    pixels.set(elements);
  }
  return { pixels, warnings: isScaled ? [] : lostDigits(elements, pixels) };
}

/** Says by how much whole numbers of more than 24 bits were rounded. */
function lostDigits(elements: Elements, pixels: Float32Array): string[] {
  let [changed, greatest] = [0, 0];
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) {
    for (let at = 0; at < pixels.length; at++) {
      const error = Math.abs(Number(BigInt(pixels[at]) - elements[at]));
      if (error > 0) [changed, greatest] = [changed + 1, Math.max(greatest, error)];
    }
  } else if (elements instanceof Int32Array || elements instanceof Uint32Array) {
    for (let at = 0; at < pixels.length; at++) {
      const error = Math.abs(pixels[at] - elements[at]);
      if (error > 0) [changed, greatest] = [changed + 1, Math.max(greatest, error)];
    }
  }
  if (changed === 0) return [];
  const values = `${counted(changed, "value")} beyond the 24 bits of f32`;
  return [`${values}: rounded, by ${greatest.toLocaleString("en-US")} at most.`];
}
