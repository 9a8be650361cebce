import type { DType } from "../../contract.ts";

/** Options of a change of type. */
export interface CastOptions {
  /** Type of the result. Floats are cut toward zero; integers wrap where the type is narrower; bool is `x != 0`. */
  readonly to: DType;
}
