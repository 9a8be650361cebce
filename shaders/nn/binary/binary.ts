import type { Then } from "../then.ts";

/** Functions of two elements. Comparisons and logic give bool. */
export type BinaryOp =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "power"
  | "minimum"
  | "maximum"
  | "modulo"
  | "remainder"
  | "prelu"
  | "equal"
  | "less"
  | "lessOrEqual"
  | "greater"
  | "greaterOrEqual"
  | "and"
  | "or"
  | "xor"
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  | "shiftLeft"
  | "shiftRight";

/** Options of a function of two elements, broadcast as NumPy does. */
export interface BinaryOptions {
  /** `modulo` has the sign of the divisor, `remainder` (fmod) that of the dividend; `prelu` is `a < 0 ? a * b : a`. */
  readonly op: BinaryOp;
  /** What happens to a float result before it is stored. */
  readonly then: Then;
}
