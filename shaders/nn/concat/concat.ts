import { z } from "npm:zod@4.6.7";
import { type Binding, definePage, type Lib, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, isFloat, showShape, sizeOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { prefersTexels, texelGroups } from "../texels.ts";
import linearText from "./concat.wgsl" with { type: "text" };
import { concatCases } from "./concat_cases.ts";
import channels4Text from "./concat_channels4.wgsl" with { type: "text" };
import { concatTwin } from "./concat_twin.ts";

/** Options of a concatenation. */
export interface ConcatOptions {
  /** The axis along which the inputs follow each other, from -rank to rank - 1. */
  readonly axis: number;
}

const page = (name: string, text: string, libs: readonly Lib[], form: Pick<Binding, "layout" | "element">): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [{ name: "x", access: "read", ...form }, { name: "y", access: "write", ...form }],
  });

const linear = page("concat", linearText, [grid], { layout: "linear", element: "word" });
const texels = page("concat_channels4", channels4Text, [], { layout: "channels4" });

/** Whether every input begins with a whole texel: all but the last one have a multiple of 4 channels. */
function aligned(inputs: readonly Spec[], { axis }: ConcatOptions): boolean {
  const { shape, dtype } = inputs[0];
  return shape.length >= 3 && shape.length <= 5 && axisOf("concat", axis, shape.length) === 1 &&
    isFloat(dtype) && inputs.slice(0, -1).every(({ shape }) => shape[1] % 4 === 0);
}

/**
 * The inputs one after the other along an axis; any type. Source: ONNX `Concat`. O(elements).
 *
 * Forms: `channels4` (floats along the channels, of which every input but the last has a multiple of 4), `linear`.
 */
export const concat: Operation<ConcatOptions> = {
  name: "concat",
  options: optionsOf<ConcatOptions>(z.strictObject({ axis: z.int() })),
  outputs: (inputs, { axis }) => {
    const [{ dtype, shape }] = inputs;
    const at = axisOf("concat", axis, shape.length);
    for (const other of inputs) {
      const fits = other.dtype === dtype && other.shape.length === shape.length &&
        other.shape.every((size, index) => index === at || size === shape[index]);
      if (fits) continue;
      throw new RangeError(
        `concat: ${other.dtype} ${showShape(other.shape)} can't follow ${dtype} ${
          showShape(shape)
        } along axis ${at}: types and all other axes must be equal`,
      );
    }
    const size = inputs.reduce((sum, { shape }) => sum + shape[at], 0);
    return [{ dtype, shape: shape.map((own, index) => index === at ? size : own) }];
  },
  cost: (inputs, options) => costOf(inputs, concat.outputs(inputs, options), 0),
  forms: { channels4: {}, linear: {} },
  choose: (inputs, options) => aligned(inputs, options) && prefersTexels(inputs[0]) ? "channels4" : "linear",
  record: (r, inputs, options, form) => {
    const y = r.temporary(concat.outputs(inputs, options)[0]);
    const axis = axisOf("concat", options.axis, y.shape.length);
    const parts = inputs.filter(({ shape }) => sizeOf(shape) > 0);
    let begin = 0;
    for (const x of parts) {
      if (form === "channels4" && aligned(inputs, options)) {
        const [columns, rows, layers] = texelGroups(x.shape);
        r.dispatch(texels, {
          bind: { x, y },
          params: { layer: begin / 4 * channelAxes(x.shape).depth },
          groups: [columns, Math.ceil(rows / 4), layers],
          iterations: 0,
        });
      } else {
        const inner = sizeOf(y.shape.slice(axis + 1));
        r.dispatch(linear, {
          bind: { x, y },
          params: { stride_x: inner * x.shape[axis], stride_y: inner * y.shape[axis], offset: inner * begin },
          groups: Math.ceil(sizeOf(x.shape) / 256),
          iterations: 0,
        });
      }
      begin += x.shape[axis];
    }
    return [y];
  },
  twin: concatTwin,
  // Words are moved.
  bound: 0,
  moves: "all",
  cases: concatCases,
};
