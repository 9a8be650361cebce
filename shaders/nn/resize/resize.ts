import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type Layout,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { epilogue, functions, grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf, xyz } from "../../shape.ts";
import { costOf } from "../cost.ts";
import { prefersTexels, texelGrid } from "../texels.ts";
import { checkAdded, type Epilogue, epilogueOverrides, epilogueSchema, splitAdded } from "../epilogue.ts";
import { resizedAxes, type ResizedAxis, tableOf } from "./coordinates.ts";
import linearText from "./resize.wgsl" with { type: "text" };
import { resizeCases } from "./resize_cases.ts";
import channels4Text from "./resize_channels4.wgsl" with { type: "text" };
import doubledText from "./resize_doubled.wgsl" with { type: "text" };
import { resizeTwin } from "./resize_twin.ts";

export { nearestOf as resizeNearest, sourceOf as resizeSource } from "./coordinates.ts";

/** Where an output position lies in the input; the names are those of ONNX. */
export type ResizeCoordinates =
  | "half_pixel"
  | "half_pixel_symmetric"
  | "pytorch_half_pixel"
  | "asymmetric"
  | "align_corners";

/** Options of a resizing. Lists have one entry per axis (all axes). */
export interface ResizeOptions {
  /** Size of the result. Default `floor(size * scale)`. */
  readonly sizes?: readonly number[];
  /** Factor of an axis. Default: result's size / input's size. */
  readonly scales?: readonly number[];
  /** Default nearest. */
  readonly mode: "nearest" | "linear";
  /** Default half_pixel. */
  readonly coordinates: ResizeCoordinates;
  /** Which neighbor the mode nearest takes. Default round_prefer_floor. */
  readonly nearestMode: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

const page = (name: string, text: string, layout: Layout, libs: readonly Lib[], hasTable = true): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [
      { name: "x", access: "read", layout },
      ...hasTable ? [{ name: "table", access: "read", layout: "linear" } as const] : [],
      { name: "added", access: "read", layout },
      { name: "y", access: "write", layout },
    ],
  });

const linear = page("resize", linearText, "linear", [grid, functions, epilogue]);
const texels = page("resize_channels4", channels4Text, "channels4", [functions, epilogue]);
const doubled = page("resize_doubled", doubledText, "channels4", [functions, epilogue], false);

const changes = ({ input, output, scale }: ResizedAxis) => input !== output || scale !== 1;

/** Whether the axes x and y, and z or not, are doubled linearly with positions at the pixels' middles. */
function isDoubling([x, y, z]: readonly ResizedAxis[], { mode, coordinates }: ResizeOptions): boolean {
  const isMiddle = coordinates !== "asymmetric" && coordinates !== "align_corners";
  const isDoubled = ({ input, output, scale }: ResizedAxis) => scale === 2 && output === 2 * input;
  return mode === "linear" && isMiddle && isDoubled(x) && isDoubled(y) && (isDoubled(z) || !changes(z));
}

/** The tables of three axes as one constant, and where each begins, in the order x, y, z. */
function tables(r: Recorder, axes: readonly ResizedAxis[], options: ResizeOptions): { table: Value; begin: number[] } {
  const parts = axes.map((axis) => tableOf(axis, options));
  const begin = [0, parts[0].length, parts[0].length + parts[1].length, 0];
  const data = Float32Array.from(parts.flat());
  return { table: r.constant(data, [data.length]), begin };
}

const unchanged: ResizedAxis = { input: 1, output: 1, scale: 1 };

/** Resizes up to three neighboring axes from `first` on, of elements in their order. */
function recordLinear(
  r: Recorder,
  x: Value,
  added: Value | undefined,
  first: number,
  axes: readonly ResizedAxis[],
  options: ResizeOptions,
): Value {
  const shape = x.shape.map((size, axis) => axes[axis - first]?.output ?? size);
  const y = r.temporary({ dtype: x.dtype, shape });
  const [ax, ay, az] = [...[unchanged, unchanged, unchanged, ...axes].slice(-3)].reverse();
  const { table, begin } = tables(r, [ax, ay, az], options);
  r.dispatch(linear, {
    bind: { x, table, added: added ?? null, y },
    params: {
      input: [ax.input, ay.input, az.input, 0],
      output: [ax.output, ay.output, az.output, 0],
      begin,
      inner: sizeOf(shape.slice(first + axes.length)),
    },
    overrides: {
      ...epilogueOverrides(options.epilogue),
      LINEAR: options.mode === "linear" ? 1 : 0,
      HAS_ADDED: added ? 1 : 0,
    },
    groups: Math.ceil(sizeOf(shape) / 64),
    iterations: 0,
  });
  return y;
}

