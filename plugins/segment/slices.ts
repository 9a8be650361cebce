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
 * statistics of whole volumes.
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
  const { resampled, method } = placementOf([own[row], own[column]], flat, input);
  const size = own.with(row, resampled[0]).with(column, resampled[1]);
  const isOfVolume = normalization.kind === "standardize" && normalization.over === "volume";
  const given = isOfVolume ? normalized(r, volume, normalization) : volume;
  const scaled = input.resampling === "spline"
    ? rescaled(r, given, size, "spline", slice)
    : ops.resample(r, given, { size, method });
  const stack = ops.fit(r, turned(r, r.reshape(scaled, size), turning), { size: [...input.size] });
  const fed = isOfVolume ? stack : normalized(r, stack, normalization, true);
  const batches = batched(r, nets, fed, input.name, [output.name, ...wanted]);
  const depth = own[slice];
  const target = [depth, own[row], own[column]];
  const choice = { ...decision, largest };
  const maps = batches.map(({ [output.name]: each }) => permuted(r, decidingMaps(r, each, model), [1, 0, 2, 3]))
    .map((each) => r.reshape(each, [1, ...each.shape]));
  const found = largest
    ? recordLabels(r, ops.fit(r, joined(r, maps, 2), { size: [...resampled] }), target, choice)
    : labelsOf(r, maps, [1, channels, depth, ...input.size], [depth, ...resampled], target, choice);
  return {
    ...found,
    mask: r.reshape(turnedBack(r, r.reshape(found.mask, [1, 1, ...target]), turning), own),
    evidence: Object.fromEntries(wanted.map((name) => [name, joined(r, batches.map((each) => each[name]), 0)])),
  };
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

/** Outputs of networks that see slices `[S, H, W]` some at a time, in batches. */
function batched(
  r: Recorder,
  nets: readonly Net[],
  stack: Value,
  name: string,
  wanted: readonly string[],
): Record<string, Value>[] {
  const [slices, height, width] = stack.shape;
  const declared = nets[0].inputs.find((port) => port.name === name)?.shape[0];
  const most = typeof declared === "number" ? declared : batch;
  return Array.from({ length: Math.ceil(slices / most) }, (_, at) => {
    const count = Math.min(most, slices - at * most);
    const [part] = r.apply(nn.slice, [stack], { starts: [at * most, 0, 0], sizes: [count, height, width] });
    return answersOf(r, nets, { [name]: r.reshape(part, [count, 1, height, width]) }, wanted);
  });
}

function joined(r: Recorder, parts: readonly Value[], axis: number): Value {
  return parts.length === 1 ? parts[0] : r.apply(nn.concat, [...parts], { axis })[0];
}
