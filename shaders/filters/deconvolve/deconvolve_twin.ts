import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { countAlong, type Extents } from "../extents.ts";
import { realTwin, transformTwin } from "../fourier/fourier_twin.ts";
import type { Complex } from "../fourier/line_transform.ts";
import { placeAlong, strideOf } from "../pixels_twin.ts";
import { deconvolveGeometry, type DeconvolveOptions } from "./deconvolve.ts";

/** {@linkcode deconvolve} in f64. */
export function deconvolveTwin([image, psf]: readonly HostTensor[], options: DeconvolveOptions): HostTensor[] {
  const { extents, psfSize } = deconvolveGeometry([image, psf], options);
  if (sizeOf(image.shape) === 0) return [{ ...image }];
  const { axes, channels } = extents;
  const spectrum = transformTwin(realTwin(image.data), extents, axes);
  const transfer = transformTwin(realTwin(circular(psf.data, psfSize, extents)), extents, axes);
  const laplacian = image.data.map((_, at) =>
    axes.reduce((sum, axis) => {
      const [k, count] = [placeAlong(extents, axis, at), countAlong(extents, axis)];
      return sum + 2 - 2 * Math.cos(2 * Math.PI * k / count);
    }, 0)
  );
  const pixels = image.data.length / channels;
  const result = { real: new Float64Array(image.data.length), imaginary: new Float64Array(image.data.length) };
  for (let channel = 0; channel < channels; channel++) {
    const begin = channel * pixels;
    const balance = options.balance === "auto"
      ? likeliest(spectrum, transfer, laplacian, begin, begin + pixels)
      : options.balance;
    for (let at = begin; at < begin + pixels; at++) {
      const [a, b] = [transfer.real[at], transfer.imaginary[at]];
      const [u, v] = [spectrum.real[at], spectrum.imaginary[at]];
      const divisor = a * a + b * b + balance * laplacian[at] ** 2;
      if (divisor === 0) continue;
      result.real[at] = (a * u + b * v) / divisor;
      result.imaginary[at] = (a * v - b * u) / divisor;
    }
  }
  const { real } = transformTwin(result, extents, axes, true);
  const data = options.clip ? real.map((value) => Math.max(-1, Math.min(1, value))) : real;
  return [{ dtype: "f32", shape: image.shape, data }];
}

/** The point spread function on the pixels of an image, its middle on the first, the same for each image of a stack. */
function circular(psf: Float64Array, [depth, height, width]: readonly number[], extents: Extents): Float64Array {
  const { axes } = extents;
  const result = new Float64Array(extents.channels * extents.depth * extents.height * extents.width);
  const around = (place: number, size: number, count: number) => (((place - (size >> 1)) % count) + count) % count;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const alongZ = axes.includes("z") ? around(z, depth, extents.depth) * strideOf(extents, "z") : 0;
        const at = alongZ + around(y, height, extents.height) * extents.width + around(x, width, extents.width);
        const step = (axes.includes("z") ? extents.depth : 1) * extents.height * extents.width;
        for (let image = 0; image < result.length; image += step) {
          result[image + at] += psf[(z * height + y) * width + x];
        }
      }
    }
  }
  return result;
}

/**
 * The balance of the greatest likelihood. The data are normal with the variance `p (1 + |H|^2 / (balance |L|^2))`, p the
 * noise's power; with the likeliest p the negative logarithm is, up to constants, `log mean(|Y|^2 u) - mean(log u)` with
 * `u = balance |L|^2 / (balance |L|^2 + |H|^2)`. Where L is 0 the image is unknown and nothing is learned.
 */
function likeliest(y: Complex, h: Complex, laplacian: Float64Array, begin: number, end: number): number {
  const negative = (logarithm: number) => {
    const balance = 10 ** logarithm;
    let [power, logarithms, count] = [0, 0, 0];
    for (let at = begin; at < end; at++) {
      if (laplacian[at] < 1e-12) continue;
      const prior = balance * laplacian[at] ** 2;
      const u = prior / (prior + h.real[at] ** 2 + h.imaginary[at] ** 2);
      power += (y.real[at] ** 2 + y.imaginary[at] ** 2) * u;
      logarithms += Math.log(u);
      count++;
    }
    return count === 0 ? 0 : Math.log(power / count) - logarithms / count;
  };
  let best = -8;
  for (let at = -8; at <= 8; at += 0.25) if (negative(at) < negative(best)) best = at;
  let [low, high] = [Math.max(-8, best - 0.25), Math.min(8, best + 0.25)];
  for (let iteration = 0; iteration < 60; iteration++) {
    const [a, b] = [low + (high - low) * 0.382, low + (high - low) * 0.618];
    if (negative(a) < negative(b)) high = b;
    else low = a;
  }
  return 10 ** ((low + high) / 2);
}
