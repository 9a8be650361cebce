import type { HostTensor } from "../contract.ts";
import { borderIndex, type BorderOptions } from "./border.ts";
import { type Axis, countAlong, type Extents } from "./extents.ts";

/** Steps in the flat, row-major data of an image or volume. */
export function strideOf(extents: Extents, axis: Axis): number {
  return axis === "x" ? 1 : axis === "y" ? extents.width : extents.width * extents.height;
}

/** The index of a pixel along an axis, from its place in the flat data. */
export function placeAlong(extents: Extents, axis: Axis, pixel: number): number {
  return Math.floor(pixel / strideOf(extents, axis)) % countAlong(extents, axis);
}

/** An image of the same shape whose pixels are computed one by one. */
export function mapPixels(image: HostTensor, compute: (pixel: number) => number): HostTensor {
  return { dtype: "f32", shape: image.shape, data: image.data.map((_, pixel) => compute(pixel)) };
}

/** The values in the window around a pixel, with those beyond the border; `radii` has one number for each of `axes`. */
export function windowOf(
  image: HostTensor,
  extents: Extents,
  pixel: number,
  radii: readonly number[],
  { border, cval }: BorderOptions,
): number[] {
  let sources: (number | undefined)[] = [pixel];
  extents.axes.forEach((axis, index) => {
    const stride = strideOf(extents, axis);
    const place = placeAlong(extents, axis, pixel);
    const steps: (number | undefined)[] = [];
    for (let offset = -radii[index]; offset <= radii[index]; offset++) {
      const source = borderIndex(place + offset, countAlong(extents, axis), border);
      steps.push(source === undefined ? undefined : (source - place) * stride);
    }
    sources = sources.flatMap((at) =>
      steps.map((step) => at === undefined || step === undefined ? undefined : at + step)
    );
  });
  return sources.map((source) => source === undefined ? cval : image.data[source]);
}
