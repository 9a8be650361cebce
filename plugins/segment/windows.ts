/** A 3-D network over a volume, by windows that slide. */
import type { Geometry, Net } from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { SegmentationContract } from "./contract.ts";
import { normalized } from "./normalize.ts";
import { axesTurning, flippedAlong, turned, turnedBack } from "./turning.ts";

type Triple = [number, number, number];

/**
 * Maps `[1, C, ...]` along the volume's axes of a network that sees windows of a volume `[1, D, H, W]`. The volume is
 * normalized, brought to the network's millimeters and axes, padded where it is smaller than a window, and blended of its
 * windows, of which one is there at a time. With `mirrored` each answer is the mean over all mirrorings that the model
 * allows.
 */
export function recordWindows(
  r: Recorder,
  net: Net,
  volume: Value,
  geometry: Geometry,
  { input, normalization, output, classes }: SegmentationContract,
  mirrored: boolean,
): Value {
  const own = volume.shape.slice(1);
  const turning = axesTurning(geometry, input.axes, input.order ?? [0, 1, 2]);
  const scaled = scaledSize(own, geometry, turning.axes, input.spacingMm);
  const values = normalized(r, volume, normalization);
  const grid = turned(r, r.reshape(rescaled(r, values, scaled), scaled), turning);
  const side = input.size as Triple;
  const size = grid.shape.map((length, axis) => Math.max(length, side[axis])) as Triple;
  const padded = isSame(size, grid.shape) ? grid : ops.fit(r, grid, { size });
  const starts = size.map((length, axis) => ops.windowStarts(length, side[axis], input.overlap)) as [
    number[],
    number[],
    number[],
  ];
  const see = (window: Value): Value => net.record(r, { [input.name]: window })[output.name];
  const mirrorings = mirrored ? mirroringsOf(input.mirrorAxes ?? []) : [[false, false, false]];
  const answerAt = (start: Triple): Value => {
    const [part] = isSame(size, side) ? [padded] : r.apply(nn.slice, [padded], { starts: start, sizes: side });
    return answer(r, r.reshape(part, [1, 1, ...side]), mirrorings, see);
  };
  // One window is the answer as it is: there is nothing to blend, nor room for a copy of what may fill the memory.
  const blended = starts.every(({ length }) => length === 1)
    ? answerAt([0, 0, 0])
    : ops.recordBlending(r, classes.length, side, { size, starts }, (start) => answerAt([...start]));
  const maps = isSame(size, grid.shape) ? blended : ops.fit(r, blended, { size: [...grid.shape] });
  return turnedBack(r, maps, turning);
}

const isSame = (one: readonly number[], other: readonly number[]): boolean => one.join() === other.join();

/** The mean of what the network says of a window and its mirrorings, turned back. */
function answer(
  r: Recorder,
  window: Value,
  mirrorings: readonly (readonly boolean[])[],
  see: (window: Value) => Value,
): Value {
  const answers = mirrorings.map((flips) => {
    const axes = [false, false, ...flips];
    return flippedAlong(r, see(flippedAlong(r, window, axes)), axes);
  });
  if (answers.length === 1) return answers[0];
  const sum = answers.reduce((all, one) => r.apply(nn.binary, [all, one], { op: "add" })[0]);
  return r.apply(nn.binary, [sum, r.constant(Float32Array.of(answers.length), [1])], { op: "divide" })[0];
}

/** All combinations of mirrorings along some of three axes, none first. */
function mirroringsOf(axes: readonly number[]): boolean[][] {
  return Array.from(
    { length: 2 ** axes.length },
    (_, choice) => [0, 1, 2].map((axis) => axes.includes(axis) && (choice >> axes.indexOf(axis) & 1) === 1),
  );
}

/** Size of a volume at the model's millimeters, along the volume's axes; its own where either isn't known. */
function scaledSize(
  own: readonly number[],
  { spacing, spacingKnown }: Geometry,
  axes: readonly number[],
  spacingMm: readonly number[] | undefined,
): number[] {
  if (!spacingKnown || spacingMm === undefined) return [...own];
  return own.map((length, axis) => Math.max(1, Math.round(length * spacing[axis] / spacingMm[axes.indexOf(axis)])));
}

/** Resampled to a size: averaged along axes that shrink, interpolated along those that grow. */
function rescaled(r: Recorder, volume: Value, size: readonly number[]): Value {
  const from = volume.shape.slice(-3);
  const least = size.map((length, axis) => Math.min(length, from[axis]));
  const shrunk = least.some((length, axis) => length !== from[axis])
    ? ops.resample(r, volume, { size: least, method: "area" })
    : volume;
  return size.some((length, axis) => length !== least[axis])
    ? ops.resample(r, shrunk, { size: [...size], method: "linear" })
    : shrunk;
}
