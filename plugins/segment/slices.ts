/** A 2-D network over the slices of a volume. */
import { type Geometry, type Net, placementOf } from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { SegmentationContract } from "./contract.ts";
import { normalized } from "./normalize.ts";
import { permuted, sliceTurning, turned, turnedBack } from "./turning.ts";

/** Slices that the network sees at a time. */
const batch = 16;

/** Maps of the classes on a grid of the network's pixels, and what else it says of each slice. */
export interface SliceMaps {
  /** `[1, C, ...]` along the volume's axes. */
  readonly maps: Value;
  /** `[slices, 1]` by the name of an output. */
  readonly evidence: Readonly<Record<string, Value>>;
}

/**
 * Runs the network over all slices of a volume `[1, D, H, W]` along the plane of its training, turned as those are looked
 * at, in batches. Each slice is resampled, fitted and normalized by itself, as an image is.
 */
export function recordSlices(
  r: Recorder,
  net: Net,
  volume: Value,
  geometry: Geometry,
  model: SegmentationContract,
  wanted: readonly string[],
): SliceMaps {
  const { input, normalization, output } = model;
  const own = volume.shape.slice(1);
  const turning = sliceTurning(geometry, input.plane);
  const [, row, column] = turning.axes;
  const flat = { ...geometry, spacing: [geometry.spacing[row], geometry.spacing[column]] };
  const { resampled, method } = placementOf([own[row], own[column]], flat, input);
  const size = own.with(row, resampled[0]).with(column, resampled[1]);
  const stack = turned(r, r.reshape(ops.resample(r, volume, { size, method }), size), turning);
  const fed = normalized(r, ops.fit(r, stack, { size: [...input.size] }), normalization, true);
  const outputs = batched(r, net, fed, input.name, [output.name, ...wanted]);
  const fitted = ops.fit(r, outputs[output.name], { size: [...resampled] });
  const [slices, channels] = fitted.shape;
  const maps = r.reshape(permuted(r, fitted, [1, 0, 2, 3]), [1, channels, slices, ...resampled]);
  return {
    maps: turnedBack(r, maps, turning),
    evidence: Object.fromEntries(wanted.map((name) => [name, outputs[name]])),
  };
}

/** Outputs `[slices, ...]` of a network that sees slices `[S, H, W]` some at a time. */
function batched(
  r: Recorder,
  net: Net,
  stack: Value,
  name: string,
  wanted: readonly string[],
): Record<string, Value> {
  const [slices, height, width] = stack.shape;
  const declared = net.inputs.find((port) => port.name === name)?.shape[0];
  const most = typeof declared === "number" ? declared : batch;
  const parts: Record<string, Value>[] = [];
  for (let first = 0; first < slices; first += most) {
    const count = Math.min(most, slices - first);
    const [part] = r.apply(nn.slice, [stack], { starts: [first, 0, 0], sizes: [count, height, width] });
    parts.push(net.record(r, { [name]: r.reshape(part, [count, 1, height, width]) }));
  }
  return Object.fromEntries(wanted.map((output) => {
    const all = parts.map((part) => part[output]);
    return [output, all.length === 1 ? all[0] : r.apply(nn.concat, all, { axis: 0 })[0]];
  }));
}
