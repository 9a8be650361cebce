import { type Geometry, geometryOfAffine, geometryOfSpacing, unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen } from "../decoded.ts";
import { type DataSet, decimals, type DicomFile, itemsOf } from "./data_set.ts";
import type { PixelFormat } from "./stored.ts";

type Vector = readonly number[];

/** Where the frames of a file lie. */
export interface Place {
  /** Of the image or the volume. */
  readonly geometry: Geometry;
  /** The frames in the order of the volume. */
  readonly order: readonly number[];
  /** What had to be assumed, a sentence each. */
  readonly warnings: readonly string[];
}

/** The data set that says `tag` of a frame: in the frame's functional groups, in the shared ones, or in the file itself. */
export function groupOf({ dataSet }: DicomFile, frame: number, sequence: string): DataSet {
  const groups = [itemsOf(dataSet, "x52009230")[frame], itemsOf(dataSet, "x52009229")[0]];
  for (const group of groups) {
    const item = group === undefined ? undefined : itemsOf(group, sequence)[0];
    if (item !== undefined) return item;
  }
  return dataSet;
}

/** Spacing, orientation and position (PS3.3 C.7.6.2); several frames are a volume, sorted along its normal. */
export function placeOf(file: DicomFile, format: PixelFormat): Place {
  const { frames } = format;
  const rank = frames > 1 ? 3 : 2;
  const order = Array.from({ length: frames }, (_, frame) => frame);
  const warnings: string[] = [];
  const inPlane = inPlaneSpacing(file, warnings);
  const axes = axesOf(file, frames);
  if (inPlane === undefined) return { geometry: unknownGeometry(rank), order, warnings };
  const [dy, dx] = inPlane;
  const positions = order.map((frame) => pointAt(file, frame));
  const measures = groupOf(file, 0, "x00289110");
  const thickness = decimals(measures, "x00180050")?.[0];
  if (frames === 1) {
    if (axes === undefined) return { geometry: geometryOfSpacing([dy, dx]), order, warnings };
    const step = scaled(axes.normal, thickness !== undefined && thickness > 0 ? thickness : 1);
    const affine = affineOf(axes, dx, dy, step, positions[0] ?? [0, 0, 0]);
    return { geometry: geometryOfAffine(affine, 2), order, warnings };
  }
  if (axes !== undefined && positions.every((position) => position !== undefined)) {
    const stack = stackOf(file, axes, positions as Vector[], warnings);
    return {
      geometry: geometryOfAffine(affineOf(axes, dx, dy, stack.step, stack.origin), 3),
      order: stack.order,
      warnings,
    };
  }
  const offsets = decimals(file.dataSet, "x3004000c");
  const dz = offsets === undefined
    ? decimals(measures, "x00180088")?.[0] ?? thickness
    : Math.abs(offsets[1] - offsets[0]);
  if (dz === undefined || !(dz > 0)) {
    warnings.push("The frames have no position and no distance: the spacing of the volume is unknown.");
    return { geometry: unknownGeometry(3), order, warnings };
  }
  if (axes === undefined) return { geometry: geometryOfSpacing([dz, dy, dx]), order, warnings };
  const affine = affineOf(axes, dx, dy, scaled(axes.normal, dz), positions[0] ?? [0, 0, 0]);
  return { geometry: geometryOfAffine(affine, 3), order, warnings };
}

function inPlaneSpacing(file: DicomFile, warnings: string[]): readonly [number, number] | undefined {
  const sources: [DataSet, string, string][] = [
    [groupOf(file, 0, "x00289110"), "x00280030", ""],
    [file.dataSet, "x00181164", "The spacing is that of the detector (0018,1164): the patient is closer and smaller."],
    [file.dataSet, "x00182010", "The spacing is that of a scanned film (0018,2010)."],
  ];
  for (const [dataSet, tag, warning] of sources) {
    const values = decimals(dataSet, tag);
    if (values?.length === 2 && values.every((mm) => mm > 0)) {
      if (warning !== "") warnings.push(warning);
      return [values[0], values[1]];
    }
  }
  return undefined;
}

interface Axes {
  readonly row: Vector;
  readonly column: Vector;
  readonly normal: Vector;
}

/** Directions of rows and columns; none where they are missing or no rotation gives them. */
function axesOf(file: DicomFile, frames: number): Axes | undefined {
  const cosines = decimals(groupOf(file, 0, "x00209116"), "x00200037");
  if (cosines?.length !== 6) return undefined;
  const row = cosines.slice(0, 3);
  const column = cosines.slice(3);
  const isRotation = Math.abs(dot(row, row) - 1) < 1e-2 && Math.abs(dot(column, column) - 1) < 1e-2 &&
    Math.abs(dot(row, column)) < 1e-2;
  if (!isRotation) return undefined;
  for (let frame = 1; frame < frames; frame++) {
    const other = decimals(groupOf(file, frame, "x00209116"), "x00200037");
    if (other?.some((value, at) => Math.abs(value - cosines[at]) > 1e-3)) {
      const reason = `frame ${frame + 1} lies in another direction than frame 1`;
      throw cannotOpen(file.name, reason, "split it into one file a direction");
    }
  }
  return { row, column, normal: cross(row, column) };
}

/** Where a frame begins; the one position of a file with several frames is that of the first. */
function pointAt(file: DicomFile, frame: number): Vector | undefined {
  const group = groupOf(file, frame, "x00209113");
  if (group === file.dataSet && frame > 0) return undefined;
  const position = decimals(group, "x00200032");
  return position?.length === 3 ? position : undefined;
}

/** The frames sorted along the normal, and the step from one to the next. */
function stackOf(
  file: DicomFile,
  { normal }: Axes,
  positions: readonly Vector[],
  warnings: string[],
): { order: number[]; origin: Vector; step: Vector } {
  const heights = positions.map((position) => dot(position, normal));
  const order = positions.map((_, frame) => frame).sort((a, b) => heights[a] - heights[b] || a - b);
  const steps = order.slice(1).map((frame, at) => heights[frame] - heights[order[at]]);
  const [least, most] = [Math.min(...steps), Math.max(...steps)];
  if (least < 1e-3) {
    const places = 1 + steps.filter((step) => step >= 1e-3).length;
    const reason = `its ${positions.length} frames lie in ${places} places, so that they are more than one volume`;
    throw cannotOpen(file.name, reason, "split it into one file a volume");
  }
  if (most - least > 0.01 * most) {
    const range = `${least.toFixed(2)} to ${most.toFixed(2)} mm`;
    warnings.push(`The slices lie ${range} apart: their mean distance is taken.`);
  }
  const [origin, last] = [positions[order[0]], positions[order[order.length - 1]]];
  return { order, origin, step: origin.map((from, at) => (last[at] - from) / steps.length) };
}

function affineOf({ row, column }: Axes, dx: number, dy: number, step: Vector, origin: Vector): number[] {
  return [...[0, 1, 2].flatMap((at) => [row[at] * dx, column[at] * dy, step[at], origin[at]]), 0, 0, 0, 1];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function scaled(vector: Vector, factor: number): Vector {
  return vector.map((value) => value * factor);
}
