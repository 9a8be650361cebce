/**
 * Operations that compare results with the truth.
 *
 * @module
 */
import type { TestedOperation } from "../cases.ts";
import { confusion } from "./confusion/confusion.ts";
import { confusionCases } from "./confusion/confusion_cases.ts";
import { meanSquaredError } from "./squared_error/mean_squared_error.ts";
import { normalizedRootMse } from "./squared_error/normalized_root_mse.ts";
import { peakSignalNoiseRatio } from "./squared_error/peak_signal_noise_ratio.ts";
import {
  meanSquaredErrorCases,
  normalizedRootMseCases,
  peakSignalNoiseRatioCases,
} from "./squared_error/squared_error_cases.ts";
import { structuralSimilarity } from "./structural_similarity/structural_similarity.ts";
import { structuralSimilarityCases } from "./structural_similarity/structural_similarity_cases.ts";

export type { Callable } from "../call.ts";
export type { TestedOperation } from "../cases.ts";
export { confusion, type ConfusionOptions } from "./confusion/confusion.ts";
export { meanSquaredError, type MeanSquaredErrorOptions } from "./squared_error/mean_squared_error.ts";
export {
  type Normalization,
  normalizedRootMse,
  type NormalizedRootMseOptions,
} from "./squared_error/normalized_root_mse.ts";
export { peakSignalNoiseRatio, type PeakSignalNoiseRatioOptions } from "./squared_error/peak_signal_noise_ratio.ts";
export {
  structuralSimilarity,
  type StructuralSimilarityOptions,
} from "./structural_similarity/structural_similarity.ts";

/** All operations of this family with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: confusion, cases: confusionCases },
  { operation: meanSquaredError, cases: meanSquaredErrorCases },
  { operation: normalizedRootMse, cases: normalizedRootMseCases },
  { operation: peakSignalNoiseRatio, cases: peakSignalNoiseRatioCases },
  { operation: structuralSimilarity, cases: structuralSimilarityCases },
];
