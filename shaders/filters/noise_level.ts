import { z } from "npm:zod@4.6.7";
import type { HostTensor, Recorder, Spec, Value } from "../contract.ts";
import { estimateSigma } from "./estimate_sigma/estimate_sigma.ts";

/** Standard deviation of the noise in the image's unit, or `auto`: estimated on the device, for each channel. */
export type NoiseLevel = number | "auto";

/** A noise level in a schema. */
export const noiseLevelSchema: z.ZodType<NoiseLevel> = z.union([z.number().min(0), z.literal("auto")], {
  error: 'expected a number >=0 or "auto"',
}).describe("Standard deviation of the noise in the image's unit, or auto: estimated for each channel");

/** The option `sigma` of a schema. */
export const noiseLevelOption: z.ZodType<NoiseLevel> = noiseLevelSchema.default("auto");

/** How noise is distributed: `rician` is that of MR magnitude images. */
export type NoiseKind = "gaussian" | "rician";

/** Checks a filter's second input, the noise level of each channel: f32 `[C]`. */
export function checkNoiseInput(filter: string, image: Spec, sigma: Spec | undefined): void {
  if (sigma === undefined || (sigma.dtype === "f32" && sigma.shape.length === 1 && sigma.shape[0] === image.shape[0])) {
    return;
  }
  throw new RangeError(
    `${filter} takes sigma as f32 [${image.shape[0]}], one per channel, not ${sigma.dtype} [${sigma.shape.join(", ")}]`,
  );
}

/**
 * The noise level of each channel, f32 `[C]`: the filter's second input where it has one, the option where that is a
 * number, else an estimate that stays on the device.
 */
export function noiseLevel(
  r: Recorder,
  [image, sigma]: readonly Value[],
  option: NoiseLevel,
  noise: NoiseKind = "gaussian",
): Value {
  if (sigma !== undefined) return sigma;
  if (option === "auto") return r.apply(estimateSigma, [image], { noise })[0];
  const channels = image.shape[0];
  return r.constant(new Float32Array(channels).fill(option), [channels]);
}

/** {@linkcode noiseLevel} for twins. */
export function noiseLevelTwin(
  [image, sigma]: readonly HostTensor[],
  option: NoiseLevel,
  noise: NoiseKind = "gaussian",
): Float64Array {
  if (sigma !== undefined) return sigma.data;
  if (option === "auto") return estimateSigma.twin([image], { noise })[0].data;
  return new Float64Array(image.shape[0]).fill(Math.fround(option));
}
