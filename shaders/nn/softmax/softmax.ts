import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type HostTensor,
  type Layout,
  type Lib,
  type Operation,
  type Page,
  type Spec,
} from "../../contract.ts";
import { functions, grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, isFloat, sizeOf, texelsOf } from "../../shape.ts";
import { binary } from "../binary/binary.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { reduce } from "../reduce/reduce.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { prefersTexels } from "../texels.ts";
import { unary } from "../unary/unary.ts";
import linearText from "./softmax.wgsl" with { type: "text" };
import { softmaxCases } from "./softmax_cases.ts";
import channels4Text from "./softmax_channels4.wgsl" with { type: "text" };

/** Options of a softmax. */
export interface SoftmaxOptions {
  /** The axis whose elements add up to 1, from -rank to rank - 1. Default -1. */
  readonly axis: number;
  /** Gives the logarithm. Default false. */
  readonly log: boolean;
}

const page = (name: string, text: string, layout: Layout, libs: readonly Lib[]): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [{ name: "x", access: "read", layout }, { name: "y", access: "write", layout }],
  });

const linear = page("softmax", linearText, "linear", [grid, loops, functions]);
const texels = page("softmax_channels4", channels4Text, "channels4", [loops, functions]);

/** Whether the axis is that of the channels of a map. */
const ofChannels = ({ shape }: Spec, { axis }: SoftmaxOptions) =>
  shape.length >= 3 && shape.length <= 5 && axisOf("softmax", axis, shape.length) === 1 && shape[1] <= 40_000;

/**
 * `exp(x - max) / sum(exp(x - max))` along an axis, or its logarithm. Sources: ONNX `Softmax` and `LogSoftmax`.
 * O(elements).
 *
 * Forms: `channels4` (the channels of maps), `linear`. Lines of more than 20,000 elements are made of reductions.
 */
export const softmax: Operation<SoftmaxOptions> = {
  name: "softmax",
  options: optionsOf<SoftmaxOptions>(z.strictObject({ axis: z.int().default(-1), log: z.boolean().default(false) })),
  outputs: ([{ dtype, shape }], { axis }) => {
    axisOf("softmax", axis, shape.length);
    if (!isFloat(dtype)) throw new TypeError(`softmax takes f32 or f16, not ${dtype}: cast the input`);
    return [{ dtype, shape }];
  },
  cost: (inputs, options) => costOf(inputs, softmax.outputs(inputs, options), 4 * sizeOf(inputs[0].shape)),
  forms: { channels4: { serves: ([x], options) => ofChannels(x, options) }, linear: {} },
  choose: ([x], options) => ofChannels(x, options) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, [x], options, form) => {
    const y = r.temporary(x);
    if (sizeOf(x.shape) === 0) return [y];
    const axis = axisOf("softmax", options.axis, x.shape.length);
    const overrides = { LOG: options.log ? 1 : 0 };
    if (form === "channels4") {
      const { channels, blocks, depth } = channelAxes(x.shape);
      const [columns, rows] = texelsOf("channels4", x.shape);
      r.dispatch(texels, {
        bind: { x, y },
        params: { channels, blocks, depth },
        overrides,
        groups: [Math.ceil(columns / 8), Math.ceil(rows / 8), depth],
        iterations: 3 * nestedIterations([blocks]),
      });
      return [y];
    }
    const length = x.shape[axis];
    if (3 * nestedIterations([length]) > iterationLimit) {
      const [top] = r.apply(reduce, [x], { kind: "max", axes: [axis] });
      const [shifted] = r.apply(binary, [x, top], { op: "subtract" });
      const [exponentials] = r.apply(unary, [shifted], { op: "exp" });
      if (!options.log) {
        const [sum] = r.apply(reduce, [exponentials], { kind: "sum", axes: [axis] });
        return r.apply(binary, [exponentials, sum], { op: "divide" });
      }
      const [shift] = r.apply(reduce, [exponentials], { kind: "logSum", axes: [axis] });
      return r.apply(binary, [shifted, shift], { op: "subtract" });
    }
    const inner = sizeOf(x.shape.slice(axis + 1));
    const lines = sizeOf(x.shape) / length;
    const params = { length, inner, lines };
    r.dispatch(linear, {
      bind: { x, y },
      params,
      overrides,
      groups: Math.ceil(lines / 64),
      iterations: 3 * nestedIterations([length]),
    });
    return [y];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const axis = axisOf("softmax", options.axis, x.shape.length);
    const length = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1));
    const data = new Float64Array(x.data.length);
    for (let line = 0; line < data.length / Math.max(length, 1); line++) {
      const start = Math.floor(line / inner) * length * inner + line % inner;
      let top = -Infinity, sum = 0;
      for (let k = 0; k < length; k++) top = Math.max(top, x.data[start + k * inner]);
      for (let k = 0; k < length; k++) sum += Math.exp(x.data[start + k * inner] - top);
      for (let k = 0; k < length; k++) {
        const value = x.data[start + k * inner] - top;
        data[start + k * inner] = options.log ? value - Math.log(sum) : Math.exp(value) / sum;
      }
    }
    return [{ dtype: x.dtype, shape: x.shape, data }];
  },
  // Exponentials are good to a unit; the sum of a line's exponentials in f32, which are at most 1 each. Reached: 1.6e-7.
  bound: 7e-7,
  cases: softmaxCases,
};
