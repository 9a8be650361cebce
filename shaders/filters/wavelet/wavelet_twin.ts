import type { HostTensor } from "../../contract.ts";
import { dwt } from "../dwt/dwt.ts";
import { medianMagnitude, normalMedian } from "../estimate_sigma/estimate_sigma_twin.ts";
import { idwt } from "../idwt/idwt.ts";
import type { WaveletOptions } from "./wavelet.ts";
import { levelsFor, waveletExtents } from "./levels.ts";

/** {@linkcode wavelet} in f64: each channel, and each slice where slices are filtered, for itself. */
export function waveletTwin([image, sigma]: readonly HostTensor[], options: WaveletOptions): HostTensor[] {
  const extents = waveletExtents(image, options.slicewise);
  const parts = extents.channels * (extents.axes.length < extents.spatial.length ? extents.depth : 1);
  const shape = [1, ...image.shape.slice(-extents.axes.length)];
  const size = image.data.length / (parts || 1);
  const levels = levelsFor(extents, options);
  const data = new Float64Array(image.data.length);
  for (let part = 0; part < parts && size > 0; part++) {
    const channel = Math.floor(part * extents.channels / parts);
    const level = sigma?.data[channel] ?? (options.sigma === "auto" ? undefined : Math.fround(options.sigma));
    const one: HostTensor = { dtype: "f32", shape, data: image.data.subarray(part * size, (part + 1) * size) };
    data.set(cycleSpun(one, options, levels, level), part * size);
  }
  return [{ dtype: "f32", shape: image.shape, data }];
}

/** The mean over all circular shifts from 0 to `cycleSpin` along every axis. */
function cycleSpun(image: HostTensor, options: WaveletOptions, levels: number, sigma?: number): Float64Array {
  const sizes = image.shape.slice(1);
  const side = options.cycleSpin + 1;
  const shifts = side ** sizes.length;
  const total = new Float64Array(image.data.length);
  for (let number = 0; number < shifts; number++) {
    const steps = sizes.map((_, axis) => Math.floor(number / side ** axis) % side);
    // Where each pixel of the shifted image comes from.
    const sources = image.data.map((_, index) => {
      let rest = index;
      let source = 0;
      let stride = 1;
      for (let axis = sizes.length - 1; axis >= 0; axis--) {
        const place = rest % sizes[axis];
        rest = Math.floor(rest / sizes[axis]);
        source += ((place - steps[axis]) % sizes[axis] + sizes[axis]) % sizes[axis] * stride;
        stride *= sizes[axis];
      }
      return source;
    });
    const shifted = sources.map((source) => image.data[source]);
    const clean = shrink({ ...image, data: shifted }, options, levels, sigma);
    sources.forEach((source, index) => total[source] += clean[index] / shifts);
  }
  return total;
}

function shrink(image: HostTensor, options: WaveletOptions, levels: number, given?: number): Float64Array {
  const transform = { wavelet: options.wavelet, border: options.border, slicewise: false };
  const [approximation, ...details] = dwt.twin([image], { ...transform, levels });
  const sigma = options.strength * (given ?? medianMagnitude(details.at(-1)!.data) / normalMedian);
  const shrunk = details.map((band) => {
    const threshold = thresholdOf(band.data, sigma, options, image.data.length);
    const data = band.data.map((value) => {
      const size = Math.abs(value);
      if (options.threshold === "hard") return size < threshold ? 0 : value;
      return Math.sign(value) * Math.max(0, size - threshold);
    });
    return { ...band, data };
  });
  return idwt.twin([approximation, ...shrunk], { ...transform, size: image.shape.slice(1) })[0].data;
}

function thresholdOf(band: Float64Array, sigma: number, { method }: WaveletOptions, pixels: number): number {
  switch (method) {
    case "VisuShrink":
      return sigma * Math.sqrt(2 * Math.log(pixels));
    case "BayesShrink": {
      const square = band.reduce((sum, value) => sum + value * value, 0) / band.length;
      return sigma ** 2 / Math.sqrt(Math.max(square - sigma ** 2, Number.EPSILON));
    }
    case "SureShrink":
      return sigma === 0 ? 0 : sureThreshold(band, sigma);
  }
}

/** The magnitude t, in units of sigma, of least `n - 2 #{|c| <= t} + sum of min(c^2, t^2)`. */
function sureThreshold(band: Float64Array, sigma: number): number {
  const sorted = band.map((value) => Math.abs(value) / sigma).sort();
  const count = sorted.length;
  let squares = 0;
  let best = 0;
  let least = Infinity;
  sorted.forEach((value, index) => {
    squares += value * value;
    const below = index + 1;
    if (below < count && sorted[below] === value) return;
    const risk = count - 2 * below + squares + (count - below) * value * value;
    if (risk < least) [best, least] = [value, risk];
  });
  return sigma * best;
}
