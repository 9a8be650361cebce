/** Where the positions of a resized axis lie in the input. */

import { showShape } from "../../shape.ts";
import type { ResizeOptions } from "./resize.ts";

/** One resized axis. */
export interface ResizedAxis {
  readonly input: number;
  readonly output: number;
  readonly scale: number;
}

/** Sizes and factors of all axes, each from the other where only one is given. */
export function resizedAxes(shape: readonly number[], options: ResizeOptions): ResizedAxis[] {
  const { sizes, scales } = options;
  for (const [name, list] of Object.entries({ sizes, scales })) {
    if (list === undefined || list.length === shape.length) continue;
    throw new RangeError(
      `resize: ${name} is ${showShape(list)}, but ${
        showShape(shape)
      } has ${shape.length} axes: give one number per axis`,
    );
  }
  if (sizes === undefined && scales === undefined) throw new TypeError("resize: sizes or scales must be given");
  return shape.map((input, axis) => {
    const output = sizes?.[axis] ?? Math.floor(input * scales![axis]);
    return { input, output, scale: scales?.[axis] ?? (input === 0 ? 1 : output / input) };
  });
}

/** The place of an output position in the input; ONNX's `coordinate_transformation_mode`. */
export function sourceOf(
  position: number,
  { input, output, scale }: ResizedAxis,
  options: Pick<ResizeOptions, "coordinates">,
): number {
  switch (options.coordinates) {
    case "half_pixel":
      return (position + 0.5) / scale - 0.5;
    case "half_pixel_symmetric": {
      // The result's size was rounded down: what is left over is shared by both ends.
      const adjustment = output / (input * scale);
      return input / 2 * (1 - adjustment) + (position + 0.5) / scale - 0.5;
    }
    case "pytorch_half_pixel":
      return output > 1 ? (position + 0.5) / scale - 0.5 : 0;
    case "asymmetric":
      return position / scale;
    case "align_corners":
      // The standard's size is the one before rounding down; onnxruntime takes the rounded one.
      return output > 1 ? position * (input - 1) / (input * scale - 1) : 0;
  }
}

/** The whole number that the mode nearest takes. */
export function nearestOf(source: number, mode: ResizeOptions["nearestMode"]): number {
  switch (mode) {
    case "round_prefer_floor":
      return Math.ceil(source - 0.5);
    case "round_prefer_ceil":
      return Math.floor(source + 0.5);
    case "floor":
      return Math.floor(source);
    case "ceil":
      return Math.ceil(source);
  }
}

/** For each output position the two neighbors and the second one's weight; the mode nearest has one neighbor. */
export function tableOf(axis: ResizedAxis, options: ResizeOptions): number[] {
  const last = axis.input - 1;
  const clamp = (index: number) => Math.min(Math.max(index, 0), last);
  return Array.from({ length: axis.output }, (_, position) => {
    if (axis.input === axis.output && axis.scale === 1) return [position, position, 0];
    const source = sourceOf(position, axis, options);
    if (options.mode === "nearest") return [clamp(nearestOf(source, options.nearestMode)), 0, 0];
    const below = Math.floor(source);
    return [clamp(below), clamp(below + 1), source - below];
  }).flat();
}
