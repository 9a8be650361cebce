import { z } from "npm:zod@4.6.7";
import type { Operation } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { costOf } from "../cost.ts";
import { checkAdded, type Epilogue, epilogueSchema, splitAdded } from "../epilogue.ts";
import { instanceMoments, type InstanceMomentsOptions } from "../instance_moments/instance_moments.ts";
import { checkNormalized, fitsTexels, instanceMomentsShape } from "../instance_moments/normalized.ts";
import { prefersTexels } from "../texels.ts";
import { instanceNormalizationCases } from "./instance_normalization_cases.ts";
import { instanceNormalizationTwin } from "./instance_normalization_twin.ts";
import { recordNormalized } from "./normalize.ts";

/** Options of an instance normalization. */
export interface InstanceNormalizationOptions extends InstanceMomentsOptions {
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

/**
 * `scale * (x - mean) / sqrt(variance + epsilon) + bias` of `[N, C, ...]`, where mean and (biased) variance are those of
 * each image and channel (or group of channels), and `scale` and `bias` are `[C]`. Sources: ONNX
 * `InstanceNormalization` and `GroupNormalization`. Variances come from
 * deviations, never from squares, so that a large mean costs no accuracy. O(elements).
 *
 * Inputs: x, scale, bias, added? (where `epilogue` has the step `add`).
 *
 * Forms: `channels4` (3 to 5 axes), `linear`.
 */
export const instanceNormalization: Operation<InstanceNormalizationOptions> = {
  name: "instanceNormalization",
  options: optionsOf<InstanceNormalizationOptions>(
    z.strictObject({ ...instanceMomentsShape, epilogue: epilogueSchema }),
  ),
  outputs: (inputs, options) => {
    const { own, added } = splitAdded(inputs, options.epilogue);
    checkNormalized("instanceNormalization", own, options);
    const [{ dtype, shape }] = own;
    checkAdded("instanceNormalization", added, shape);
    return [{ dtype, shape }];
  },
  cost: (inputs, options) =>
    costOf(inputs, instanceNormalization.outputs(inputs, options), 7 * sizeOf(inputs[0].shape)),
  forms: { channels4: {}, linear: {} },
  choose: ([x]) => fitsTexels(x) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, inputs, { epilogue, ...options }, form) => {
    const { own: [x, scale, bias], added } = splitAdded(inputs, epilogue);
    if (sizeOf(x.shape) === 0) return [r.temporary(x)];
    const [moments] = r.apply(instanceMoments, [x, scale, bias], options);
    return [recordNormalized(r, [x, moments, added], epilogue, form === "channels4" && fitsTexels(x))];
  },
  twin: instanceNormalizationTwin,
  // A mean rounds by 6e-8 of itself and its sum by some of that: divided by the deviation, which may be a hundredth of it.
  // Reached by a large mean: 1e-5 in `linear`, 2.2e-6 in `channels4`.
  bound: 1.5e-5,
  cases: instanceNormalizationCases,
};
