/** Sizes of convolutions, from specs and options; lists are in the order of the spatial axes. */

import type { Spec } from "../../contract.ts";
import { showShape } from "../../shape.ts";
import { perAxis, windowsAlong } from "../../checks.ts";
import type { ConvolutionOptions } from "./convolution.ts";
import type { ConvolutionTransposeOptions } from "../convolution_transpose/convolution_transpose.ts";

/** What all forms and the twins work from. */
export interface Geometry {
  readonly batch: number;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly padsBegin: readonly number[];
  readonly padsEnd: readonly number[];
  readonly dilations: readonly number[];
}

/** Geometry of a convolution with weights `[M, C / groups, ...kernel]`. */
export function convolutionGeometry(inputs: readonly Spec[], options: ConvolutionOptions): Geometry {
  const [x, weight] = checkRanks("convolution", inputs);
  const shared = lists("convolution", x.length - 2, options);
  const { groups } = options;
  const [batch, inChannels, ...input] = x;
  const [outChannels, perGroup, ...kernel] = weight;
  if (perGroup * groups !== inChannels || outChannels % groups !== 0) {
    throw new RangeError(
      `convolution: weights ${showShape(weight)} in ${groups} groups take ${
        perGroup * groups
      } channels and give a multiple of ${groups}, but the input ${showShape(x)} has ${inChannels} channels`,
    );
  }
  const output = input.map((size, axis) => {
    const reach = shared.dilations[axis] * (kernel[axis] - 1) + 1;
    const padded = size + shared.padsBegin[axis] + shared.padsEnd[axis];
    return windowsAlong("convolution", { size: padded, reach, stride: shared.strides[axis], axis });
  });
  checkVector("convolution", "bias", inputs[2], options, inputs.length, outChannels);
  return { batch, groups, inChannels, outChannels, input, output, kernel, ...shared };
}

/** Geometry of a transposed convolution with weights `[C, M / groups, ...kernel]`. */
export function convolutionTransposeGeometry(
  inputs: readonly Spec[],
  options: ConvolutionTransposeOptions,
): Geometry {
  const [x, weight] = checkRanks("convolutionTranspose", inputs);
  const shared = lists("convolutionTranspose", x.length - 2, options);
  const { groups } = options;
  const [batch, inChannels, ...input] = x;
  const [fromChannels, perGroup, ...kernel] = weight;
  if (fromChannels !== inChannels || inChannels % groups !== 0) {
    throw new RangeError(
      `convolutionTranspose: weights ${
        showShape(weight)
      } in ${groups} groups take ${fromChannels} channels, but the input ${showShape(x)} has ${inChannels}`,
    );
  }
  const extra = perAxis("convolutionTranspose", "outputPadding", options.outputPadding, input.length, 0);
  const output = input.map((size, axis) => {
    if (size === 0) return 0;
    const reach = (size - 1) * shared.strides[axis] + extra[axis] + shared.dilations[axis] * (kernel[axis] - 1) + 1;
    const result = reach - shared.padsBegin[axis] - shared.padsEnd[axis];
    if (result >= 0) return result;
    throw new RangeError(
      `convolutionTranspose: pads of ${shared.padsBegin[axis]} and ${
        shared.padsEnd[axis]
      } cut more than the ${reach} positions of spatial axis ${axis}`,
    );
  });
  const outChannels = perGroup * groups;
  checkVector("convolutionTranspose", "bias", inputs[2], options, inputs.length, outChannels);
  return { batch, groups, inChannels, outChannels, input, output, kernel, ...shared };
}

function checkRanks(operation: string, inputs: readonly Spec[]): [readonly number[], readonly number[]] {
  const [x, weight] = inputs.map(({ shape }) => shape);
  if (x.length < 3 || x.length > 5 || weight.length !== x.length) {
    throw new RangeError(
      `${operation}: input ${showShape(x)} and weights ${
        showShape(weight)
      } must both have 3 to 5 axes (one to three spatial ones)`,
    );
  }
  return [x, weight];
}

function lists(operation: string, rank: number, options: ConvolutionOptions) {
  return {
    strides: perAxis(operation, "strides", options.strides, rank, 1),
    padsBegin: perAxis(operation, "padsBegin", options.padsBegin, rank, 0),
    padsEnd: perAxis(operation, "padsEnd", options.padsEnd, rank, 0),
    dilations: perAxis(operation, "dilations", options.dilations, rank, 1),
  };
}

function checkVector(
  operation: string,
  name: string,
  vector: Spec | undefined,
  options: ConvolutionOptions,
  inputCount: number,
  length: number,
): void {
  const own = inputCount - (options.epilogue.some(({ op }) => op === "add") ? 1 : 0);
  if (own < 3 || vector === undefined) return;
  if (vector.shape.length === 1 && vector.shape[0] === length) return;
  throw new RangeError(
    `${operation}: ${name} has shape ${showShape(vector.shape)}, but must be [${length}]: one number per channel`,
  );
}
