import type { HostTensor } from "../../contract.ts";
import { extentsOf, forAxes } from "../extents.ts";
import { mapPixels, windowOf } from "../pixels_twin.ts";
import type { MedianOptions } from "./median.ts";

/** {@linkcode median}: the middle of each pixel's sorted window. */
export function medianTwin([image]: readonly HostTensor[], options: MedianOptions): HostTensor[] {
  const extents = extentsOf("median", image, options.slicewise);
  const radii = forAxes("radius", options.radius, extents.axes);
  // The constant is compared as the device holds it.
  const border = { ...options, cval: Math.fround(options.cval) };
  return [mapPixels(image, (pixel) => {
    const values = Float64Array.from(windowOf(image, extents, pixel, radii, border)).sort();
    return values[(values.length - 1) / 2];
  })];
}