/**
 * Nearest or linear resizing along any axes; beyond the ends the outermost element serves. Source: ONNX `Resize` (without
 * cubic, antialias and crop). Positions are computed in f64 by the host. O(elements of the result).
 *
 * Inputs: x, added? (where `epilogue` has the step `add`).
 *
 * Forms: `channels4` (only spatial axes change), `linear` (three neighboring axes per pass).
 */
export const resize: Operation<ResizeOptions> = {
  name: "resize",
  options: optionsOf<ResizeOptions>(z.strictObject({
    sizes: z.array(z.int().nonnegative()).optional(),
    scales: z.array(z.number().positive()).optional(),
    mode: z.enum(["nearest", "linear"]).default("nearest"),
    coordinates: z.enum(["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "asymmetric", "align_corners"])
      .default("half_pixel"),
    nearestMode: z.enum(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]).default("round_prefer_floor"),
    epilogue: epilogueSchema,
  })),
  outputs: (inputs, options) => {
    const [{ dtype, shape }] = inputs;
    const result = resizedAxes(shape, options).map(({ output }) => output);
    checkAdded("resize", splitAdded(inputs, options.epilogue).added, result);
    return [{ dtype, shape: result }];
  },
  cost: (inputs, options) => {
    const outputs = resize.outputs(inputs, options);
    return costOf(inputs, outputs, options.mode === "linear" ? 9 * sizeOf(outputs[0].shape) : 0);
  },
  forms: { channels4: { serves: ([x], options) => fitsTexels(x, resizedAxes(x.shape, options)) }, linear: {} },
  choose: ([x], options) => fitsTexels(x, resizedAxes(x.shape, options)) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, inputs, options, form) => {
    const { own: [x], added } = splitAdded(inputs, options.epilogue);
    const [spec] = resize.outputs(inputs, options);
    const axes = resizedAxes(x.shape, options);
    if (sizeOf(spec.shape) === 0) return [r.temporary(spec)];
    if (form === "channels4") {
      const y = r.temporary(spec);
      const spatial = [unchanged, unchanged, unchanged, ...axes.slice(2)].slice(-3).reverse();
      const overrides = { ...epilogueOverrides(options.epilogue), HAS_ADDED: added ? 1 : 0 };
      if (isDoubling(spatial, options)) {
        r.dispatch(doubled, {
          bind: { x, added: added ?? null, y },
          params: { input: [...xyz(x.shape.slice(2), 1), 0] },
          overrides,
          tune: { VOLUME: changes(spatial[2]) ? 1 : 0 },
          ...texelGrid(x.shape, ["x"]),
          iterations: 0,
        });
        return [y];
      }
      const { table, begin } = tables(r, spatial, options);
      r.dispatch(texels, {
        bind: { x, table, added: added ?? null, y },
        params: {
          input: [...xyz(x.shape.slice(2), 1), 0],
          output: [...xyz(spec.shape.slice(2), 1), 0],
          begin,
        },
        overrides: {
          ...overrides,
          LINEAR: options.mode === "linear" ? 1 : 0,
          VOLUME: changes(spatial[2]) ? 1 : 0,
        },
        ...texelGrid(spec.shape, ["x", "table"], 4),
        iterations: 0,
      });
      return [y];
    }
    return [recordAxes(r, x, added, axes, options)];
  },
  twin: resizeTwin,
  // Three blends in f32, each rounded three times, with weights rounded to f32. Reached: 1.2e-7.
  bound: 5e-7,
  cases: resizeCases,
};

const fitsTexels = ({ shape }: Spec, axes: readonly ResizedAxis[]) =>
  shape.length >= 3 && shape.length <= 5 && !axes.slice(0, 2).some(changes);

/** Three axes per pass, the last ones first; the steps of `epilogue` belong to the last pass. */
function recordAxes(
  r: Recorder,
  x: Value,
  added: Value | undefined,
  axes: readonly ResizedAxis[],
  options: ResizeOptions,
): Value {
  const end = axes.findLastIndex(changes) + 1;
  const begin = axes.slice(0, end).findIndex(changes);
  const first = Math.max(begin, end - 3);
  const isLast = first <= begin;
  const from = Math.max(0, first);
  const y = recordLinear(r, x, isLast ? added : undefined, from, axes.slice(from, Math.max(end, from)), {
    ...options,
    epilogue: isLast ? options.epilogue : [],
  });
  return isLast ? y : recordAxes(
    r,
    y,
    added,
    axes.map((axis, index) => index < from ? axis : { ...axis, input: axis.output, scale: 1 }),
    options,
  );
}
