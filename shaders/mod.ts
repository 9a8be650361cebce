/** Floor 0: the operations and the types that a declaration is made of. */
import type { TestedOperation } from "./cases.ts";
import { operations as filterOperations } from "./filters/mod.ts";
import { operations as imageOperations } from "./image/mod.ts";
import { operations as metricOperations } from "./metrics/mod.ts";
import { operations as nnOperations } from "./nn/mod.ts";

export * from "./contract.ts";
export type { TestedOperation } from "./cases.ts";
export * as filters from "./filters/mod.ts";
export * as image from "./image/mod.ts";
export * as metrics from "./metrics/mod.ts";
export * as nn from "./nn/mod.ts";

/** All operations with the cases that they are tested with. */
export const operations: readonly TestedOperation[] = [
  ...filterOperations,
  ...imageOperations,
  ...metricOperations,
  ...nnOperations,
];
