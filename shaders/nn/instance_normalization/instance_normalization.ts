import { z } from "npm:zod@4.6.7";
import {
  type Binding,
  definePage,
  type Layout,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { epilogue, functions, grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, showShape, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { channelChunks, channelChunksLib } from "../channel_chunks.ts";
import { costOf } from "../cost.ts";
import { prefersTexels, texelGrid } from "../texels.ts";
import { checkAdded, type Epilogue, epilogueOverrides, epilogueSchema, splitAdded } from "../epilogue.ts";
import combineText from "./combine_moments.wgsl" with { type: "text" };
import { instanceNormalizationCases } from "./instance_normalization_cases.ts";
import { instanceNormalizationTwin } from "./instance_normalization_twin.ts";
import momentsText from "./moments.wgsl" with { type: "text" };
import momentsChannels4Text from "./moments_channels4.wgsl" with { type: "text" };
import normalizeText from "./normalize.wgsl" with { type: "text" };
import normalizeChannels4Text from "./normalize_channels4.wgsl" with { type: "text" };

/** Options of an instance normalization. */
export interface InstanceNormalizationOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon: number;
  /** Groups of neighboring channels that have one mean and variance. Default: each channel its own. */
  readonly groups?: number;
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

const page = (name: string, text: string, libs: readonly Lib[], bindings: readonly Binding[]): Page =>
  definePage({ name, file: import.meta.resolve(`./${name}.wgsl`), text, libs, bindings });

const read = (name: string, layout: Layout = "linear"): Binding => ({ name, access: "read", layout });
const write = (name: string, layout: Layout = "linear"): Binding => ({ name, access: "write", layout });

const moments = page("moments", momentsText, [grid], [read("x"), write("partial")]);
const momentsChannels4 = page("moments_channels4", momentsChannels4Text, [grid, loops, channelChunksLib], [
  read("x", "channels4"),
  write("partial"),
]);
const combine = page("combine_moments", combineText, [grid, loops], [read("partial"), read("scale"), write("moments")]);
const normalize = page("normalize", normalizeText, [grid, functions, epilogue], [
  read("x"),
  read("moments"),
  read("bias"),
  read("added"),
  write("y"),
]);
const normalizeChannels4 = page("normalize_channels4", normalizeChannels4Text, [functions, epilogue], [
  read("x", "channels4"),
  read("moments"),
  read("bias"),
  read("added", "channels4"),
  write("y", "channels4"),
]);

/** Pixels that one invocation takes the moments of at least, and the most chunks that one combines. */
const chunkLength = 256, mostChunks = 2048;

/** The most chunks of all channels of a group. */
const mostParts = 16_384;

const fitsTexels = ({ shape }: Spec) => shape.length >= 3 && shape.length <= 5 && shape[shape.length - 1] <= 16_384;

/** Records the moments of the chunks of every line. */
function recordMoments(
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
  const { params, rowsPerChunk, chunks, groups, iterations } = channelChunks(x.shape, chunkLength, most);
  const partial = r.temporary({ dtype: "f32", shape: [batch * channels, chunks, 2] });
  r.dispatch(momentsChannels4, {
    bind: { x, partial },
    params,
    groups,
    iterations: 2 * iterations,
  });
  return { partial, chunk: rowsPerChunk * width, chunks };
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
    z.strictObject({
      epsilon: z.number().nonnegative().default(1e-5),
      groups: z.int().positive().optional(),
      epilogue: epilogueSchema,
    }),
  ),
  outputs: (inputs, { epilogue, groups }) => {
    const { own: [x, scale, bias], added } = splitAdded(inputs, epilogue);
    if (x.shape.length < 3) {
      throw new RangeError(`instanceNormalization: ${showShape(x.shape)} must have 3 or more axes`);
    }
    for (const [name, vector] of Object.entries({ scale, bias })) {
      if (vector.shape.length === 1 && vector.shape[0] === x.shape[1]) continue;
      throw new RangeError(
        `instanceNormalization: ${name} has shape ${showShape(vector.shape)}, but must be [${
          x.shape[1]
        }]: one number per channel`,
      );
    }
    if (groups !== undefined && x.shape[1] % groups !== 0) {
      throw new RangeError(`instanceNormalization: ${x.shape[1]} channels can't be ${groups} groups of equal size`);
    }
    checkAdded("instanceNormalization", added, x.shape);
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  cost: (inputs, options) =>
    costOf(inputs, instanceNormalization.outputs(inputs, options), 7 * sizeOf(inputs[0].shape)),
  forms: { channels4: {}, linear: {} },
  choose: ([x]) => fitsTexels(x) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, inputs, { epsilon, epilogue, groups = inputs[0].shape[1] }, form) => {
    const { own: [x, scale, bias], added } = splitAdded(inputs, epilogue);
    const y = r.temporary(x);
    if (sizeOf(x.shape) === 0) return [y];
    const texels = form === "channels4" && fitsTexels(x);
    const [batch, channels] = x.shape;
    const length = sizeOf(x.shape.slice(2));
    const group = channels / groups;
    const { partial, chunk, chunks } = recordMoments(
      r,
      x,
      texels,
      Math.max(1, Math.min(mostChunks, mostParts / group)),
    );
    const stats = r.temporary({ dtype: "f32", shape: [batch * channels, 2] });
    r.dispatch(combine, {
      bind: { partial, scale, moments: stats },
      params: { length, chunk_length: chunk, chunks, channels, group, epsilon },
      groups: Math.ceil(batch * channels / 8),
      iterations: nestedIterations([group * chunks]),
    });
    const bind = { x, moments: stats, bias, added: added ?? null, y };
    const overrides = { ...epilogueOverrides(epilogue), HAS_ADDED: added ? 1 : 0 };
    if (texels) {
      const { width, depth } = channelAxes(x.shape);
      const grid = texelGrid(x.shape, ["moments", "bias"], 4);
      r.dispatch(normalizeChannels4, { bind, params: { width, depth, channels }, overrides, ...grid, iterations: 0 });
    } else {
      const groups = Math.ceil(sizeOf(x.shape) / 64);
      r.dispatch(normalize, { bind, params: { length, channels }, overrides, groups, iterations: 0 });
    }
    return [y];
  },
  twin: instanceNormalizationTwin,
  // A mean rounds by 6e-8 of itself and its sum by some of that: divided by the deviation, which may be a hundredth of it.
  // Reached by a large mean: 1e-5 in `linear`, 2.2e-6 in `channels4`.
  bound: 1.5e-5,
  cases: instanceNormalizationCases,
};
