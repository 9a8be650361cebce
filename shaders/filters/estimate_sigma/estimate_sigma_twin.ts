import type { HostTensor } from "../../contract.ts";
import { borderIndex } from "../border.ts";
import { countAlong, extentsOf } from "../extents.ts";
import { strideOf } from "../pixels_twin.ts";
import { diagonalAxes, diagonalCount, diagonalTaps } from "./diagonal.ts";
import type { EstimateSigmaOptions } from "./estimate_sigma.ts";
import { ricianLevel } from "./rician_twin.ts";

/** Coefficients of one channel, [D, H, W]. */
interface Band {
  readonly data: Float64Array;
  readonly shape: readonly [number, number, number];
}

/** The 75th percentile of the normal distribution: the median of |x| for a standard deviation of 1. */
export const normalMedian = 0.6744897501960817;

/** Estimates the noise of each channel. */
export function estimateSigmaTwin([image]: readonly HostTensor[], { noise }: EstimateSigmaOptions): HostTensor[] {
  const channels = image.shape[0];
  const size = image.data.length / (channels || 1);
  const level = Float64Array.from({ length: channels }, (_, channel) => {
    const one = { ...image, shape: [1, ...image.shape.slice(1)] };
    const values = { ...one, data: image.data.subarray(channel * size, (channel + 1) * size) };
    const gaussian = medianMagnitude(withoutEdges(diagonalBand(values))) / normalMedian;
    return noise === "gaussian" || size === 0 ? gaussian : ricianLevel(values, gaussian);
  });
  return [{ dtype: "f32", shape: [channels], data: level }];
}

/** The median of the magnitudes other than 0, or 0. */
export function medianMagnitude(values: Float64Array): number {
  const sorted = values.filter((value) => value !== 0).map(Math.abs).sort();
  const middle = sorted.length / 2;
  if (sorted.length === 0) return 0;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** The high-pass coefficients along all axes, as differences to a pixel: what is constant gives exactly 0. */
function diagonalBand(image: HostTensor): Band {
  let at = extentsOf("estimateSigma", image, false);
  let data = image.data;
  const axes = diagonalAxes(at);
  if (axes.length === 0 || data.length === 0) return { data: new Float64Array(0), shape: [0, 0, 0] };
  for (const axis of axes.toReversed()) {
    const count = countAlong(at, axis);
    const next = { ...at, [axis === "x" ? "width" : axis === "y" ? "height" : "depth"]: diagonalCount(count) };
    const [stride, source] = [strideOf(at, axis), data];
    const size = next.channels * next.depth * next.height * next.width;
    data = Float64Array.from({ length: size }, (_, index) => {
      const place = Math.floor(index / stride) % diagonalCount(count);
      const line = Math.floor(index / stride / diagonalCount(count)) * count * stride + index % stride;
      const pixel = (i: number) => source[line + borderIndex(i, count, "reflect")! * stride];
      const base = pixel(2 * place);
      return diagonalTaps().reduce((sum, tap, j) => sum + tap * (pixel(2 * place + 1 - j) - base), 0);
    });
    at = next;
  }
  return { data, shape: [at.depth, at.height, at.width] };
}

/** The band with 0 where a coefficient beside it, diagonally too, is 0. */
function withoutEdges({ data, shape: [depth, height, width] }: Band): Float64Array {
  const near = [-1, 0, 1];
  return data.map((value, index) => {
    const [x, y, z] = [index % width, Math.floor(index / width) % height, Math.floor(index / width / height)];
    const touches = near.some((dz) =>
      near.some((dy) =>
        near.some((dx) => {
          const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height && z + dz >= 0 &&
            z + dz < depth;
          return inside && data[index + (dz * height + dy) * width + dx] === 0;
        })
      )
    );
    return touches ? 0 : value;
  });
}
