/**
 * Operations that compare results with the truth.
 *
 * @module
 */
import type { Case, Operation } from "../contract.ts";
import { confusion } from "./confusion/confusion.ts";
import { confusionCases } from "./confusion/confusion_cases.ts";

export { confusion, type ConfusionOptions } from "./confusion/confusion.ts";

/** An operation with the cases that it is tested with. */
export interface TestedOperation {
  /** Operations differ in their options. */
  // deno-lint-ignore no-explicit-any
  readonly operation: Operation<any>;
  /** Inputs and options worth trying. */
  // deno-lint-ignore no-explicit-any
  readonly cases: readonly Case<any>[];
}

/** All operations of this family with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: confusion, cases: confusionCases },
];
