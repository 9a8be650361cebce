import { z } from "npm:zod@4.6.7";
import type { Facts, Form, Operation, Recorder, Spec, Tune } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { checkAdded, type Epilogue, epilogueSchema, splitAdded } from "../epilogue.ts";
import { checkFloats } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { convolutionCases } from "./convolution_cases.ts";
import { convolutionTwin } from "./convolution_twin.ts";
import { convolutionGeometry, type Geometry } from "./geometry.ts";
import { generalIterations, generalTunes, recordDepthwise, recordGeneral, recordPlain, type Work } from "./record.ts";
import { recordTiles, servesTiles, tilesTunes } from "./tiles.ts";
import { paysWinograd, recordWinograd, servesWinograd, winogradFlops, winogradTunes } from "./winograd/winograd.ts";

/** Options of a convolution. Lists have one entry per spatial axis. */
export interface ConvolutionOptions {
  /** Step between outputs. Default 1 per axis. */
  readonly strides?: readonly number[];
  /** Zeros before each axis; negative numbers cut. Default 0. */
  readonly padsBegin?: readonly number[];
  /** Zeros after each axis; negative numbers cut. Default 0. */
  readonly padsEnd?: readonly number[];
  /** Distance between taps. Default 1 per axis. */
  readonly dilations?: readonly number[];
  /** Groups of channels that are convolved apart. Default 1. */
  readonly groups: number;
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

/** The options that convolution and transposed convolution share, as a zod shape. */
export const convolutionShape = {
  strides: z.array(z.int().positive()).optional(),
  padsBegin: z.array(z.int()).optional(),
  padsEnd: z.array(z.int()).optional(),
  dilations: z.array(z.int().positive()).optional(),
  groups: z.int().positive().default(1),
  epilogue: epilogueSchema,
};

/** Lanes that hand weights round. */
const lanes = 8;

type Name = "winograd" | "generalLanes" | "tiles" | "general" | "depthwise" | "plain";

/** Whether a form can compute a convolution at all. */
function fits(form: Exclude<Name, "winograd" | "generalLanes" | "tiles">, geometry: Geometry): boolean {
  const { kernel, groups, inChannels, outChannels, input } = geometry;
  if (form === "plain") return true;
  if (sizeOf(input) * inChannels === 0) return false;
  if (form === "depthwise") {
    return groups === inChannels && groups === outChannels && nestedIterations(kernel) <= iterationLimit;
  }
  if (groups > 1) return false;
  return generalIterations(geometry) <= iterationLimit;
}

/**
 * The fastest form, measured on the software adapters. `tiles` takes first layers and channels by themselves, at 2.3 to 4 times
 * the speed of `general` and `depthwise`, 3x3 of stride 1 to four output channels at 1.4 to 2.1 times, and all 3x3 of stride 1 on
 * SwiftShader. On lavapipe with subgroups `winograd` is 1.2 times as fast as `generalLanes` at 32 channels, 1.5 at 64, 2.7 at
 * 256, with taps along z 1.2 at 8 and more from 16 on; weights that lanes hand round gain `general` 1.2 to 1.3 times.
 */
function choose(inputs: readonly Spec[], options: ConvolutionOptions, { adapter, subgroupSize }: Facts): Name {
  const geometry = convolutionGeometry(inputs, options);
  const mesa = adapter === "lavapipe" || adapter === "opengl";
  const byLanes = mesa && subgroupSize >= lanes;
  if (byLanes && paysWinograd(geometry) && servesWinograd(geometry)) return "winograd";
  const isTiled = servesTiles(geometry);
  const isSmall = geometry.inChannels < 16 || geometry.outChannels <= 4;
  if (isTiled && (isSmall || geometry.groups > 1 || !mesa)) return "tiles";
  if (fits("general", geometry)) return byLanes ? "generalLanes" : "general";
  return fits("depthwise", geometry) ? "depthwise" : "plain";
}

const needs = ({ subgroupSize }: Facts): boolean => subgroupSize >= lanes;

const serves = (form: Parameters<typeof fits>[0]): Form<ConvolutionOptions>["serves"] => (inputs, options) =>
  fits(form, convolutionGeometry(inputs, options));

const tunes =
  (list: (geometry: Geometry, facts: Facts) => Tune[]): Form<ConvolutionOptions>["tune"] => (inputs, options, facts) =>
    list(convolutionGeometry(inputs, options), facts);

const records: { readonly [name in Name]: (r: Recorder, work: Work, tune: Tune) => void } = {
  winograd: recordWinograd,
  generalLanes: (r, work, tune) => recordGeneral(r, work, tune, true),
  tiles: recordTiles,
  general: recordGeneral,
  depthwise: recordDepthwise,
  plain: recordPlain,
};

const forms: { readonly [name in Name]: Form<ConvolutionOptions> } = {
  winograd: {
    needs,
    serves: (inputs, options) => servesWinograd(convolutionGeometry(inputs, options)),
    // Points are sums of pixels with coefficients up to 5, outputs sums of points with up to 8: three bits are lost
    // (4.3e-6 at 512 channels).
    bound: 1e-5,
    tune: tunes(winogradTunes),
    cost: (inputs, options) => ({
      ...convolution.cost(inputs, options),
      flops: winogradFlops(convolutionGeometry(inputs, options)),
    }),
  },
  generalLanes: {
    needs,
    serves: serves("general"),
    tune: tunes((geometry, facts) => generalTunes(geometry, false, facts, true)),
  },
  tiles: {
    serves: (inputs, options) => servesTiles(convolutionGeometry(inputs, options)),
    tune: tunes(tilesTunes),
  },
  general: {
    serves: serves("general"),
    tune: tunes((geometry, facts) => generalTunes(geometry, false, facts, false)),
  },
  // Sums over one channel. Reached: 1.5e-7.
  depthwise: { serves: serves("depthwise"), bound: 6e-7 },
  plain: {},
};

/**
 * Convolution (cross-correlation) of `[N, C, ...spatial]` with weights `[M, C / groups, ...kernel]` and an optional bias
 * `[M]`, in one to three spatial axes, zeros outside. Source: ONNX `Conv`. O(N M C / groups * kernel * outputs).
 *
 * Inputs: x, weight, bias?, added? (where `epilogue` has the step `add`).
 *
 * Forms: `winograd` (3x3 of stride 1), `tiles` (the same, kernels of up to four channels and of channels by themselves),
 * `general` (one group), `depthwise` (each channel is a group of its own), `plain` (everything). In `generalLanes` lanes hand
 * weights round.
 */
export const convolution: Operation<ConvolutionOptions> = {
  name: "convolution",
  options: optionsOf<ConvolutionOptions>(z.strictObject(convolutionShape)),
  outputs: (inputs, options) => {
    checkFloats("convolution", inputs);
    const { batch, outChannels, output } = convolutionGeometry(inputs, options);
    const shape = [batch, outChannels, ...output];
    checkAdded("convolution", splitAdded(inputs, options.epilogue).added, shape);
    return [{ dtype: inputs[0].dtype, shape }];
  },
  cost: (inputs, options) => {
    const outputs = convolution.outputs(inputs, options);
    return costOf(inputs, outputs, 2 * sizeOf(outputs[0].shape) * sizeOf(inputs[1].shape.slice(1)));
  },
  forms,
  choose,
  record: (r, inputs, options, name, tune) => {
    const geometry = convolutionGeometry(inputs, options);
    const y = r.temporary(convolution.outputs(inputs, options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { own: [x, weight, bias], added } = splitAdded(inputs, options.epilogue);
    const work = { geometry, x, weight, bias, added, y, epilogue: options.epilogue, transposed: false };
    records[name as Name](r, work, tune);
    return [y];
  },
  twin: convolutionTwin,
  // Sums of up to C * kernel products in f32, one after the other: error grows with the root of their number.
  bound: 4e-6,
  bulk: true,
  biasAxis: 1,
  cases: convolutionCases,
};
