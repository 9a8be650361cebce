import type { TestedOperation } from "../cases.ts";
import type { Operation } from "../contract.ts";
import * as exported from "./mod.ts";

/** All network operations with their cases. */
export const operations: readonly TestedOperation[] = Object.values(exported).flatMap((value: unknown) => {
  return isOperation(value) && value.cases !== undefined ? [{ operation: value, cases: value.cases }] : [];
});

function isOperation(value: unknown): value is Operation<unknown> {
  return typeof value === "object" && value !== null && "record" in value && "twin" in value;
}
