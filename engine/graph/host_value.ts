/**
 * Values on the host: weights as a model has them, and the small values that shapes depend on. Integers of 64 bits stay exact.
 */
import { type DType, sizeOf } from "../../shaders/mod.ts";

/** Element type of a host value: what a tensor on the device can have, and types that live on the host only. */
export type HostDType = DType | "bf16";

/** Elements of a host value. f16 and bf16 are widened to f32, a bool is 0 or 1. */
export type HostData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor on the host, row-major. */
export interface HostValue {
  /** Element type. */
  readonly dtype: HostDType;
  /** Extents, outermost first. */
  readonly shape: readonly number[];
  /** The elements. */
  readonly data: HostData;
}

const arrays = {
  f32: Float32Array,
  f16: Float32Array,
  bf16: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  bool: Uint8Array,
} as const;

/** An array of zeros for elements of a type. */
export function arrayOf(dtype: HostDType, length: number): HostData {
  return new arrays[dtype](length);
}

/** Whether elements of the type are kept as bigint. */
export function isWide(dtype: HostDType): boolean {
  return dtype === "i64" || dtype === "u64";
}

/** Whether the type is a floating-point type. */
export function isFloat(dtype: HostDType): boolean {
  return dtype === "f32" || dtype === "f16" || dtype === "bf16" || dtype === "f64";
}

/** Whether a tensor on the device can have the type. */
export function isDeviceType(dtype: HostDType): dtype is DType {
  return dtype !== "bf16";
}

/** A host value from numbers; whole numbers become bigint for 64-bit types, floats are rounded to the type. */
export function hostValue(
  dtype: HostDType,
  shape: readonly number[],
  values: ArrayLike<number | bigint>,
): HostValue {
  const length = sizeOf(shape);
  if (values.length !== length) {
    throw new RangeError(`Cannot make a value of shape [${shape}] as it has ${values.length} elements, not ${length}`);
  }
  const data = arrayOf(dtype, length);
  for (let i = 0; i < length; i++) data[i] = elementOf(dtype, values[i]);
  return { dtype, shape: [...shape], data };
}

/** A number or bigint as an element of a type: rounded to f16, truncated to integers, wrapped to the width. */
export function elementOf(dtype: HostDType, value: number | bigint): number | bigint {
  if (dtype === "bool") return value ? 1 : 0;
  if (isWide(dtype)) return typeof value === "bigint" ? value : toBigInt(value);
  if (typeof value === "bigint") {
    return isFloat(dtype) ? roundTo(dtype, Number(value)) : Number(BigInt.asIntN(32, value));
  }
  return roundTo(dtype, value);
}

function roundTo(dtype: HostDType, value: number): number {
  if (dtype === "f16") return Math.f16round(value);
  if (dtype === "bf16") return roundToBFloat16(value);
  return value;
}

function toBigInt(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
}

const bits = new Uint32Array(1);
const bitsAsFloat = new Float32Array(bits.buffer);

/** The nearest bfloat16, ties to even. */
function roundToBFloat16(value: number): number {
  if (Number.isNaN(value)) return value;
  bitsAsFloat[0] = value;
  bits[0] = (bits[0] + 0x7fff + ((bits[0] >>> 16) & 1)) & 0xffff0000;
  return bitsAsFloat[0];
}

/** Conversion between types by ONNX's rules: to integers by truncation, to bool by "is not zero". */
export function cast(x: HostValue, to: HostDType): HostValue {
  const truncates = !isFloat(to) && isFloat(x.dtype) && to !== "bool";
  const data = arrayOf(to, x.data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = elementOf(to, truncates ? Math.trunc(x.data[i] as number) : x.data[i]);
  }
  return { dtype: to, shape: [...x.shape], data };
}

/** A vector of i64, as shapes are in ONNX. */
export function shapeValue(values: readonly number[]): HostValue {
  return hostValue("i64", [values.length], values);
}

/** The elements as numbers; refuses integers that a number can't hold. */
export function numbersOf(value: HostValue): number[] {
  return Array.from(value.data as ArrayLike<number | bigint>, (element) => {
    if (typeof element === "bigint" && BigInt(Number(element)) !== element) {
      // Exporters write the extremes of i64 for "to the end": the nearest number serves as well.
      if (element > 2n ** 62n || element < -(2n ** 62n)) return Number(element);
      throw new RangeError(`${element} is not exact as a number`);
    }
    return Number(element);
  });
}

/** A value whose element `i` is element `at(i)` of another. */
export function selectElements(value: HostValue, shape: readonly number[], at: (index: number) => number): HostValue {
  const length = sizeOf(shape);
  const data = arrayOf(value.dtype, length);
  for (let i = 0; i < length; i++) data[i] = value.data[at(i)];
  return { dtype: value.dtype, shape: [...shape], data };
}
