/** The functions of two elements: the number that pages know each by, what they take and their twins. */

import type { BinaryOp } from "./binary.ts";

/** One function. */
export interface BinaryFunction {
  /** Value of the pages' override OP. */
  readonly code: number;
  /** `numbers`: floats and integers; `any`: those and bool; `bool`: bool alone; `integers`. */
  readonly takes: "numbers" | "any" | "bool" | "integers";
  /** It gives bool. */
  readonly test?: true;
  /** The function in f64; `isInteger`: of integers. */
  readonly twin: (a: number, b: number, isInteger: boolean) => number;
}

const test = (code: number, twin: (a: number, b: number) => boolean, takes: "numbers" | "any" = "numbers") =>
  ({ code, takes, test: true, twin: (a: number, b: number) => twin(a, b) ? 1 : 0 }) as const;

/** The remainder of the sign of the divisor. */
function modulo(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && (rest < 0) !== (b < 0) ? rest + b : rest;
}

/** Powers as IEEE 754 and NumPy have them, where 1 to any power is 1; JavaScript gives NaN. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

/** The functions by name. */
export const binaryFunctions: Readonly<Record<BinaryOp, BinaryFunction>> = {
  add: { code: 1, takes: "numbers", twin: (a, b) => a + b },
  subtract: { code: 2, takes: "numbers", twin: (a, b) => a - b },
  multiply: {
    code: 3,
    takes: "numbers",
    twin: (a, b, isInteger) => isInteger ? Number(BigInt(a) * BigInt(b) % 2n ** 32n) : a * b,
  },
  divide: { code: 4, takes: "numbers", twin: (a, b, isInteger) => isInteger ? Math.trunc(a / b) : a / b },
  power: { code: 5, takes: "numbers", twin: (a, b, isInteger) => isInteger ? Math.trunc(a ** b) : power(a, b) },
  minimum: { code: 6, takes: "numbers", twin: (a, b) => Math.min(a, b) },
  maximum: { code: 7, takes: "numbers", twin: (a, b) => Math.max(a, b) },
  modulo: { code: 8, takes: "numbers", twin: modulo },
  remainder: { code: 9, takes: "numbers", twin: (a, b) => a % b },
  prelu: { code: 10, takes: "numbers", twin: (a, b) => a < 0 ? a * b : a },
  equal: test(20, (a, b) => a === b, "any"),
  less: test(21, (a, b) => a < b),
  lessOrEqual: test(22, (a, b) => a <= b),
  greater: test(23, (a, b) => a > b),
  greaterOrEqual: test(24, (a, b) => a >= b),
  and: { code: 30, takes: "bool", twin: (a, b) => a & b },
  or: { code: 31, takes: "bool", twin: (a, b) => a | b },
  xor: { code: 32, takes: "bool", twin: (a, b) => a ^ b },
  bitwiseAnd: { code: 30, takes: "integers", twin: (a, b) => a & b },
  bitwiseOr: { code: 31, takes: "integers", twin: (a, b) => a | b },
  bitwiseXor: { code: 32, takes: "integers", twin: (a, b) => a ^ b },
  shiftLeft: { code: 33, takes: "integers", twin: (a, b) => b > 31 ? 0 : a * 2 ** b },
  shiftRight: { code: 34, takes: "integers", twin: (a, b) => b > 31 ? 0 : Math.floor(a / 2 ** b) },
};
