import { z } from "npm:zod@4.6.7";
import {
  type Call,
  defineOperation,
  definePage,
  type Filter,
  type Lib,
  type Page,
  type Recorder,
  type Value,
} from "../../contract.ts";
import { loops as loopsLib, tiles as tilesLib, workgroup as workgroupLib, workgroupIterations } from "../../lib/mod.ts";
import { recordSquaredErrors } from "../../metrics/squared_error/squared_error.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { slicewiseOption, spacingOption } from "../extents.ts";
import { checkNoiseInput, type NoiseLevel, noiseLevel, noiseLevelOption } from "../noise_level.ts";
import { groupsOver, overLayers } from "../tiles.ts";
import { removedShare, type Scheme, schemeOf } from "./anisotropic_scheme.ts";
import commonText from "./anisotropic_common.wgsl" with { type: "text" };
import curvatureText from "./anisotropic_curvature.wgsl" with { type: "text" };
import stopText from "./anisotropic_stop.wgsl" with { type: "text" };
import stepText from "./anisotropic.wgsl" with { type: "text" };
import { anisotropicTwin } from "./anisotropic_twin.ts";

/** Options of {@linkcode anisotropic}. */
export interface AnisotropicOptions {
  /** What flows: gray values (`peronaMalik`), or level sets by their curvature (`curvature`). Default `peronaMalik`. */
  equation: "peronaMalik" | "curvature";
  /**
   * The gradient at which flow is held back, in the image's unit per unit of `spacing`. Either this or `strength`; a
   * kappa below 1e-15 counts as that.
   */
  kappa?: number;
  /** Kappa as a multiple of the noise level, per the least `spacing`. Default 1.5, where `kappa` is not given. */
  strength?: number;
  /** The noise level; not used where `kappa` is given and `steps` is a number. Default `auto`. */
  sigma: NoiseLevel;
  /** Number of steps; `auto` stops once the noise is removed. Default 5, of `curvature` 10. */
  steps?: number | "auto";
  /** The most steps that `auto` takes, 1 to 1000. Default 50. */
  maxSteps: number;
  /** Time step in units of squared `spacing`. Default 0.8 times the greatest stable one. */
  dt?: number;
  /** How conductance falls with the gradient: `exp(-(g/kappa)^2)`, or `1/(1 + (g/kappa)^2)`. Default `rational`. */
  conductance: "exponential" | "rational";
  /** Distance between pixels for each of the image's spatial axes (`[y, x]` or `[z, y, x]`). Default 1. */
  spacing?: readonly number[];
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<AnisotropicOptions> = z.strictObject({
  equation: z.enum(["peronaMalik", "curvature"]).default("peronaMalik").describe(
    "What flows: gray values, or level sets by their curvature",
  ),
  kappa: z.number().min(0).optional().describe("Gradient at which flow is held up, in the image's unit per spacing"),
  strength: z.number().min(0).optional().describe("Kappa as a multiple of the noise level; default 1.5"),
  sigma: noiseLevelOption,
  steps: z.union([z.int().min(0).max(1000), z.literal("auto")]).optional().describe(
    "Number of steps; auto stops once the noise is removed; default 5, of curvature 10",
  ),
  maxSteps: z.int().min(1).max(1000).default(50).describe("The most steps that auto takes"),
  dt: z.number().positive().optional().describe("Time step; default 0.8 times the greatest stable one"),
  conductance: z.enum(["exponential", "rational"]).default("rational").describe(
    "How conductance falls with the gradient",
  ),
  spacing: spacingOption,
  slicewise: slicewiseOption,
}).superRefine(({ kappa, strength }, context) => {
  if (kappa !== undefined && strength !== undefined) {
    context.addIssue({
      code: "custom",
      message: "give either kappa or strength, kappa over the noise level, not both",
    });
  }
});

/** What the pages of both equations share. */
const common: Lib = { file: import.meta.resolve("./anisotropic_common.wgsl"), text: commonText };
const libs = [tilesLib, common];
const bindings = [
  { name: "image", access: "read", layout: "rows4" },
  { name: "level", access: "read", layout: "linear" },
  { name: "state", access: "read", layout: "linear", element: "u32" },
  { name: "result", access: "write", layout: "rows4" },
] as const;

/** A step of {@linkcode anisotropic} by its equation. */
export const anisotropicPages: Readonly<Record<AnisotropicOptions["equation"], Page>> = {
  peronaMalik: definePage({
    name: "anisotropic",
    file: import.meta.resolve("./anisotropic.wgsl"),
    text: stepText,
    libs,
    bindings,
  }),
  curvature: definePage({
    name: "anisotropic_curvature",
    file: import.meta.resolve("./anisotropic_curvature.wgsl"),
    text: curvatureText,
    libs,
    bindings,
  }),
};

/** Decides which channels go on. */
export const anisotropicStop: Page = definePage({
  name: "anisotropic_stop",
  file: import.meta.resolve("./anisotropic_stop.wgsl"),
  text: stopText,
  libs: [loopsLib, workgroupLib],
  bindings: [
    { name: "partials", access: "read", layout: "linear" },
    { name: "sigma", access: "read", layout: "linear" },
    { name: "state", access: "read", layout: "linear", element: "u32" },
    { name: "result", access: "write", layout: "linear", element: "u32" },
  ],
});

/**
 * Diffusion that is held back at edges: smooths what differs by less than `kappa` and keeps what differs by more.
 *
 * - `peronaMalik`: `u += dt sum over axes of (c(d+) d+ - c(d-) d-) / h`, d the difference to the next and from the last
 *   pixel over their distance h, c the conductance. P. Perona and J. Malik, IEEE Transactions on Pattern Analysis and
 *   Machine Intelligence 12(7), 1990.
 * - `curvature`: the modified curvature diffusion equation `u_t = |grad u| div(c(|grad u|) grad u / |grad u|)` of R. T.
 *   Whitaker and X. Xue, "Variable-conductance, level-set curvature for image denoising", ICIP 2001, which also rounds
 *   what `peronaMalik` leaves jagged. The scheme is theirs: gradients halfway between pixels (across by the mean of two
 *   central differences), their squared length raised by `(kappa / 100)^2` where it divides, and the upwind gradient's
 *   length by Osher and Sethian as the factor.
 * - Time step: refused above the greatest one for which no pixel leaves the range of its neighbors: `dt sum(2/h^2) <=
 *   1` for `peronaMalik`, 0.25 for images and 1/6 for volumes with spacing 1; `dt sqrt(sum(2/h^2)) sum(2/h) <= 1` for
 *   `curvature`, 0.125 and 0.068.
 * - `steps: "auto"`: each channel stops with the first step whose mean squared difference from the noisy image reaches
 *   0.9 of the noise's variance, after `maxSteps` at the latest. That is V. A. Morozov's discrepancy principle (1966),
 *   less the noise which stays where the image does: by Stein's estimate of the risk, the best step has removed less
 *   than all, and with 0.9 the PSNR of photographs, MR slices and phantoms came within 0.4 dB of the best step's. The
 *   device decides; steps after that do nothing. A conductance that holds back the noise itself may never get there:
 *   take a larger strength. Noise that was clipped at the ends of the range is smaller than its level says, so that the
 *   steps are too many.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32 in any range, and optionally the noise level of each
 *   channel, f32 `[C]`, as a second input; the output has the image's unit. Squared gradients of `curvature` must lie
 *   within f32: values below 1e18.
 * - Border: nothing flows across it (`nearest`).
 * - Complexity: a step costs `peronaMalik` some 8 and `curvature` some 30 operations per pixel and axis.
 * - Bound: 6e-6 of the greatest value: each step rounds by some 1e-7. Where the gradient is above kappa, diffusion runs
 *   backward and enlarges such errors: `peronaMalik` has 1e-6 after 20 steps on noise three times kappa. `curvature`
 *   divides by the gradient besides and keeps the bound for some 5 steps there, for 20 where kappa is above the noise;
 *   after 20 steps on noise three times kappa no two programs agree to better than 1e-2.
 *
 * @example
 * ```ts ignore
 * const clean = engine.run((r) => filters.anisotropic(r, image, { strength: 1.5, steps: 10 }));
 * ```
 */
export const anisotropic: Filter<AnisotropicOptions> = defineOperation<AnisotropicOptions>({
  name: "anisotropic",
  options: optionsOf(schema),
  outputs: ([image, sigma], options) => {
    schemeOf(image, options);
    checkNoiseInput("anisotropic", image, sigma);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image], options) => {
    const { extents, steps } = schemeOf(image, options);
    const size = sizeOf(image.shape);
    const each = options.equation === "peronaMalik" ? 8 : 30;
    return { bytes: 8 * steps * size, flops: each * extents.axes.length * steps * size };
  },
  record: (r, inputs, options) => {
    const [image] = inputs;
    const scheme = schemeOf(image, options);
    const result = { dtype: "f32", shape: image.shape } as const;
    if (sizeOf(image.shape) === 0) return [r.temporary(result)];
    const { channels } = scheme.extents;
    const sigma = scheme.needsNoise ? noiseLevel(r, inputs, options.sigma) : undefined;
    const level = options.kappa === undefined
      ? sigma!
      : r.constant(new Float32Array(channels).fill(options.kappa), [channels]);
    // Two images in turn: once both hold the result, a stopped channel needs no copy.
    const targets = [r.temporary(result), r.temporary(result)];
    let state = scheme.stops ? r.constant(new Uint32Array(channels).fill(2), [channels]) : null;
    let from = image;
    for (let step = 0; step < scheme.steps; step++) {
      const to = targets[step % 2];
      recordStep(r, scheme, options, { image: from, level, state, result: to });
      if (state !== null && step + 1 < scheme.steps) state = recordStop(r, scheme, image, to, sigma!, state);
      from = to;
    }
    return [from];
  },
  twin: anisotropicTwin,
  bound: 6e-6,
});

