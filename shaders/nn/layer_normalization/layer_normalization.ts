import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { binary } from "../binary/binary.ts";
import { instanceNormalization } from "../instance_normalization/instance_normalization.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { checkFloats } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { layerNormalizationCases } from "./layer_normalization_cases.ts";
import text from "./layer_normalization.wgsl" with { type: "text" };

/** Options of a layer normalization. */
export interface LayerNormalizationOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon: number;
}

const page: Page = definePage({
  name: "layer_normalization",
  file: import.meta.resolve("./layer_normalization.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "scale", access: "read", layout: "linear" },
    { name: "bias", access: "read", layout: "linear" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

/** Elements that are summed before their sum is added to others: `CHUNK` of the page. */
const chunk = 64;

/** Iterations of one invocation for lines of a length. */
const iterationsOf = (length: number) => 2 * nestedIterations([Math.ceil(length / chunk), chunk]) + length + 1;

/**
 * `scale * (x - mean) / sqrt(variance + epsilon) + bias`, where mean and (biased) variance are those of the last axes, as
 * many as `scale` and `bias` have, whose shape they are. Source: ONNX `LayerNormalization`; Ba et al. 2016. Variances come
 * from deviations, never from squares. O(elements).
 *
 * Inputs: x, scale, bias. Lines of more than 11,000 elements are normalized as instances.
 */
export const layerNormalization: Operation<LayerNormalizationOptions> = {
  name: "layerNormalization",
  options: optionsOf<LayerNormalizationOptions>(z.strictObject({ epsilon: z.number().nonnegative().default(1e-5) })),
  outputs: ([x, scale, bias]) => {
    checkFloats("layerNormalization", [x, scale, bias]);
    const rank = scale.shape.length;
    const last = x.shape.slice(x.shape.length - rank);
    const fits = rank > 0 && [scale, bias].every(({ shape }) => String(shape) === String(last));
    if (!fits) {
      throw new RangeError(
        `layerNormalization: scale is ${showShape(scale.shape)} and bias ${
          showShape(bias.shape)
        }, both must be the last ` +
          `axes of ${showShape(x.shape)}`,
      );
    }
    return [{ dtype: x.dtype, shape: x.shape }];
  },
  cost: (inputs, options) => costOf(inputs, layerNormalization.outputs(inputs, options), 7 * sizeOf(inputs[0].shape)),
  record: (r, [x, scale, bias], { epsilon }) => {
    const y = r.temporary(x);
    if (sizeOf(x.shape) === 0) return [y];
    const length = sizeOf(scale.shape);
    const lines = sizeOf(x.shape) / length;
    if (iterationsOf(length) > iterationLimit) {
      const [one, zero] = [1, 0].map((value) => r.constant(new Float32Array(lines).fill(value), [lines]));
      const instances = [r.reshape(x, [1, lines, length]), one, zero];
      const [normal] = r.apply(instanceNormalization, instances, { epsilon });
      const [scaled] = r.apply(binary, [r.reshape(normal, x.shape), scale], { op: "multiply" });
      return r.apply(binary, [scaled, bias], { op: "add" });
    }
    r.dispatch(page, {
      bind: { x, scale, bias, y },
      params: { lines, length, epsilon },
      groups: Math.ceil(lines / 16),
      iterations: iterationsOf(length),
    });
    return [y];
  },
  twin: ([x, scale, bias]: readonly HostTensor[], { epsilon }) => {
    const length = scale.data.length;
    const data = new Float64Array(x.data.length);
    for (let begin = 0; begin < data.length; begin += length) {
      const line = x.data.subarray(begin, begin + length);
      const mean = line.reduce((sum, value) => sum + value, 0) / length;
      const variance = line.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
      const factor = 1 / Math.sqrt(variance + epsilon);
      for (let k = 0; k < length; k++) data[begin + k] = (line[k] - mean) * factor * scale.data[k] + bias.data[k];
    }
    return [{ dtype: x.dtype, shape: x.shape, data }];
  },
  // As of instances: a mean rounds by 6e-8 of itself, divided by the deviation, which may be a hundredth of it.
  bound: 1.5e-5,
  cases: layerNormalizationCases,
};
