import type { ExactTensor } from "../../contract.ts";
import { broadcastStrides, positions, sizeOf } from "../../shape.ts";
import { broadcast } from "../../checks.ts";
import type { BinaryOp, BinaryOptions } from "./binary.ts";

const functions: Partial<Record<BinaryOp, (a: bigint, b: bigint) => bigint | boolean>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => b === 0n ? 0n : a / b,
  modulo: (a, b) => b === 0n ? 0n : ((a % b) + b) % b,
  minimum: (a, b) => a < b ? a : b,
  maximum: (a, b) => a > b ? a : b,
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  lessOrEqual: (a, b) => a <= b,
  greater: (a, b) => a > b,
  greaterOrEqual: (a, b) => a >= b,
};

/** A function of two integers of 64 bits, which wraps as they do; division by zero gives 0. */
export function binaryExact([a, b]: readonly ExactTensor[], { op }: BinaryOptions): ExactTensor | undefined {
  const of = functions[op];
  if (of === undefined) return undefined;
  const shape = broadcast(`binary ${op}`, a.shape, b.shape);
  const [stepsA, stepsB] = [a, b].map((input) => broadcastStrides(input.shape, shape));
  const [left, right] = [a, b].map((input) => input.data as BigInt64Array);
  const test = typeof of(0n, 0n) === "boolean";
  const wide = left.constructor as BigInt64ArrayConstructor;
  const data = test ? new Uint8Array(sizeOf(shape)) : new wide(sizeOf(shape));
  let index = 0;
  for (const at of positions(shape)) {
    let fromA = 0, fromB = 0;
    at.forEach((position, axis) => {
      fromA += position * stepsA[axis];
      fromB += position * stepsB[axis];
    });
    const value = of(left[fromA], right[fromB]);
    data[index++] = typeof value === "boolean" ? Number(value) : value;
  }
  return { dtype: test ? "bool" : a.dtype, shape, data };
}
