/** A 3-D network over a volume, by windows that slide. */
import type { Geometry, Net } from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import { answersOf, decidingMaps, decisionOf, meanOf } from "./answers.ts";
import type { SegmentationContract } from "./contract.ts";
import { type Choice, type Labels, labelSettings, recordLabels } from "./labels.ts";
import { normalized } from "./normalize.ts";
import { rescaled, scaledSize, thickAxis } from "./rescaling.ts";
import { axesTurning, flippedAlong, turned, turnedBack } from "./turning.ts";

type Triple = [number, number, number];

/** The part of a window that its neighbor covers as well, where the model doesn't say: nnU-Net's. */
const usualOverlap = 0.5;

/** Bytes of blended maps that are there at a time, as far as windows don't reach over more: half of what any device binds. */
const mostMapBytes = 2 ** 26;

/**
 * Labels of a volume `[1, D, H, W]` by a network that sees windows of it. The volume is normalized, brought to the
 * network's millimeters and axes, padded where it is smaller than a window, and blended of its windows, of which one is
 * there at a time. With `mirrored` each answer is the mean over all mirrorings that the model allows. Labels are made as
 * soon as the maps of some slices are whole: those of all slices are there together only where the largest component is
 * looked for, or the volume is one window.
 */
export function recordWindows(
  r: Recorder,
  nets: readonly Net[],
  volume: Value,
  geometry: Geometry,
  model: SegmentationContract,
  mirrored: boolean,
  { largest, threshold }: Pick<Choice, "largest" | "threshold">,
): Labels {
  const { input, normalization, output } = model;
  const { channels, ...decision } = decisionOf(model, threshold);
  const own = volume.shape.slice(1);
  const turning = axesTurning(geometry, input.axes, input.order ?? [0, 1, 2]);
  const scaled = scaledSize(own, geometry, turning.axes, input.spacingMm);
  const thick = input.resampling === "spline" ? thickAxis(geometry, turning.axes, input.spacingMm) : undefined;
  const values = normalized(r, volume, normalization);
  const grid = turned(r, r.reshape(rescaled(r, values, scaled, input.resampling, thick), scaled), turning);
  const side = input.size as Triple;
  const size = grid.shape.map((length, axis) => Math.max(length, side[axis])) as Triple;
  const padded = isSame(size, grid.shape) ? grid : ops.fit(r, grid, { size });
  const starts = size.map((length, axis) => ops.windowStarts(length, side[axis], input.overlap ?? usualOverlap)) as [
    number[],
    number[],
    number[],
  ];
  const see = (window: Value): Value =>
    decidingMaps(r, answersOf(r, nets, { [input.name]: window }, [output.name])[output.name], model);
  const mirrorings = mirrored ? mirroringsOf(input.mirrorAxes ?? []) : [[false, false, false]];
  const answerAt = (start: readonly number[]): Value => {
    const [part] = isSame(size, side) ? [padded] : r.apply(nn.slice, [padded], { starts: start, sizes: side });
    return answer(r, r.reshape(part, [1, 1, ...side]), mirrorings, see);
  };
  // The volume's size along the network's axes; between thick slices nothing is blended.
  const target = turning.axes.map((axis) => own[axis]);
  const sizes = target.map((length, at) => turning.axes[at] === thick ? grid.shape[at] : length);
  const found = labelsOf(
    r,
    { channels, size, starts, side, grid: grid.shape },
    sizes,
    { ...decision, largest },
    answerAt,
  );
  const [mask] = isSame(sizes, target)
    ? [found.mask]
    : [ops.resample(r, found.mask, { size: target, method: "nearest" })];
  return { ...found, mask: r.reshape(turnedBack(r, r.reshape(mask, [1, 1, ...target]), turning), own) };
}

/** Where windows lie, and the part of what they cover that is the volume's. */
interface Covering {
  readonly channels: number;
  readonly size: Triple;
  readonly starts: [number[], number[], number[]];
  readonly side: Triple;
  readonly grid: readonly number[];
}

/** Labels at a size of what is blended of windows. */
function labelsOf(
  r: Recorder,
  { channels, size, starts, side, grid }: Covering,
  sizes: readonly number[],
  choice: Choice,
  answerAt: (start: readonly number[]) => Value,
): Labels {
  const isOne = starts.every(({ length }) => length === 1);
  if (isOne || choice.largest) {
    // One window is the answer as it is: there is nothing to blend, nor room for a copy of what may fill the memory.
    const blended = isOne ? answerAt([0, 0, 0]) : ops.recordBlending(r, channels, side, { size, starts }, answerAt);
    const maps = isSame(size, grid) ? blended : ops.fit(r, blended, { size: [...grid] });
    return recordLabels(r, maps, sizes, choice);
  }
  const maps = { dtype: "f32", shape: [1, channels, ...size] } as const;
  const settings = { ...labelSettings(sizes, choice), fitted: grid };
  const slice = 16 * Math.ceil(channels / 4) * size[1] * size[2];
  const parts = nn.labelParts(maps, settings, Math.max(1, Math.floor(mostMapBytes / slice)));
  const { outputs: [labels], add } = nn.recordLabelParts(r, maps, settings);
  ops.recordBlendingOf(r, channels, side, { size, starts }, parts, answerAt, (sum, part) => add(sum, parts[part]));
  return { mask: r.reshape(labels, sizes) };
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
  return meanOf(r, answers);
}

/** All combinations of mirrorings along some of three axes, none first. */
function mirroringsOf(axes: readonly number[]): boolean[][] {
  return Array.from(
    { length: 2 ** axes.length },
    (_, choice) => [0, 1, 2].map((axis) => axes.includes(axis) && (choice >> axes.indexOf(axis) & 1) === 1),
  );
}
