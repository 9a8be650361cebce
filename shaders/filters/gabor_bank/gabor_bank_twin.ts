import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { borderIndex } from "../border.ts";
import { type Axis, countAlong, type Extents, extentsOf } from "../extents.ts";
import { realTwin, transformTwin } from "../fourier/fourier_twin.ts";
import type { Complex } from "../fourier/line_transform.ts";
import { noiseLevelTwin } from "../noise_level.ts";
import { placeAlong, strideOf } from "../pixels_twin.ts";
import { type Bump, centralBumps, directedBumps, frequencyOf } from "./bank.ts";
import { type GaborBankOptions, paddedExtents } from "./gabor_bank.ts";

/** {@linkcode gaborBank} in f64, from the definition: whole filters over all frequencies. */
export function gaborBankTwin(inputs: readonly HostTensor[], options: GaborBankOptions): HostTensor[] {
  const [image] = inputs;
  if (sizeOf(image.shape) === 0) return [{ ...image }];
  const extents = extentsOf("gaborBank", image, options.slicewise);
  const sigma = noiseLevelTwin(inputs, options.sigma);
  const slices = extents.axes.includes("z") ? 1 : extents.depth;
  const one = { ...extents, channels: 1, depth: extents.depth / slices };
  const size = one.depth * one.height * one.width;
  const data = new Float64Array(image.data.length);
  for (let index = 0; index < extents.channels * slices; index++) {
    const pixels = image.data.subarray(index * size, (index + 1) * size);
    const mean = pixels.reduce((sum, pixel) => sum + pixel, 0) / size;
    const clean = denoise(pixels.map((pixel) => pixel - mean), one, sigma[Math.floor(index / slices)], options);
    data.set(clean.map((pixel) => pixel + mean), index * size);
  }
  return [{ dtype: "f32", shape: image.shape, data }];
}

function denoise(pixels: Float64Array, extents: Extents, sigma: number, options: GaborBankOptions): Float64Array {
  const { strength, border } = options;
  const padded = paddedExtents(extents, border);
  const { axes } = extents;
  const count = padded.depth * padded.height * padded.width;
  const periodic = new Float64Array(count).map((_, at) => pixels[sourceOf(at, extents, padded, border)]);
  const spectrum = transformTwin(realTwin(periodic), padded, axes);
  const filter = (bump: Bump, sign: 1 | -1) =>
    new Float64Array(count).map((_, at) => {
      const squares = axes.map((axis, index) => {
        const w = frequencyOf(placeAlong(padded, axis, at), countAlong(padded, axis));
        return (w - sign * bump.center[index]) ** 2;
      });
      return Math.exp(-squares.reduce((sum, square) => sum + square, 0) / (2 * bump.width ** 2));
    });
  const shrunk = (gain: Float64Array) => {
    const weighed = {
      real: spectrum.real.map((x, at) => x * gain[at]),
      imaginary: spectrum.imaginary.map((x, at) => x * gain[at]),
    };
    const response = transformTwin(weighed, padded, axes, true);
    const threshold = strength * sigma * Math.sqrt(gain.reduce((sum, value) => sum + value ** 2, 0) / count);
    for (let at = 0; at < count; at++) {
      const magnitude = Math.hypot(response.real[at], response.imaginary[at]);
      const kept = magnitude > threshold ? 1 - (threshold / magnitude) ** 2 : 0;
      response.real[at] *= kept;
      response.imaginary[at] *= kept;
    }
    return response;
  };
  const squares = new Float64Array(count);
  const sum = { real: new Float64Array(count), imaginary: new Float64Array(count) };
  const add = (gain: Float64Array, { real, imaginary }: Complex) => {
    for (let at = 0; at < count; at++) {
      sum.real[at] += gain[at] * real[at];
      sum.imaginary[at] += gain[at] * imaginary[at];
    }
  };
  const { low, high } = centralBumps(axes.length);
  const lowGain = filter(low, 1);
  add(lowGain.map((gain) => gain ** 2), spectrum);
  const highGain = filter(high, 1).map((value) => 1 - value);
  add(highGain, transformTwin(shrunk(highGain), padded, axes));
  squares.forEach((_, at) => squares[at] += lowGain[at] ** 2 + highGain[at] ** 2);
  // Twice the real part of all responses, so that those of the opposite directions are in.
  const directed = { real: new Float64Array(count), imaginary: new Float64Array(count) };
  for (const bump of directedBumps(axes.length)) {
    const gain = filter(bump, 1);
    const opposite = filter(bump, -1);
    const response = transformTwin(shrunk(gain), padded, axes);
    for (let at = 0; at < count; at++) {
      squares[at] += gain[at] ** 2 + opposite[at] ** 2;
      directed.real[at] += gain[at] * response.real[at];
      directed.imaginary[at] += gain[at] * response.imaginary[at];
    }
  }
  const doubled = transformTwin(directed, padded, axes, true).real.map((value) => 2 * value);
  add(new Float64Array(count).fill(1), transformTwin(realTwin(doubled), padded, axes));
  const quotient = {
    real: sum.real.map((x, at) => x / squares[at]),
    imaginary: sum.imaginary.map((x, at) => x / squares[at]),
  };
  const result = transformTwin(quotient, padded, axes, true).real;
  return pixels.map((_, at) => {
    const place = (axis: Axis) => placeAlong(extents, axis, at) * strideOf(padded, axis);
    return result[place("z") + place("y") + place("x")];
  });
}

/** The pixel of the image that stands at a place of the periodic one: half of what is more lies beyond either border. */
function sourceOf(at: number, extents: Extents, padded: Extents, border: GaborBankOptions["border"]): number {
  return (["z", "y", "x"] as const).reduce((source, axis) => {
    const [count, length] = [countAlong(extents, axis), countAlong(padded, axis)];
    const place = placeAlong(padded, axis, at);
    const signed = place < count + Math.ceil((length - count) / 2) ? place : place - length;
    return source + borderIndex(signed, count, border)! * strideOf(extents, axis);
  }, 0);
}
