import { z } from "zod";
import { defineOperation, type Filter } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import type { NoiseKind } from "../noise_level.ts";

/** Options of {@linkcode estimateSigma}. */
export interface EstimateSigmaOptions {
  /** How the noise is distributed. Default `gaussian`. */
  noise: NoiseKind;
}

/** Standard deviation of the noise of each channel, f32 `[C]`. */
export const estimateSigma: Filter<EstimateSigmaOptions> = defineOperation<EstimateSigmaOptions>({
  name: "estimateSigma",
  options: optionsOf(z.strictObject({ noise: z.enum(["gaussian", "rician"]).default("gaussian") })),
  outputs: ([image]) => [{ dtype: "f32", shape: [image.shape[0]] }],
  cost: () => ({ bytes: 0, flops: 0 }),
  record: () => {
    throw new Error("being written");
  },
  twin: () => {
    throw new Error("being written");
  },
  bound: 1e-5,
});
