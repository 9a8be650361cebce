/** Elements at the boundary between host and device, where every element is one 32-bit word. */

import type { DType } from "../../shaders/contract.ts";
import { sizeOf } from "../../shaders/shape.ts";

/** What the host holds a tensor's elements in. f16 is held as f32; bool as 0 and 1. */
export type HostArray =
  | Float32Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** What a tensor can be made of: also numbers and floats of other widths, which become f32. */
export type HostInput = HostArray | Float64Array | Float16Array | readonly number[];

type Word = "f32" | "i32" | "u32";

const types: Record<DType, { word: Word; make: (length: number) => HostArray }> = {
  f32: { word: "f32", make: (n) => new Float32Array(n) },
  f16: { word: "f32", make: (n) => new Float32Array(n) },
  f64: { word: "f32", make: (n) => new Float64Array(n) },
  i64: { word: "i32", make: (n) => new BigInt64Array(n) },
  u64: { word: "u32", make: (n) => new BigUint64Array(n) },
  i32: { word: "i32", make: (n) => new Int32Array(n) },
  u32: { word: "u32", make: (n) => new Uint32Array(n) },
  i16: { word: "i32", make: (n) => new Int16Array(n) },
  u16: { word: "u32", make: (n) => new Uint16Array(n) },
  i8: { word: "i32", make: (n) => new Int8Array(n) },
  u8: { word: "u32", make: (n) => new Uint8Array(n) },
  bool: { word: "u32", make: (n) => new Uint8Array(n) },
};

/** The type that an array's class stands for. Throws a `TypeError` for others. */
export function dtypeOf(data: HostInput): DType {
  const isFloats = [Float32Array, Float64Array, Float16Array].some((type) => data instanceof type);
  if (isFloats || Array.isArray(data)) return "f32";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint32Array) return "u32";
  if (data instanceof Int16Array) return "i16";
  if (data instanceof Uint16Array) return "u16";
  if (data instanceof Int8Array) return "i8";
  if (data instanceof Uint8Array) return "u8";
  if (data instanceof BigInt64Array) return "i64";
  if (data instanceof BigUint64Array) return "u64";
  const given = Object.prototype.toString.call(data).slice(8, -1);
  throw new TypeError(`A tensor can't be made of ${given}: give numbers, or a typed array of integers or floats`);
}

/**
 * The device's words of host elements. Throws a `RangeError` for 64-bit integers outside of 32 bits, which only bounds may
 * exceed, and for f64 beyond the greatest f32.
 */
export function toWords(data: HostInput, dtype: DType, shape: readonly number[]): Uint32Array<ArrayBuffer> {
  const count = sizeOf(shape);
  if (data.length !== count) {
    throw new RangeError(
      `A tensor of shape [${shape.join(", ")}] has ${count} elements, but ${data.length} were given`,
    );
  }
  const words = new Uint32Array(count);
  const word = types[dtype].word;
  if (data instanceof Float64Array && dtype === "f64") checkRange(data);
  if (word === "f32") new Float32Array(words.buffer).set(data as ArrayLike<number>);
  else if (data instanceof BigInt64Array) data.forEach((value, index) => words[index] = narrow(value));
  else if (data instanceof BigUint64Array) data.forEach((value, index) => words[index] = narrowUnsigned(value));
  else (word === "i32" ? new Int32Array(words.buffer) : words).set(data as ArrayLike<number>);
  return words;
}

/** i64 as i32; the extremes that exporters write as open bounds saturate. */
function narrow(value: bigint): number {
  if (value >= -0x80000000n && value <= 0x7fffffffn) return Number(value);
  if (value === 0x7fffffffffffffffn) return 0x7fffffff;
  if (value === -0x8000000000000000n || value === -0x7fffffffffffffffn) return -0x80000000;
  throw new RangeError(`${value} of an i64 tensor exceeds 32 bits, which is what the device holds`);
}

function narrowUnsigned(value: bigint): number {
  if (value <= 0xffffffffn) return Number(value);
  if (value === 0xffffffffffffffffn) return 0xffffffff;
  throw new RangeError(`${value} of a u64 tensor exceeds 32 bits, which is what the device holds`);
}

function checkRange(data: Float64Array): void {
  const wrong = data.find((value) => Number.isFinite(value) && !Number.isFinite(Math.fround(value)));
  if (wrong === undefined) return;
  throw new RangeError(`${wrong} of an f64 tensor exceeds the greatest f32, which is what the device holds`);
}

/** Host elements of the device's words. */
export function fromWords(words: Uint32Array, dtype: DType): HostArray {
  const { word, make } = types[dtype];
  const result = make(words.length);
  if (word === "f32") (result as Float32Array).set(new Float32Array(words.buffer, words.byteOffset, words.length));
  else if (result instanceof BigInt64Array) {
    const signed = new Int32Array(words.buffer, words.byteOffset, words.length);
    signed.forEach((value, index) => result[index] = BigInt(value));
  } else if (result instanceof BigUint64Array) {
    words.forEach((value, index) => result[index] = BigInt(value));
  } else (result as Int32Array).set(words);
  return result;
}
