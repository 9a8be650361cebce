import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type HostTensor,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { fit, fitShift } from "../../image/fit/fit.ts";
import { foldedGroups } from "../../groups.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { positions, showShape, sizeOf, xyz } from "../../shape.ts";
import { argReduce } from "../arg_reduce/arg_reduce.ts";
import { nestedIterations } from "../loops.ts";
import { resizedAxes, type ResizedAxis, tableOf } from "../resize/coordinates.ts";
import { resize, type ResizeOptions } from "../resize/resize.ts";
import { checkFloats, perAxis } from "../../checks.ts";
import { costOf } from "../cost.ts";
import text from "./resize_labels.wgsl" with { type: "text" };
import { resizeLabelsCases } from "./resize_labels_cases.ts";

/** Options of labels at another size. Lists have one entry per spatial axis. */
export interface ResizeLabelsOptions extends Pick<ResizeOptions, "mode" | "coordinates" | "nearestMode"> {
  /** Spatial size of the labels. Default `floor(size * scale)`. */
  readonly sizes?: readonly number[];
  /** Factor of an axis. Default: labels' size / maps' size. */
  readonly scales?: readonly number[];
  /** Size to which the maps are first padded with zeros or cropped about their center, as by `image.fit`. */
  readonly fitted?: readonly number[];
  /**
   * Given: an element's label is 1 + the last channel above it, 0 where none is (one channel: a mask; several: regions
   * that overlap, written in their order). Not given: the first channel that is the greatest.
   */
  readonly threshold?: number;
  /** Type of the labels. Default i64. */
  readonly dtype: "i64" | "u8" | "bool" | "f32";
}

const page: Page = definePage({
  name: "resize_labels",
  file: import.meta.resolve("./resize_labels.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "channels4" },
    { name: "table", access: "read", layout: "linear" },
    { name: "labels", access: "write", layout: "linear", element: "word" },
    { name: "counts", access: "atomic", layout: "linear" },
  ],
});

/** Labels of a row that one invocation makes: `RUN` of the page. */
const run = 8;

/**
 * The labels of maps of classes at another size, and how many elements each has: `resize` (after `image.fit`, where asked
 * for) and `argReduce` over the channels, or a threshold, in one pass that never makes the resized maps. Of a volume of
 * 512 x 512 x 300 and 20 classes they would take 6 GB.
 *
 * Inputs: maps `[N, C, ...spatial]`, f32, of 1 to 3 spatial axes. Outputs: labels `[N, ...sizes]`; counts `[N, labels]`,
 * u32, where `labels` is C, with a threshold C + 1. NaN is the greatest of a maximum and above no threshold. What the
 * maps don't reach (with `fitted`) is 0 in each: label 0 unless the threshold is below 0. O(labels x C).
 */
