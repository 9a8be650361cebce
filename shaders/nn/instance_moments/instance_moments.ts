import { z } from "npm:zod@4.6.7";
import {
  type Binding,
  definePage,
  type Layout,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Value,
} from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, showShape, sizeOf } from "../../shape.ts";
import { channelChunks, channelChunksLib } from "../channel_chunks.ts";
import { costOf } from "../cost.ts";
import { nestedIterations } from "../loops.ts";
import { prefersTexels } from "../texels.ts";
import combineText from "./combine_moments.wgsl" with { type: "text" };
import { instanceMomentsCases } from "./instance_moments_cases.ts";
import { instanceMomentsTwin } from "./instance_moments_twin.ts";
import { checkNormalized, fitsTexels, instanceMomentsShape } from "./normalized.ts";
import momentsText from "./moments.wgsl" with { type: "text" };
import momentsChannels4Text from "./moments_channels4.wgsl" with { type: "text" };

/** Options of the moments of an instance normalization. */
export interface InstanceMomentsOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon: number;
  /** Groups of neighboring channels that have one mean and variance. Default: each channel its own. */
  readonly groups?: number;
}

const page = (name: string, text: string, libs: readonly Lib[], bindings: readonly Binding[]): Page =>
  definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs, bindings });

const read = (name: string, layout: Layout = "linear"): Binding => ({ name, access: "read", layout });
const write = (name: string): Binding => ({ name, access: "write", layout: "linear" });

const moments = page("moments", momentsText, [grid], [read("x"), write("partial")]);
const momentsChannels4 = page("moments_channels4", momentsChannels4Text, [grid, loops, channelChunksLib], [
  read("x", "channels4"),
  write("partial"),
]);
const combine = page("combine_moments", combineText, [grid, loops], [
  read("partial"),
  read("scale"),
  read("bias"),
  write("moments"),
]);

/** Pixels that one invocation takes the moments of at least, and the most chunks that one combines. */
const chunkLength = 256, mostChunks = 2048;

/** The most chunks of all channels of a group. */
const mostParts = 16_384;

/** Records the moments of the chunks of every line. */
function recordChunks(
  r: Recorder,
  x: Value,
  texels: boolean,
  most: number,
): { partial: Value; chunk: number; chunks: number } {
  const { batch, channels, width } = channelAxes(x.shape);
  if (!texels) {
    const length = sizeOf(x.shape.slice(2));
    const chunk = Math.max(chunkLength, Math.ceil(length / most));
    const chunks = Math.ceil(length / chunk);
    const partial = r.temporary({ dtype: "f32", shape: [batch * channels, chunks, 2] });
    r.dispatch(moments, {
      bind: { x, partial },
      params: { length, chunk_length: chunk, chunks },
      groups: Math.ceil(batch * channels * chunks / 64),
      iterations: 2 * nestedIterations([chunk]),
    });
    return { partial, chunk, chunks };
  }
  const { params, rowsPerChunk, chunks, groups } = channelChunks(x.shape, chunkLength, most);
  const partial = r.temporary({ dtype: "f32", shape: [batch * channels, chunks, 2] });
  r.dispatch(momentsChannels4, {
    bind: { x, partial },
    params,
    groups,
    // The first row is read twice.
    iterations: nestedIterations([rowsPerChunk + 1, width]),
  });
  return { partial, chunk: rowsPerChunk * width, chunks };
}

/**
 * By what `[N, C, ...]` is normalized: `[N, 3, C]`, the mean of each image and channel (or group of channels), the factor
 * `scale / sqrt(variance + epsilon)` with the biased variance, and `bias`, so that the normalized is
 * `(x - mean) * factor + bias`. `scale` and `bias` are `[C]`. Variances come from deviations, never from squares, so that a
 * large mean costs no accuracy. Sources: ONNX `InstanceNormalization` and `GroupNormalization`. O(elements).
 *
 * Inputs: x (with elements), scale, bias.
 *
 * Forms: `channels4` (3 to 5 axes), `linear`.
 */
export const instanceMoments: Operation<InstanceMomentsOptions> = {
  name: "instanceMoments",
  options: optionsOf<InstanceMomentsOptions>(z.strictObject(instanceMomentsShape)),
  outputs: (inputs, options) => {
    checkNormalized("instanceMoments", inputs, options);
    const [{ dtype, shape }] = inputs;
    if (sizeOf(shape) === 0) {
      throw new RangeError(`instanceMoments: ${showShape(shape)} has no elements, and so no mean`);
    }
    return [{ dtype, shape: [shape[0], 3, shape[1]] }];
  },
  cost: (inputs, options) => costOf(inputs, instanceMoments.outputs(inputs, options), 5 * sizeOf(inputs[0].shape)),
  forms: { channels4: { serves: ([x]) => fitsTexels(x) }, linear: {} },
  choose: ([x]) => fitsTexels(x) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, [x, scale, bias], { epsilon, groups = x.shape[1] }, form) => {
    const [batch, channels] = x.shape;
    const group = channels / groups;
    const most = Math.max(1, Math.min(mostChunks, mostParts / group));
    const { partial, chunk, chunks } = recordChunks(r, x, form === "channels4", most);
    const stats = r.temporary({ dtype: x.dtype, shape: [batch, 3, channels] });
    r.dispatch(combine, {
      bind: { partial, scale, bias, moments: stats },
      params: { length: sizeOf(x.shape.slice(2)), chunk_length: chunk, chunks, channels, group, epsilon },
      groups: Math.ceil(batch * channels / 8),
      iterations: nestedIterations([group * chunks]),
    });
    return [stats];
  },
  twin: instanceMomentsTwin,
  // A mean rounds by some 6e-8 of the greatest element; factors by what their deviations do.
  bound: 2e-6,
  cases: instanceMomentsCases,
};