/** Rows that an invocation makes: ROWS of the pages. */
const rows = 4;

/** A number for x, y and z each, of numbers for the filtered axes in the tensor's order. */
const vectorOf = (numbers: readonly number[]): number[] => [...numbers.toReversed(), 0, 0].slice(0, 4);

function recordStep(
  r: Recorder,
  { extents, spacing, dt, factor, stops }: Scheme,
  { equation, conductance }: AnisotropicOptions,
  bind: { image: Value; level: Value; state: Value | null; result: Value },
): void {
  const { channels, depth, height, width, axes } = extents;
  const volume = axes.length === 3;
  const { shift, groups } = groupsOver(Math.ceil(width / 4), Math.ceil(height / rows));
  const scales = vectorOf(spacing.map((h) => 1 / h));
  const scheme: NonNullable<Call["params"]> = equation === "peronaMalik"
    ? { rates: vectorOf(spacing.map((h) => dt / h ** 2)), scales }
    : { dt, scales };
  r.dispatch(anisotropicPages[equation], {
    bind,
    params: { ...scheme, factor, width, depth, shift },
    overrides: { VOLUME: Number(volume), RATIONAL: Number(conductance === "rational"), STOPS: Number(stops) },
    iterations: 0,
    ...overLayers(groups, channels * depth, { halo: Number(volume), whole: ["level", "state"] }),
  });
}

/** Records whether each channel goes on after a step; gives the states, u32 `[C]`. */
function recordStop(
  r: Recorder,
  { extents }: Scheme,
  image: Value,
  smoothed: Value,
  sigma: Value,
  state: Value,
): Value {
  const { channels, depth, height, width } = extents;
  const result = r.temporary({ dtype: "u32", shape: [channels] });
  const partials = recordSquaredErrors(r, image, smoothed);
  const count = partials.shape[0] / channels;
  r.dispatch(anisotropicStop, {
    bind: { partials, sigma, state, result },
    params: { count, scale: 1 / (depth * height * width), share: removedShare },
    groups: [channels, 1, 1],
    iterations: 2 * Math.ceil(count / 64) + workgroupIterations,
  });
  return result;
}
