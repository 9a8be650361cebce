import { z } from "npm:zod@4.6.7";
import type { Spec } from "../contract.ts";

/** The axes of an image `[C, H, W]` or a volume `[C, D, H, W]`. */
export interface Extents {
  readonly channels: number;
  /** 1 for images. */
  readonly depth: number;
  readonly height: number;
  readonly width: number;
  /** The axes that are filtered, in the tensor's order: `y, x`, or `z, y, x` for a volume that isn't filtered by slices. */
  readonly axes: readonly Axis[];
  /** The tensor's spatial axes: `y, x` or `z, y, x`. */
  readonly spatial: readonly Axis[];
}

/** A spatial axis. */
export type Axis = "z" | "y" | "x";

/** One number, or one for each filtered axis in the tensor's order. */
export type PerAxis = number | readonly number[];

/** An option that takes one number or one per axis. */
export function perAxisOption(number: z.ZodType<number>): z.ZodType<PerAxis> {
  return z.union([number, z.array(number).min(1).max(3)]);
}

/** The option `slicewise` of a schema. */
export const slicewiseOption: z.ZodType<boolean> = z.boolean().default(false)
  .describe("Filter the slices of a volume one by one, in 2-D");

/** The option `spacing` of a schema. */
export const spacingOption: z.ZodType<readonly number[] | undefined> = z.array(z.number().positive()).min(2).max(3)
  .optional().describe("Millimeters between pixels, one per axis of the image");

/** Checks that a filter's input is an image or a volume and names its axes. */
export function extentsOf(filter: string, input: Spec, slicewise: boolean): Extents {
  const { dtype, shape } = input;
  if (dtype !== "f32") throw new TypeError(`${filter} takes f32, not ${dtype}: convert the image first`);
  if (shape.length !== 3 && shape.length !== 4) {
    throw new RangeError(
      `${filter} takes an image [C, H, W] or a volume [C, D, H, W], not [${shape.join(", ")}]: reshape it first`,
    );
  }
  const [channels, depth, height, width] = shape.length === 3 ? [shape[0], 1, shape[1], shape[2]] : shape;
  const spatial: Axis[] = shape.length === 3 ? ["y", "x"] : ["z", "y", "x"];
  return { channels, depth, height, width, spatial, axes: slicewise ? ["y", "x"] : spatial };
}

/** One number for each axis of `axes`; throws where a list has another length. */
export function forAxes(option: string, value: PerAxis, axes: readonly Axis[]): number[] {
  if (typeof value === "number") return axes.map(() => value);
  if (value.length !== axes.length) {
    throw new RangeError(
      `${option} has ${value.length} numbers, but ${axes.length} axes are filtered (${
        axes.join(", ")
      }): give one number, or one per axis`,
    );
  }
  return [...value];
}

/** The number of pixels along an axis. */
export function countAlong(extents: Extents, axis: Axis): number {
  return axis === "z" ? extents.depth : axis === "y" ? extents.height : extents.width;
}

/** The distance between pixels along each filtered axis, 1 where no `spacing` is given; throws where it has another length. */
export function spacingAlong({ axes, spatial }: Extents, spacing: readonly number[] | undefined): number[] {
  if (spacing !== undefined && spacing.length !== spatial.length) {
    throw new RangeError(
      `spacing has ${spacing.length} numbers, but the image has ${spatial.length} axes (${
        spatial.join(", ")
      }): give one per axis`,
    );
  }
  return axes.map((axis) => spacing?.[spatial.indexOf(axis)] ?? 1);
}

/** Lengths in millimeters, one for each filtered axis, in pixels. */
export function inPixels(
  extents: Extents,
  lengths: readonly number[],
  spacing: readonly number[] | undefined,
): number[] {
  const distances = spacingAlong(extents, spacing);
  return lengths.map((length, index) => length / distances[index]);
}
