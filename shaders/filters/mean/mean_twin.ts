import type { HostTensor } from "../../contract.ts";
import { extentsOf, forAxes } from "../extents.ts";
import { mapPixels, windowOf } from "../pixels_twin.ts";
import type { MeanOptions } from "./mean.ts";

/** {@linkcode mean} in f64: the sum over each pixel's window, divided by the window's size. */
export function meanTwin([image]: readonly HostTensor[], options: MeanOptions): HostTensor[] {
  const extents = extentsOf("mean", image, options.slicewise);
  const radii = forAxes("radius", options.radius, extents.axes);
  return [mapPixels(image, (pixel) => {
    const values = windowOf(image, extents, pixel, radii, options);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  })];
}
