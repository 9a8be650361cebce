import type { HostTensor } from "../../contract.ts";
import { countAlong, type Extents } from "../extents.ts";
import { noiseLevelTwin } from "../noise_level.ts";
import { placeAlong, strideOf } from "../pixels_twin.ts";
import type { AnisotropicOptions } from "./anisotropic.ts";
import { removedShare, type Scheme, schemeOf } from "./anisotropic_scheme.ts";

/** {@linkcode anisotropic} in f64, channel by channel and pixel by pixel. */
export function anisotropicTwin(inputs: readonly HostTensor[], options: AnisotropicOptions): HostTensor[] {
  const [image] = inputs;
  const scheme = schemeOf(image, options);
  const data = Float64Array.from(image.data);
  const { channels, depth, height, width } = scheme.extents;
  const size = depth * height * width;
  const noise = scheme.needsNoise ? noiseLevelTwin(inputs, options.sigma) : new Float64Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    const noisy = data.slice(channel * size, (channel + 1) * size);
    const kappa = Math.max(scheme.factor * (options.kappa ?? noise[channel]), 1e-15);
    let smoothed = noisy;
    for (let step = 0; step < scheme.steps; step++) {
      smoothed = diffused(smoothed, scheme, kappa, options);
      const removed = smoothed.reduce((sum, value, pixel) => sum + (value - noisy[pixel]) ** 2, 0) / size;
      if (scheme.stops && removed >= removedShare * noise[channel] ** 2) break;
    }
    data.set(smoothed, channel * size);
  }
  return [{ dtype: "f32", shape: image.shape, data }];
}

/** The place of the neighbor along an axis (1: the next, -1: the last one); at the border the pixel itself. */
function neighbor(extents: Extents, axis: number, pixel: number, side: number): number {
  const name = extents.axes[axis];
  const place = placeAlong(extents, name, pixel) + side;
  return place < 0 || place >= countAlong(extents, name) ? pixel : pixel + side * strideOf(extents, name);
}

function diffused(
  u: Float64Array<ArrayBuffer>,
  { extents, spacing, dt }: Scheme,
  kappa: number,
  { equation, conductance }: AnisotropicOptions,
): Float64Array<ArrayBuffer> {
  const at = (axis: number, pixel: number, side: number) => neighbor(extents, axis, pixel, side);
  const conduct = (gradient: number) =>
    conductance === "rational" ? 1 / (1 + (gradient / kappa) ** 2) : Math.exp(-((gradient / kappa) ** 2));
  /** The difference to the neighbor on a side, in the direction of the axis. */
  const difference = (axis: number, pixel: number, side: number) =>
    side * (u[at(axis, pixel, side)] - u[pixel]) / spacing[axis];
  const central = (axis: number, pixel: number) =>
    (u[at(axis, pixel, 1)] - u[at(axis, pixel, -1)]) / (2 * spacing[axis]);
  const axes = spacing.map((_, axis) => axis);

  const peronaMalik = (pixel: number) =>
    axes.reduce((sum, axis) => {
      const [next, last] = [difference(axis, pixel, 1), difference(axis, pixel, -1)];
      return sum + (conduct(next) * next - conduct(last) * last) / spacing[axis];
    }, 0);

  const curvature = (pixel: number) => {
    const flow = (axis: number, side: number) => {
      const along = difference(axis, pixel, side);
      const beside = at(axis, pixel, side);
      const across = axes.filter((other) => other !== axis).reduce(
        (sum, other) => sum + ((central(other, pixel) + central(other, beside)) / 2) ** 2,
        0,
      );
      const square = along ** 2 + across;
      return conduct(Math.sqrt(square)) * along / Math.sqrt(square + (0.01 * kappa) ** 2);
    };
    const speed = axes.reduce((sum, axis) => sum + (flow(axis, 1) - flow(axis, -1)) / spacing[axis], 0);
    const sign = speed > 0 ? 1 : -1;
    const upwind = axes.reduce(
      (sum, axis) =>
        sum + Math.max(sign * difference(axis, pixel, 1), 0) ** 2 +
        Math.min(sign * difference(axis, pixel, -1), 0) ** 2,
      0,
    );
    return Math.sqrt(upwind) * speed;
  };

  const change = equation === "peronaMalik" ? peronaMalik : curvature;
  return u.map((value, pixel) => value + dt * change(pixel));
}
