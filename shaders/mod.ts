/** Floor 0: the operations and the types that a declaration is made of. */
import type { TestedOperation } from "./cases.ts";
import { operations as filterOperations } from "./filters/mod.ts";
import { operations as imageOperations } from "./image/mod.ts";
import { operations as metricOperations } from "./metrics/mod.ts";
import { operations as nnOperations } from "./nn/operations.ts";

export * from "./contract.ts";
export { randomNumbers, type TestedOperation } from "./cases.ts";
export { broadcastShape, broadcastStrides, sameShape, showShape, sizeOf, stridesOf } from "./shape.ts";
/** Denoising filters of images and volumes. */
export * as filters from "./filters/mod.ts";
/** Image operations: resample, window, crop, paste, components, overlay and more. */
export * as image from "./image/mod.ts";
/** Metrics of results beside the truth: errors and similarity of images, counts of masks. */
export * as metrics from "./metrics/mod.ts";
export * as nn from "./nn/mod.ts";

/** All operations with the cases that they are tested with. */
export const operations: readonly TestedOperation[] = [
  ...filterOperations,
  ...imageOperations,
  ...metricOperations,
  ...nnOperations,
];
