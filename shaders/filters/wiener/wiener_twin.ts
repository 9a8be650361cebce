import type { HostTensor } from "../../contract.ts";
import { extentsOf, forAxes } from "../extents.ts";
import { noiseLevelTwin } from "../noise_level.ts";
import { mapPixels, windowOf } from "../pixels_twin.ts";
import type { WienerOptions } from "./wiener.ts";

/** {@linkcode wiener} in f64: mean and variance of each pixel's window, then the pixel's share of its difference. */
export function wienerTwin([image, sigma]: readonly HostTensor[], options: WienerOptions): HostTensor[] {
  const extents = extentsOf("wiener", image, options.slicewise);
  const radii = forAxes("radius", options.radius, extents.axes);
  const windows = (compute: (values: number[]) => number) =>
    mapPixels(image, (pixel) => compute(windowOf(image, extents, pixel, radii, options))).data;
  const means = windows(mean);
  const variances = windows((values) => {
    const middle = mean(values);
    return mean(values.map((value) => (value - middle) ** 2));
  });
  const pixels = image.data.length / (image.shape[0] || 1);
  const powers = Array.from({ length: image.shape[0] }, (_, channel) => {
    if (sigma !== undefined || options.sigma !== undefined) {
      const level = noiseLevelTwin(sigma === undefined ? [image] : [image, sigma], options.sigma ?? "auto");
      return level[channel] ** 2;
    }
    return options.noisePower ?? mean([...variances.subarray(channel * pixels, (channel + 1) * pixels)]);
  });
  return [mapPixels(image, (pixel) => {
    const power = powers[Math.floor(pixel / pixels)];
    const share = variances[pixel] > power ? 1 - power / variances[pixel] : 0;
    return means[pixel] + share * (image.data[pixel] - means[pixel]);
  })];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
