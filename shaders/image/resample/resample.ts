import { z } from "npm:zod@4.6.7";
import { defineOperation, definePage, type Filter, type Recorder, type Spec, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid } from "../../lib/mod.ts";
import { showShape, sizeOf } from "../../shape.ts";
import { checkFloat } from "../../checks.ts";
import { foldedGroups, groupsFor } from "../../groups.ts";
import { resampleTwin } from "./resample_twin.ts";
import text from "./resample.wgsl" with { type: "text" };

/** Options of {@linkcode resample}. */
export interface ResampleOptions {
  /** New size in pixels of the last axes, in their order; the axes before them stay. 1 to 3 numbers, at least 1 each. */
  size: number[];
  /** How a new pixel is made of the old ones. Default `linear`. */
  method: "linear" | "nearest" | "area" | "spline";
}

const methods = ["linear", "nearest", "area", "spline"] as const;
/** The pass of `spline` that comes before its interpolation, and the coefficients that it gives beyond either border. */
const coefficientPass = 4;
const margin = 2;
const greatest = 32768;

const page = definePage({
  name: "resample",
  file: import.meta.resolve("./resample.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "input", access: "read", layout: "linear" },
    { name: "output", access: "write", layout: "linear" },
  ],
});

/**
 * Resamples the last axes to a new size over the same field of view. New pixel i of m lies at (i + 1/2) n / m - 1/2 in
 * the n old ones (half-pixel centers: the outer edges of the border pixels stay in place).
 *
 * - `linear`: between the two nearest pixels along each axis, the border repeated; no smoothing when shrinking.
 * - `nearest`: the pixel that holds the new pixel's center; for labels and masks.
 * - `area`: the exact average over the new pixel's box, [i n / m, (i + 1) n / m), each old pixel being of one value in its
 *   own box. The right one for shrinking: it keeps the mean of the image.
 * - `spline`: on the cubic B-spline through the pixels, the border repeated; no smoothing when shrinking. It overshoots at
 *   edges. scikit-image's `resize` of order 3 with `mode="edge"`, without clipping (M. Unser, Splines: a perfect fit, 1999).
 *
 * All are separable: one pass per axis (`spline`: two), those that shrink first; positions are exact in integers. f32 of any
 * range. Sizes up to 32,768 along an axis. Definition as PyTorch's `interpolate` with `align_corners=False` for `linear`.
 */
export const resample: Filter<ResampleOptions> = defineOperation<ResampleOptions>({
  name: "resample",
  options: optionsOf(z.strictObject({
    size: z.array(z.int().min(1).max(greatest)).min(1).max(3),
    method: z.enum(methods).default("linear"),
  })),
  outputs: ([input], { size }) => {
    checkFloat("resample", "image", input);
    if (size.length > input.shape.length) {
      throw new RangeError(
        `resample got ${size.length} sizes for the shape ${showShape(input.shape)}: at most one per axis`,
      );
    }
    const first = input.shape.length - size.length;
    const empty = input.shape.slice(first).findIndex((n) => n < 1 || n > greatest);
    if (empty >= 0) {
      throw new RangeError(
        `resample got the shape ${showShape(input.shape)}: axis ${first + empty} must have 1 to ${greatest}`,
      );
    }
    return [{ dtype: input.dtype, shape: [...input.shape.slice(0, first), ...size] }];
  },
  cost: ([input], { size }) => {
    const outer = sizeOf(input.shape.slice(0, input.shape.length - size.length));
    const elements = Math.max(sizeOf(input.shape), outer * sizeOf(size));
    return { bytes: 4 * (sizeOf(input.shape) + outer * sizeOf(size)), flops: 2 * size.length * elements };
  },
  record: (r, [input], { size, method }) => {
    const first = input.shape.length - size.length;
    const axes = size.map((_, index) => first + index).filter((axis) => input.shape[axis] !== size[axis - first]);
    axes.sort((a, b) => size[a - first] / input.shape[a] - size[b - first] / input.shape[b]);
    if (axes.length === 0) axes.push(input.shape.length - 1);
    const isSpline = method === "spline";
    return [axes.reduce((value, axis) => {
      if (!isSpline) return alongAxis(r, value, axis, size[axis - first], methods.indexOf(method));
      const coefficients = alongAxis(r, value, axis, value.shape[axis] + 2 * margin, coefficientPass);
      return alongAxis(r, coefficients, axis, size[axis - first], methods.indexOf(method));
    }, input)];
  },
  twin: resampleTwin,
  // A product and one sum per axis; long boxes sum up to 32,768 rounded values, and splines amplify errors twice an axis.
  bound: 2e-6,
});

function alongAxis(r: Recorder, input: Value, axis: number, size: number, pass: number): Value {
  const spec: Spec = { dtype: input.dtype, shape: input.shape.with(axis, size) };
  const output = r.temporary(spec);
  if (sizeOf(spec.shape) === 0) return output;
  const from = input.shape[axis];
  // Layers are made by themselves, so that a volume may exceed what can be bound at once.
  const outer = Math.max(0, Math.min(axis, spec.shape.length - 2));
  const layers = sizeOf(spec.shape.slice(0, outer));
  const inLayer = groupsFor(spec.shape.slice(outer));
  const groups = (count: number): [number, number, number] => [...foldedGroups(inLayer), count];
  r.dispatch(page, {
    bind: { input, output },
    params: {
      from_size: from,
      to_size: size,
      stride: sizeOf(input.shape.slice(axis + 1)),
      lines: sizeOf(spec.shape.slice(outer, axis)),
    },
    overrides: { METHOD: pass },
    groups: groups(layers),
    iterations: pass === methods.indexOf("area") ? Math.ceil(from / size) + 1 : pass === coefficientPass ? 25 : 4,
    slab: { layers, halo: 0, groups },
  });
  return output;
}
