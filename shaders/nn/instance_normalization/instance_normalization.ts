import type { Then } from "../then.ts";

/** Options of an instance normalization. */
export interface InstanceNormalizationOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon: number;
  /** What happens to the result before it is stored. */
  readonly then: Then;
}
