/** Images with values that stand for no measurement, as filters and networks are to see them. */
import { image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { Padding } from "./values.ts";

/** The padding of an image that still lies on the grid on which it was read; else none is known. */
export function paddingOn(image: Value, padding: Padding | undefined): Padding | undefined {
  return padding?.valid.shape.join() === image.shape.join() ? padding : undefined;
}

/** The image with the least measured value in the place of padding, so that it is no edge and counts as background. */
export function withoutPadding(r: Recorder, image: Value, padding: Padding | undefined): Value {
  return padding === undefined ? image : ops.fill(r, image, padding.valid, { value: padding.least });
}

/** What {@linkcode measuredAlone} gives. */
export interface MeasuredAlone {
  /** The image, with all values raised where that is needed. */
  readonly image: Value;
  /** The fraction of the greatest value above which pixels count. */
  readonly foreground: number | undefined;
  /** By how much all values are greater than they were. */
  readonly raised: number;
}

/**
 * The image, with what makes `statistics` those of the measured values. Where all pixels would count (no `foreground`), all
 * values are raised by the same, so that the measured ones are above 0 and padding is 0: standardized, they are what
 * they would have been.
 */
export function measuredAlone(
  r: Recorder,
  image: Value,
  padding: Padding | undefined,
  foreground: number | undefined,
): MeasuredAlone {
  if (padding === undefined) return { image, foreground, raised: 0 };
  const { valid, least, greatest } = padding;
  if (foreground !== undefined) {
    // What is measured may all be above the fraction; padding stays below it, also where resampling lowers the greatest value.
    const value = Math.min(least, 0.9 * foreground * greatest);
    return { image: ops.fill(r, image, valid, { value }), foreground, raised: 0 };
  }
  const raised = Math.fround(((greatest - least) / 1000 || 1) - least);
  const [higher] = r.apply(nn.binary, [image, r.constant(Float32Array.of(raised), [1])], { op: "add" });
  return { image: ops.fill(r, higher, valid, { value: 0 }), foreground: 0, raised };
}

/** What became of an image, with the padding as it was before. */
export function withPadding(r: Recorder, result: Value, before: Value, padding: Padding | undefined): Value {
  if (padding === undefined) return result;
  const measured = ops.fill(r, result, padding.valid, {});
  const [rest] = r.apply(nn.binary, [before, ops.fill(r, before, padding.valid, {})], { op: "subtract" });
  return r.apply(nn.binary, [measured, rest], { op: "add" })[0];
}
