import { z } from "npm:zod@4.6.7";
import type { Spec } from "../../contract.ts";
import { type Axis, countAlong, type Extents, extentsOf, slicewiseOption } from "../extents.ts";

/** Which pixels are masked: every `stride`-th along each axis, from those of the `offset` on. */
export interface MaskOptions {
  /** Pixels from one masked pixel to the next along each axis. Default 4. */
  stride: number;
  /**
   * Which of the `stride^n` grids, counted row by row (the last axis changes fastest), from 0. Default the one of number
   * `floor(stride^n / 2)`.
   */
  offset?: number;
  /** Mask the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

/** The schema of {@linkcode MaskOptions}. */
export const maskSchema: z.ZodType<MaskOptions> = z.strictObject({
  stride: z.int().min(2).max(1024).default(4).describe("Pixels from one masked pixel to the next along each axis"),
  offset: z.int().min(0).optional().describe("Which of the stride^n grids, from 0; default the middle one"),
  slicewise: slicewiseOption,
});

/** The masked pixels of an image. */
export interface MaskGrid {
  readonly extents: Extents;
  /** The first masked pixel and the distance to the next one along x, y and z. */
  readonly first: readonly [x: number, y: number, z: number];
  readonly step: readonly [x: number, y: number, z: number];
  /** Masked pixels along x, y and z. */
  readonly count: readonly [x: number, y: number, z: number];
  /** Masked pixels of all channels. */
  readonly pixels: number;
}

/** Where the masked pixels of an image lie; throws where the image or the offset don't fit. */
export function maskGrid(operation: string, image: Spec, { stride, offset, slicewise }: MaskOptions): MaskGrid {
  const extents = extentsOf(operation, image, slicewise);
  const { axes, channels } = extents;
  const grids = stride ** axes.length;
  const chosen = offset ?? Math.floor(grids / 2);
  if (chosen >= grids) {
    throw new RangeError(
      `${operation} got offset ${chosen}, but ${axes.length} axes with stride ${stride} have ${grids} grids: take 0 to ${
        grids - 1
      }`,
    );
  }
  // Slices that are masked one by one are all masked alike.
  const along = (axis: Axis): [first: number, step: number] => {
    const place = axes.indexOf(axis);
    return place < 0 ? [0, 1] : [Math.floor(chosen / stride ** (axes.length - 1 - place)) % stride, stride];
  };
  const places = (["x", "y", "z"] as const).map((axis) => {
    const [first, step] = along(axis);
    return { first, step, count: Math.max(0, Math.ceil((countAlong(extents, axis) - first) / step)) };
  });
  const list = (key: "first" | "step" | "count") =>
    places.map((place) => place[key]) as [x: number, y: number, z: number];
  const count = list("count");
  return {
    extents,
    first: list("first"),
    step: list("step"),
    count,
    pixels: channels * count[0] * count[1] * count[2],
  };
}
