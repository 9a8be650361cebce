/** Integer types of fewer than 32 bits: how a device's or twin's result wraps. */

import type { DType } from "../contract.ts";

const bits: Partial<Record<DType, number>> = { i16: 16, u16: 16, i8: 8, u8: 8 };

/** Whether numbers below 0 exist in the type. */
export const isSigned = (dtype: DType): boolean => dtype.startsWith("i");

/** What `wrap` of `lib/integers.wgsl` takes. */
export function wrapParams(dtype: DType): { shift: number; is_signed: number } {
  return { shift: 32 - (bits[dtype] ?? 32), is_signed: isSigned(dtype) ? 1 : 0 };
}

/** A whole number as the type holds it; i64 is held in 32 bits on the device. */
export function wrapTwin(value: number, dtype: DType): number {
  const size = 2 ** (bits[dtype] ?? 32);
  const low = ((value % size) + size) % size;
  return isSigned(dtype) && low >= size / 2 ? low - size : low;
}
