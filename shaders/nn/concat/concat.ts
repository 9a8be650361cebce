import { z } from "npm:zod@4.6.7";
import {
  type Binding,
  definePage,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { foldedGroups } from "../../groups.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, isFloat, showShape, sizeOf, texelsOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { resize } from "../resize/resize.ts";
import { prefersTexels } from "../texels.ts";
import linearText from "./concat.wgsl" with { type: "text" };
import { concatCases } from "./concat_cases.ts";
import channels4Text from "./concat_channels4.wgsl" with { type: "text" };
import { concatTwin } from "./concat_twin.ts";

/** Options of a concatenation. */
export interface ConcatOptions {
  /** The axis along which the inputs follow each other, from -rank to rank - 1. */
  readonly axis: number;
  /**
   * For each input, how often its axes from the third on are doubled before, by repeating each element; those stand behind
   * `axis`. Default never.
   */
  readonly doublings?: readonly number[];
}

/** The shape of an input after its doublings. */
export function doubledShape({ shape }: Spec, doublings: number = 0): number[] {
  return shape.map((extent, axis) => axis < 2 ? extent : extent * 2 ** doublings);
}

const page = (name: string, text: string, libs: readonly Lib[], form: Pick<Binding, "layout" | "element">): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [
      ...["a", "b", "c", "d"].map((name): Binding => ({ name, access: "read", ...form })),
      { name: "y", access: "write", ...form },
    ],
  });

const linear = page("concat", linearText, [grid], { layout: "linear", element: "word" });
const texels = page("concat_channels4", channels4Text, [grid], { layout: "channels4" });

/** Whether every input begins with a whole texel: all but the last one have a multiple of 4 channels. */
function aligned(inputs: readonly Spec[], { axis }: ConcatOptions): boolean {
  const { shape, dtype } = inputs[0];
  return shape.length >= 3 && shape.length <= 5 && axisOf("concat", axis, shape.length) === 1 &&
    isFloat(dtype) && inputs.slice(0, -1).every(({ shape }) => shape[1] % 4 === 0);
}

/** Inputs that a dispatch copies. */
const inputsPerDispatch = 4;

/** Rows of a column that an invocation copies, where rows are of texels. */
const rowsPerInvocation = 4;

function doubledBefore(r: Recorder, x: Value, doublings: number): Value {
  return r.apply(resize, [x], {
    sizes: doubledShape(x, doublings),
    coordinates: "asymmetric",
    nearestMode: "floor",
  })[0];
}

/** How often the inputs of a dispatch are doubled: maps have no slices that could be. */
function shiftsOf(doublings: readonly number[], { shape }: Spec): Record<string, number[]> {
  const all = [0, 1, 2, 3].map((i) => doublings[i] ?? 0);
  return { doublings: all, depth_doublings: shape.length === 5 ? all : [0, 0, 0, 0] };
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/**
 * The inputs one after the other along an axis; any type. Source: ONNX `Concat`. O(elements).
 *
 * Forms: `channels4` (floats along the channels, of which every input but the last has a multiple of 4), `linear`.
 */
export const concat: Operation<ConcatOptions> = {
  name: "concat",
  options: optionsOf<ConcatOptions>(z.strictObject({
    axis: z.int(),
    doublings: z.array(z.int().min(0).max(15)).optional(),
  })),
  outputs: (given, { axis, doublings }) => {
    if (doublings !== undefined && doublings.length !== given.length) {
      throw new RangeError(`concat: ${doublings.length} doublings for ${given.length} inputs: give one each`);
    }
    const inputs = given.map((input, i) => ({ ...input, shape: doubledShape(input, doublings?.[i]) }));
    const [{ dtype, shape }] = inputs;
    const at = axisOf("concat", axis, shape.length);
    if (at > 1 && doublings?.some((count) => count > 0)) {
      throw new RangeError(`concat: axis ${at} is one of those that are doubled: only the first two are not`);
    }
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
  forms: { channels4: { serves: aligned }, linear: {} },
  choose: (inputs, options) => aligned(inputs, options) && prefersTexels(inputs[0]) ? "channels4" : "linear",
  record: (r, inputs, options, form) => {
    const y = r.temporary(concat.outputs(inputs, options)[0]);
    const axis = axisOf("concat", options.axis, y.shape.length);
    const isTexels = form === "channels4";
    const { doublings = inputs.map(() => 0) } = options;
    if (!isTexels && doublings.some((count) => count > 0)) {
      const doubled = inputs.map((x, i) => doublings[i] === 0 ? x : doubledBefore(r, x, doublings[i]));
      return r.apply(concat, doubled, { axis });
    }
    const parts = inputs.filter(({ shape }) => sizeOf(shape) > 0);
    const shifts = doublings.filter((_, i) => sizeOf(inputs[i].shape) > 0);
    const inner = isTexels ? channelAxes(y.shape).depth : sizeOf(y.shape.slice(axis + 1));
    // Texels of channels or words of the result, from one position of the leading axes to the next.
    const extentOf = ({ shape }: Value) => inner * (isTexels ? Math.ceil(shape[axis] / 4) : shape[axis]);
    let offset = 0;
    for (let first = 0; first < parts.length; first += inputsPerDispatch) {
      const some = parts.slice(first, first + inputsPerDispatch);
      const [a, b = null, c = null, d = null] = some;
      const ends = [0, 1, 2, 3].map((last) => sumOf(some.slice(0, last + 1).map(extentOf)));
      const bind = { a, b, c, d, y };
      if (isTexels) {
        const [columns, rows, layers] = texelsOf("channels4", y.shape);
        const groups = (count: number): [number, number, number] => [
          ...foldedGroups(Math.ceil(columns * Math.ceil(rows / rowsPerInvocation) * count / 64)),
          1,
        ];
        const slab = { layers, halo: 0, whole: ["a", "b", "c", "d"], groups };
        r.dispatch(texels, {
          bind,
          params: { ends, layer: offset, ...shiftsOf(shifts.slice(first, first + inputsPerDispatch), y) },
          groups: groups(ends[3]),
          slab: some.length === parts.length ? slab : undefined,
          iterations: 0,
        });
      } else {
        const count = sumOf(some.map(({ shape }) => sizeOf(shape)));
        r.dispatch(linear, {
          bind,
          params: { ends, stride: inner * y.shape[axis], offset, count },
          groups: Math.ceil(count / 256),
          iterations: 0,
        });
      }
      offset += ends[3];
    }
    return [y];
  },
  twin: concatTwin,
  // Words are moved.
  bound: 0,
  moves: "all",
  cases: concatCases,
};
