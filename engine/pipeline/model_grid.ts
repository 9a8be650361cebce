/** How a slice gets onto the grid that a network was trained on, and what the network says of it back onto the slice's. */
import { image as ops, type Recorder, type Value } from "../../shaders/mod.ts";
import type { Geometry } from "./geometry.ts";
import type { ModelInput } from "./model_contract.ts";

/** How an image gets onto the model's grid. */
export interface Placement {
  /** Size after resampling; it is then padded or cropped about the center to the model's size. */
  readonly resampled: readonly number[];
  /** Shrinking averages areas, enlarging interpolates. */
  readonly method: "area" | "linear";
}

/**
 * Where an image of `size` [H, W] comes to lie on the model's grid: at the model's mm where both are known, else scaled to
 * the model's size.
 */
export function placementOf(
  size: readonly number[],
  geometry: Geometry,
  { size: own, spacingMm }: Pick<ModelInput, "size" | "spacingMm">,
): Placement {
  const resampled = geometry.spacingKnown && spacingMm
    ? size.map((pixels, axis) => Math.max(1, Math.round(pixels * geometry.spacing[axis] / spacingMm[axis])))
    : own;
  const shrinks = resampled[0] * resampled[1] <= size[0] * size[1];
  return { resampled, method: shrinks ? "area" : "linear" };
}

/** An image `[1, H, W]` on the model's grid of `size`, standardized there: the pixels above `foreground` of the greatest count. */
export function onModelGrid(
  r: Recorder,
  image: Value,
  { resampled, method }: Placement,
  size: readonly number[],
  foreground?: number,
): Value {
  const scaled = ops.resample(r, image, { size: [...resampled], method });
  const fitted = ops.fit(r, scaled, { size: [...size] });
  return ops.standardize(r, fitted, ops.statistics(r, fitted, { foreground }));
}

/** A map of the model's grid on the image's of `size`. What the model's grid doesn't reach is 0. */
export function onImageGrid(r: Recorder, map: Value, { resampled }: Placement, size: readonly number[]): Value {
  return ops.resample(r, ops.fit(r, map, { size: [...resampled] }), { size: [...size], method: "linear" });
}

/** A box x0, y0, x1, y1 in pixels of the model's grid of `own` as one in pixels of the image of `size`. */
export function boxOnImage(
  box: readonly number[],
  { resampled }: Placement,
  own: readonly number[],
  size: readonly number[],
): number[] {
  return box.map((value, i) => {
    const axis = 1 - i % 2;
    return (value - ops.fitShift(resampled[axis], own[axis])) * size[axis] / resampled[axis];
  });
}
