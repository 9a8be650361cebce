import type { HostTensor } from "../../contract.ts";
import { type Extents, extentsOf } from "../extents.ts";
import { noiseLevelTwin } from "../noise_level.ts";
import { mapPixels, windowOf } from "../pixels_twin.ts";
import type { BilateralOptions } from "./bilateral.ts";
import { bilateralScales, defaultStrength } from "./bilateral_scales.ts";
import { insideWindow } from "./bilateral_window.ts";

/** {@linkcode bilateral}: each pixel's mean over its window, weighted by nearness in space and in color. */
export function bilateralTwin(inputs: readonly HostTensor[], options: BilateralOptions): HostTensor[] {
  const [image] = inputs;
  const extents = extentsOf("bilateral", image, options.slicewise);
  const { radii, sigmas } = bilateralScales(image, options);
  const steps = stepsOf(radii);
  const near = steps.map((step) =>
    insideWindow(step, radii, options.window)
      ? Math.exp(-step.reduce((sum, s, axis) => sum + (s === 0 ? 0 : (s / sigmas[axis]) ** 2), 0) / 2)
      : 0
  );
  const sigmaColors = colorSigmas(inputs, extents, options);
  const channelSize = extents.depth * extents.height * extents.width;
  const joint = options.colorDistance !== "separate";
  return [mapPixels(image, (pixel) => {
    const channel = Math.floor(pixel / channelSize);
    const others = joint ? [...Array(extents.channels).keys()] : [channel];
    const windows = others.map((c) => windowOf(image, extents, pixel + (c - channel) * channelSize, radii, options));
    const own = others.map((c) => image.data[pixel + (c - channel) * channelSize]);
    const values = windows[others.indexOf(channel)];
    let total = 0;
    let sum = 0;
    values.forEach((value, at) => {
      if (near[at] === 0) return;
      const differences = windows.map((window, index) => Math.abs(window[at] - own[index]));
      const distance = options.colorDistance === "sum"
        ? differences.reduce((a, b) => a + b, 0)
        : Math.hypot(...differences);
      const alike = distance === 0 ? 1 : Math.exp(-((distance / sigmaColors[channel]) ** 2) / 2);
      total += near[at] * alike;
      sum += near[at] * alike * value;
    });
    return sum / total;
  })];
}

/** Every step of a box, in the order of `windowOf`. */
function stepsOf(radii: readonly number[]): number[][] {
  return radii.reduce<number[][]>(
    (steps, radius) =>
      steps.flatMap((step) => Array.from({ length: 2 * radius + 1 }, (_, index) => [...step, index - radius])),
    [[]],
  );
}

/** Standard deviation of colors for each channel. */
function colorSigmas(inputs: readonly HostTensor[], { channels }: Extents, options: BilateralOptions): number[] {
  if (options.sigmaColor !== undefined) return Array(channels).fill(options.sigmaColor);
  const strength = options.strength ?? defaultStrength;
  const levels = [...noiseLevelTwin(inputs, options.sigma)];
  if (options.colorDistance === "separate") return levels.map((level) => strength * level);
  const meanSquare = levels.reduce((sum, level) => sum + level * level, 0) / channels;
  return levels.map(() => strength * Math.sqrt(meanSquare));
}
