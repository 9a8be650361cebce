/** A 2-D network over the slices of a volume. */
import { type Geometry, type Net, placementOf } from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import { answersOf, decidingMaps, decisionOf } from "./answers.ts";
import type { SegmentationContract } from "./contract.ts";
import { type Choice, type Labels, labelSettings, recordLabels } from "./labels.ts";
import { normalized } from "./normalize.ts";
import { rescaled } from "./rescaling.ts";
import { permuted, sliceTurning, turned, turnedBack } from "./turning.ts";

/** Slices that the network sees at a time. */
const batch = 16;

/** Labels, and what else a network says of each slice. */
export interface SliceLabels extends Labels {
  /** `[slices, 1]` by the name of an output. */
  readonly evidence: Readonly<Record<string, Value>>;
}

/**
 * Runs the networks over all slices of a volume `[1, D, H, W]` along the plane of its training, turned as those are looked
 * at, in batches. Each slice is resampled, fitted and normalized by itself, as an image is, unless the training took the
 * statistics of whole volumes. Where the model states an overlap, slices larger than its input are seen by windows.
 */
export function recordSlices(
  r: Recorder,
  nets: readonly Net[],
  volume: Value,
  geometry: Geometry,
  model: SegmentationContract,
  wanted: readonly string[],
  { largest, threshold }: Pick<Choice, "largest" | "threshold">,
): SliceLabels {
  const { input, normalization, output } = model;
  const { channels, ...decision } = decisionOf(model, threshold);
  const own = volume.shape.slice(1);
  const turning = sliceTurning(geometry, input.plane);
  const [slice, row, column] = turning.axes;
  const flat = { ...geometry, spacing: [geometry.spacing[row], geometry.spacing[column]] };
  const { overlap } = input;
  const inPlane = [own[row], own[column]];
  // Windows see slices as they are where the millimeters of either aren't known.
  const placing = overlap === undefined ? input : { ...input, size: inPlane };
  const { resampled, method } = placementOf(inPlane, flat, placing);
  const size = own.with(row, resampled[0]).with(column, resampled[1]);
  const isOfVolume = normalization.kind === "standardize" && normalization.over === "volume";
  const given = isOfVolume ? normalized(r, volume, normalization) : volume;
  const scaled = input.resampling === "spline"
    ? rescaled(r, given, size, "spline", slice)
    : ops.resample(r, given, { size, method });
  const side: Size = [input.size[0], input.size[1]];
  const seen = overlap === undefined ? side : side.map((length, axis) => Math.max(length, resampled[axis]));
  const stack = ops.fit(r, turned(r, r.reshape(scaled, size), turning), { size: [...seen] });
  const fed = isOfVolume ? stack : normalized(r, stack, normalization, true);
  const see = (part: Value) => answersOf(r, nets, { [input.name]: part }, [output.name, ...wanted]);
  const mapsOf = (answers: Answers): Value => {
    const maps = permuted(r, decidingMaps(r, answers[output.name], model), [1, 0, 2, 3]);
    return r.reshape(maps, [1, ...maps.shape]);
  };
  const batches = batchesOf(r, nets, fed, input.name);
  const answers = overlap === undefined ? batches.map(see) : [];
  const maps = overlap === undefined
    ? answers.map(mapsOf)
    : batches.map((part) => blended(r, part, { channels, side, overlap }, (window) => mapsOf(see(window))));
  const depth = own[slice];
  const target = [depth, own[row], own[column]];
  const choice = { ...decision, largest };
  const found = largest
    ? recordLabels(r, ops.fit(r, joined(r, maps, 2), { size: [...resampled] }), target, choice)
    : labelsOf(r, maps, [1, channels, depth, ...seen], [depth, ...resampled], target, choice);
  return {
    ...found,
    mask: r.reshape(turnedBack(r, r.reshape(found.mask, [1, 1, ...target]), turning), own),
    evidence: Object.fromEntries(wanted.map((name) => [name, joined(r, answers.map((each) => each[name]), 0)])),
  };
}

/** Outputs of a network by name. */
type Answers = Readonly<Record<string, Value>>;

type Size = readonly [height: number, width: number];

/** Maps `[1, C, n, H, W]` of slices `[n, 1, H, W]`, blended of what is seen of windows `[n, 1, h, w]` that slide over them. */
function blended(
  r: Recorder,
  slices: Value,
  { channels, side, overlap }: { readonly channels: number; readonly side: Size; readonly overlap: number },
  see: (windows: Value) => Value,
): Value {
  const [count, , height, width] = slices.shape;
  const [starts, across] = [height, width].map((length, axis) => ops.windowStarts(length, side[axis], overlap));
  if (starts.length * across.length === 1) return see(slices);
  const size: [number, number, number] = [count, height, width];
  return ops.recordBlending(r, channels, [count, ...side], { size, starts: [[0], starts, across] }, ([, y, x]) => {
    const [windows] = r.apply(nn.slice, [slices], { starts: [0, 0, y, x], sizes: [count, 1, ...side] });
    return see(windows);
  });
}

/** Labels of maps `[1, C, n, h, w]` of some slices each: those of all slices are never there together. */
function labelsOf(
  r: Recorder,
  maps: readonly Value[],
  shape: readonly number[],
  fitted: readonly number[],
  sizes: readonly number[],
  choice: Choice,
): Labels {
  const settings = { ...labelSettings(sizes, choice), fitted };
  const { outputs: [labels], add } = nn.recordLabelParts(r, { dtype: "f32", shape }, settings);
  let begin = 0;
  for (const part of maps) {
    const end = begin + part.shape[2];
    add(part, { begin, end, first: begin });
    begin = end;
  }
  return { mask: r.reshape(labels, sizes) };
}

/** Slices `[S, H, W]` as batches `[n, 1, H, W]` of as many as the networks take. */
function batchesOf(r: Recorder, nets: readonly Net[], stack: Value, name: string): Value[] {
  const [slices, height, width] = stack.shape;
  const declared = nets[0].inputs.find((port) => port.name === name)?.shape[0];
  const most = typeof declared === "number" ? declared : batch;
  return Array.from({ length: Math.ceil(slices / most) }, (_, at) => {
    const count = Math.min(most, slices - at * most);
    const [part] = r.apply(nn.slice, [stack], { starts: [at * most, 0, 0], sizes: [count, height, width] });
    return r.reshape(part, [count, 1, height, width]);
  });
}

function joined(r: Recorder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0] : r.apply(nn.concat, [...parts], { axis })[0];
}
