import { z } from "npm:zod@4.6.7";
import type { Facts, Form, Operation, Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import { type ConvolutionOptions, convolutionShape } from "../convolution/convolution.ts";
import { convolutionTransposeGeometry } from "../convolution/geometry.ts";
import { generalIterations, generalTunes, recordGeneral, recordPlain } from "../convolution/record.ts";
import { iterationLimit } from "../loops.ts";
import { checkAdded, splitAdded } from "../epilogue.ts";
import { checkFloats } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { convolutionTransposeCases } from "./convolution_transpose_cases.ts";
import { convolutionTransposeTwin } from "./convolution_transpose_twin.ts";

/** Options of a transposed convolution. Lists have one entry per spatial axis; pads are cut from the result. */
export interface ConvolutionTransposeOptions extends ConvolutionOptions {
  /** Rows that the result has beyond its end. Default 0. */
  readonly outputPadding?: readonly number[];
}

/** Whether the form `general` can compute a transposed convolution. */
function isGeneral(inputs: readonly Spec[], options: ConvolutionTransposeOptions): boolean {
  const geometry = convolutionTransposeGeometry(inputs, options);
  return geometry.groups === 1 && geometry.dilations.every((step) => step === 1) &&
    sizeOf(geometry.input) * geometry.inChannels > 0 && generalIterations(geometry) <= iterationLimit;
}

const byLanes = ({ subgroupSize }: Facts): boolean => subgroupSize >= 8;

const tunes = (lanes: boolean): Form<ConvolutionTransposeOptions>["tune"] => (inputs, options, facts) =>
  generalTunes(convolutionTransposeGeometry(inputs, options), true, facts, lanes);

/**
 * Transposed convolution of `[N, C, ...spatial]` with weights `[C, M / groups, ...kernel]` and an optional bias `[M]`, in
 * one to three spatial axes: `size = (input - 1) * stride + outputPadding + dilation * (kernel - 1) + 1 - pads`.
 * Source: ONNX `ConvTranspose`. O(N M C / groups * kernel * inputs).
 *
 * Inputs: x, weight, bias?, added? (where `epilogue` has the step `add`).
 *
 * Forms: `general` (one group, dilation 1; each output sees only the taps that reach it; in `generalLanes` lanes
 * hand weights round), `plain` (everything).
 */
export const convolutionTranspose: Operation<ConvolutionTransposeOptions> = {
  name: "convolutionTranspose",
  options: optionsOf<ConvolutionTransposeOptions>(
    z.strictObject({ ...convolutionShape, outputPadding: z.array(z.int().nonnegative()).optional() }),
  ),
  outputs: (inputs, options) => {
    checkFloats("convolutionTranspose", inputs);
    const { batch, outChannels, output } = convolutionTransposeGeometry(inputs, options);
    const shape = [batch, outChannels, ...output];
    checkAdded("convolutionTranspose", splitAdded(inputs, options.epilogue).added, shape);
    return [{ dtype: inputs[0].dtype, shape }];
  },
  cost: (inputs, options) => {
    const outputs = convolutionTranspose.outputs(inputs, options);
    return costOf(inputs, outputs, 2 * sizeOf(inputs[0].shape) * sizeOf(inputs[1].shape.slice(1)));
  },
  forms: {
    generalLanes: { needs: byLanes, serves: isGeneral, tune: tunes(true) },
    general: { serves: isGeneral, tune: tunes(false) },
    plain: {},
  },
  choose: (inputs, options, facts) => {
    if (!isGeneral(inputs, options)) return "plain";
    return byLanes(facts) && facts.adapter === "lavapipe" ? "generalLanes" : "general";
  },
  record: (r, inputs, options, form, tune) => {
    const geometry = convolutionTransposeGeometry(inputs, options);
    const y = r.temporary(convolutionTranspose.outputs(inputs, options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { own: [x, weight, bias], added } = splitAdded(inputs, options.epilogue);
    const work = { geometry, x, weight, bias, added, y, epilogue: options.epilogue, transposed: true };
    if (form === "plain") recordPlain(r, work);
    else recordGeneral(r, work, tune, form === "generalLanes");
    return [y];
  },
  twin: convolutionTransposeTwin,
  // Sums of up to C * kernel products in f32, one after the other: more channels than the cases' reach more than their 2e-7.
  bound: 1e-6,
  bulk: true,
  biasAxis: 1,
  cases: convolutionTransposeCases,
};
