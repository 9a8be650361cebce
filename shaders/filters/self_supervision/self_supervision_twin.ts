import type { HostTensor } from "../../contract.ts";
import { borderIndex } from "../border.ts";
import { countAlong, type Extents, extentsOf } from "../extents.ts";
import { mapPixels, placeAlong, strideOf } from "../pixels_twin.ts";
import type { MaskOptions } from "./grid.ts";

/** Whether a pixel is masked: its place within its block of `stride^n` pixels has the number `offset`. */
function isMasked(extents: Extents, pixel: number, { stride, offset }: MaskOptions): boolean {
  const chosen = offset ?? Math.floor(stride ** extents.axes.length / 2);
  return extents.axes.reduce((number, axis) => number * stride + placeAlong(extents, axis, pixel) % stride, 0) ===
    chosen;
}

/** {@linkcode maskPixels} in f64. */
export function maskPixelsTwin([image]: readonly HostTensor[], options: MaskOptions): HostTensor[] {
  const extents = extentsOf("maskPixels", image, options.slicewise);
  return [mapPixels(image, (pixel) => {
    if (!isMasked(extents, pixel, options)) return image.data[pixel];
    const neighbors = extents.axes.flatMap((axis) => {
      const place = placeAlong(extents, axis, pixel);
      return [-1, 1].map((by) => {
        const source = borderIndex(place + by, countAlong(extents, axis), "mirror") ?? 0;
        return image.data[pixel + (source - place) * strideOf(extents, axis)];
      });
    });
    return neighbors.reduce((sum, value) => sum + value, 0) / neighbors.length;
  })];
}

/** {@linkcode maskedError} in f64. */
export function maskedErrorTwin([denoised, image]: readonly HostTensor[], options: MaskOptions): HostTensor[] {
  const extents = extentsOf("maskedError", image, options.slicewise);
  const errors = [...image.data.keys()].filter((pixel) => isMasked(extents, pixel, options)).map((pixel) =>
    (denoised.data[pixel] - image.data[pixel]) ** 2
  );
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  return [{ dtype: "f32", shape: [1], data: Float64Array.of(mean) }];
}