export const resizeLabels: Operation<ResizeLabelsOptions> = {
  name: "resizeLabels",
  options: optionsOf<ResizeLabelsOptions>(z.strictObject({
    sizes: z.array(z.int().nonnegative()).optional(),
    scales: z.array(z.number().positive()).optional(),
    fitted: z.array(z.int().positive()).optional(),
    threshold: z.number().optional(),
    mode: z.enum(["nearest", "linear"]).default("linear"),
    coordinates: z.enum(["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "asymmetric", "align_corners"])
      .default("half_pixel"),
    nearestMode: z.enum(["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]).default("round_prefer_floor"),
    dtype: z.enum(["i64", "u8", "bool", "f32"]).default("i64"),
  })),
  outputs: ([x], options) => {
    checkFloats("resizeLabels", [x]);
    if (x.shape.length < 3 || x.shape.length > 5) {
      throw new RangeError(
        `resizeLabels: the maps are ${showShape(x.shape)}, they must be [N, C, ...] with 1 to 3 more axes`,
      );
    }
    if (x.shape[1] === 0) throw new RangeError(`resizeLabels: ${showShape(x.shape)} has no channels to choose from`);
    const sizes = spatialAxes(x, options).map(({ output }) => output);
    const labels = x.shape[1] + (options.threshold === undefined ? 0 : 1);
    return [{ dtype: options.dtype, shape: [x.shape[0], ...sizes] }, { dtype: "u32", shape: [x.shape[0], labels] }];
  },
  cost: (inputs, options) => {
    const outputs = resizeLabels.outputs(inputs, options);
    const each = options.mode === "linear" ? 3 * (2 ** (inputs[0].shape.length - 2) - 1) + 1 : 1;
    return costOf(inputs, outputs, each * inputs[0].shape[1] * sizeOf(outputs[0].shape));
  },
  record: (r, [x], options) => {
    const { outputs, add } = recordLabelParts(r, x, options);
    const [{ shape }] = outputs;
    if (sizeOf(shape) > 0) add(x, { begin: 0, end: shape[1], first: 0 });
    return outputs;
  },
  twin: ([x], options) => {
    const [spec, counted] = resizeLabels.outputs([x], options);
    const { sizes, scales, fitted, threshold, mode, coordinates, nearestMode } = options;
    const [input] = fitted === undefined ? [x] : fit.twin([x], { size: [...fitted] });
    const lists = { sizes: sizes && [...x.shape.slice(0, 2), ...sizes], scales: scales && [1, 1, ...scales] };
    const [maps] = resize.twin([input], { ...lists, mode, coordinates, nearestMode, epilogue: [] });
    const data = threshold === undefined
      ? argReduce.twin([maps], { kind: "max", axis: 1, keepDims: false, last: false })[0].data
      : lastAbove(maps, Math.fround(threshold));
    const counts = new Float64Array(sizeOf(counted.shape));
    const each = data.length / spec.shape[0];
    data.forEach((label, index) => counts[Math.floor(index / each) * counted.shape[1] + label]++);
    const stored = options.dtype === "bool" ? data.map((label) => label === 0 ? 0 : 1) : data;
    return [{ ...spec, data: stored }, { ...counted, data: counts }];
  },
  // Labels: where two maps are closer than the rounding of a blend either would be right, which the cases avoid.
  bound: 0,
  cases: resizeLabelsCases,
};

/** Labels from `begin` to before `end` along the first spatial axis, and the first slice of the maps that they are made of. */
export interface LabelPart {
  readonly begin: number;
  readonly end: number;
  readonly first: number;
}

/**
 * The parts in which labels of maps `[1, C, ...spatial]` can be made, each of at most `most` slices of the maps along the
 * first spatial axis (or of the two that one slice of labels lies between): from `first` to before `last`.
 */
export function labelParts(
  maps: Spec,
  given: Partial<ResizeLabelsOptions>,
  most: number,
): (LabelPart & { readonly last: number })[] {
  const options = resizeLabels.options.parse(given);
  const [axis] = spatialAxes(maps, options);
  const extent = maps.shape[2];
  const shift = fitShift(extent, axis.input);
  const neighbors = tableOf(axis, { ...options, epilogue: [] });
  const within = (place: number) => Math.min(Math.max(place - shift, 0), extent - 1);
  const parts: (LabelPart & { last: number })[] = [];
  for (let at = 0; at < axis.output; at++) {
    const places = [neighbors[3 * at], neighbors[3 * at + 1]].map(within);
    const [first, last] = [Math.min(...places), Math.max(...places) + 1];
    const part = parts.at(-1);
    const grown = part && { ...part, end: at + 1, first: Math.min(part.first, first), last: Math.max(part.last, last) };
    if (grown && grown.last - grown.first <= most) parts[parts.length - 1] = grown;
    else parts.push({ begin: at, end: at + 1, first, last });
  }
  return parts;
}

/**
 * Records `resizeLabels` part by part: the outputs are whole when `add` was called for each part with its slices of the maps,
 * which never have to be there all at once. `maps` says the shape of all of them; with several parts, that of one volume.
 */
export function recordLabelParts(
  r: Recorder,
  maps: Spec,
  given: Partial<ResizeLabelsOptions>,
): { readonly outputs: Value[]; readonly add: (x: Value, part: LabelPart) => void } {
  const options = resizeLabels.options.parse(given);
  const [spec, counted] = resizeLabels.outputs([maps], options);
  const labels = r.temporary(spec);
  // Atomics change in place, and a table of zeros stays as it is for the next run: what is counted is its copy.
  const counts = r.constant(new Uint32Array(sizeOf(counted.shape)), counted.shape);
  const axes = spatialAxes(maps, options);
  const [width, height, depth] = xyz(spec.shape.slice(1), 1);
  const runs = Math.ceil(width / run);
  const blocks = Math.ceil(maps.shape[1] / 4);
  const inLayer = Math.ceil(runs * height / 64);
  const groups = (layers: number): [number, number, number] => [...foldedGroups(inLayer), layers];
  const layers = spec.shape[0] * depth;
  const isVolume = maps.shape.length === 5;
  const add = (x: Value, { begin, end, first }: LabelPart): void => {
    const table = tables(r, maps, x, first, axes, options);
    r.dispatch(page, {
      bind: { x, table: table.table, labels, counts },
      params: {
        input: [...xyz(x.shape.slice(2), 1), maps.shape[1]],
        output: [width, height, depth, runs],
        begin: [...table.begin, counted.shape[1]],
        blocks,
        part: isVolume && maps.shape[0] === 1 ? [begin, end] : [0, layers],
        has_threshold: options.threshold === undefined ? 0 : 1,
        threshold: options.threshold ?? 0,
        floats: options.dtype === "f32" ? 1 : 0,
      },
      overrides: {
        LINEAR: options.mode === "linear" ? 1 : 0,
        VOLUME: depth === 1 && !isVolume ? 0 : 1,
      },
      groups: groups(layers),
      iterations: nestedIterations([blocks, run]),
      slab: { layers, halo: 0, whole: ["x", "table", "counts"], groups },
    });
  };
  return { outputs: [labels, counts], add };
}

/** The spatial axes, from the fitted maps to the labels. */
function spatialAxes(x: Spec, options: ResizeLabelsOptions): ResizedAxis[] {
  const rank = x.shape.length - 2;
  const fitted = options.fitted === undefined
    ? x.shape.slice(2)
    : perAxis("resizeLabels", "fitted", options.fitted, rank, 1);
  const { sizes, scales, mode, coordinates, nearestMode } = options;
  return resizedAxes(fitted, { sizes, scales, mode, coordinates, nearestMode, epilogue: [] });
}

/** For each axis (x, y, z) and position the two neighbors in the maps and their weights, and where each axis begins. */
function tables(
  r: Recorder,
  maps: Spec,
  x: Spec,
  first: number,
  axes: readonly ResizedAxis[],
  options: ResizeLabelsOptions,
): { table: Value; begin: [number, number, number] } {
  const parts = axes.map((axis, i): number[] => {
    const extent = x.shape[2 + i];
    const shift = fitShift(maps.shape[2 + i], axis.input) + (i === 0 ? first : 0);
    const neighbors = tableOf(axis, { ...options, epilogue: [] });
    return Array.from({ length: axis.output }, (_, position) => {
      const [near, far, weight] = neighbors.slice(3 * position, 3 * position + 3);
      const w = Math.fround(weight);
      const places = [near - shift, far - shift];
      const weights = [Math.fround(1 - w), w].map((each, side) =>
        places[side] >= 0 && places[side] < extent ? each : 0
      );
      return [...places.map((place, side) => weights[side] === 0 ? 0 : place), ...weights];
    }).flat();
  });
  const ordered = [[0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 1, 0], ...parts].slice(-3).reverse();
  const begin: [number, number, number] = [0, ordered[0].length, ordered[0].length + ordered[1].length];
  const data = Float32Array.from(ordered.flat());
  return { table: r.constant(data, [data.length]), begin };
}

function lastAbove({ shape, data }: HostTensor, threshold: number): Float64Array {
  const [batch, channels, ...spatial] = shape;
  const inner = sizeOf(spatial);
  const labels = new Float64Array(batch * inner);
  let index = 0;
  for (const [n, c] of positions([batch, channels])) {
    for (let i = 0; i < inner; i++) if (data[index++] > threshold) labels[n * inner + i] = c + 1;
  }
  return labels;
}
