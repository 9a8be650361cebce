/** A volume at the millimeters of a network's training, by the rule of that training. */
import type { Geometry } from "../../engine/pipeline/mod.ts";
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { SegmentationContract } from "./contract.ts";

/** Where the greatest distance between voxels is more than so many times the least, slices count as thick: nnU-Net's bound. */
const anisotropy = 3;

/** Size of a volume at the model's millimeters, along the volume's axes; its own where either isn't known. */
export function scaledSize(
  own: readonly number[],
  { spacing, spacingKnown }: Geometry,
  axes: readonly number[],
  spacingMm: readonly number[] | undefined,
): number[] {
  if (!spacingKnown || spacingMm === undefined) return [...own];
  return own.map((length, axis) => Math.max(1, Math.round(length * spacing[axis] / spacingMm[axes.indexOf(axis)])));
}

/**
 * The volume's axis across thick slices, between which nnU-Net takes the nearest instead of blending; none where the
 * voxels of both grids are about as long as wide, or lack in two directions.
 */
export function thickAxis(
  { spacing, spacingKnown }: Geometry,
  axes: readonly number[],
  spacingMm: readonly number[] | undefined,
): number | undefined {
  if (!spacingKnown || spacingMm === undefined) return undefined;
  const wanted = [0, 1, 2].map((axis) => spacingMm[axes.indexOf(axis)]);
  const found = [spacing, wanted].find((one) => Math.max(...one) > anisotropy * Math.min(...one));
  const thick = [0, 1, 2].filter((axis) => found?.[axis] === Math.max(...found ?? []));
  return thick.length === 1 ? thick[0] : undefined;
}

/**
 * A volume `[1, D, H, W]` at another size. `linear`: averaged along axes that shrink, interpolated along those that grow.
 * `spline`: as nnU-Net does, by cubic splines that stay within the volume's values, across thick slices by the nearest.
 */
export function rescaled(
  r: Recorder,
  volume: Value,
  size: readonly number[],
  resampling: SegmentationContract["input"]["resampling"],
  thick: number | undefined,
): Value {
  const from = volume.shape.slice(-3);
  const along = (value: Value, to: readonly number[], method: "linear" | "nearest" | "area" | "spline"): Value =>
    to.join() === value.shape.slice(-3).join() ? value : ops.resample(r, value, { size: [...to], method });
  if (resampling === "linear") {
    return along(along(volume, size.map((length, axis) => Math.min(length, from[axis])), "area"), size, "linear");
  }
  const flat = size.map((length, axis) => axis === thick ? from[axis] : length);
  if (flat.join() === from.join()) return along(volume, size, "nearest");
  return along(within(r, along(volume, flat, "spline"), volume), size, "nearest");
}

/** The values limited to the range of others, beyond which a spline overshoots. */
function within(r: Recorder, value: Value, of: Value): Value {
  const statistics = ops.statistics(r, of);
  const bound = (at: number) => r.apply(nn.slice, [statistics], { starts: [at], sizes: [1] })[0];
  const [raised] = r.apply(nn.binary, [value, bound(3)], { op: "maximum" });
  return r.apply(nn.binary, [raised, bound(4)], { op: "minimum" })[0];
}
