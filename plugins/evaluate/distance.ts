/** How far the surfaces of two masks are from each other. */
import { sizeOf, stridesOf } from "../../shaders/mod.ts";

const far = 1e20;

/**
 * The 95 % Hausdorff distance of two masks of one shape (`[H, W]` or `[D, H, W]`; above 0.5 is inside), in the unit of
 * `spacing`: of the distances from each surface's elements to the nearest of the other's, the greater of the two 95th
 * percentiles (linear between ranks). An element is on the surface where a neighbor along an axis is outside or missing.
 * Nothing where a mask is empty.
 */
export function hausdorff95(
  mask: ArrayLike<number | bigint>,
  truth: ArrayLike<number | bigint>,
  shape: readonly number[],
  spacing: readonly number[],
): number | null {
  const [one, other] = [surfaceOf(mask, shape), surfaceOf(truth, shape)];
  if (one.length === 0 || other.length === 0) return null;
  return Math.max(
    percentile95(one, squaredDistances(other, shape, spacing)),
    percentile95(other, squaredDistances(one, shape, spacing)),
  );
}

function surfaceOf(mask: ArrayLike<number | bigint>, shape: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const surface: number[] = [];
  for (let at = 0; at < mask.length; at++) {
    if (!(mask[at] > 0.5)) continue;
    const isInner = shape.every((length, axis) => {
      const along = Math.floor(at / strides[axis]) % length;
      return along > 0 && along < length - 1 && mask[at - strides[axis]] > 0.5 && mask[at + strides[axis]] > 0.5;
    });
    if (!isInner) surface.push(at);
  }
  return surface;
}

function percentile95(elements: readonly number[], squared: Float64Array): number {
  const sorted = Float64Array.from(elements, (at) => Math.sqrt(squared[at])).sort();
  const rank = 0.95 * (sorted.length - 1);
  const low = Math.floor(rank);
  return sorted[low] + (rank - low) * (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]);
}

/** Squared distance of each element to the nearest of some: exact, axis by axis (Felzenszwalb and Huttenlocher 2012). */
function squaredDistances(to: readonly number[], shape: readonly number[], spacing: readonly number[]): Float64Array {
  const squared = new Float64Array(sizeOf(shape)).fill(far);
  for (const at of to) squared[at] = 0;
  const strides = stridesOf(shape);
  for (const [axis, length] of shape.entries()) {
    for (let start = 0; start < squared.length; start++) {
      if (Math.floor(start / strides[axis]) % length === 0) sweep(squared, start, strides[axis], length, spacing[axis]);
    }
  }
  return squared;
}

/** The lower envelope of the parabolas on one line. */
function sweep(squared: Float64Array, start: number, stride: number, length: number, step: number): void {
  const heights = Float64Array.from({ length }, (_, i) => squared[start + i * stride]);
  const centers: number[] = [];
  const begins: number[] = [];
  for (let q = 0; q < length; q++) {
    if (heights[q] >= far) continue;
    let begin = -Infinity;
    while (centers.length > 0) {
      const p = centers[centers.length - 1];
      begin = (heights[q] - heights[p] + step * step * (q * q - p * p)) / (2 * step * step * (q - p));
      if (begin > begins[begins.length - 1]) break;
      centers.pop();
      begins.pop();
      begin = -Infinity;
    }
    centers.push(q);
    begins.push(begin);
  }
  if (centers.length === 0) return;
  for (let q = 0, k = 0; q < length; q++) {
    while (k + 1 < centers.length && begins[k + 1] < q) k++;
    squared[start + q * stride] = heights[centers[k]] + (step * (q - centers[k])) ** 2;
  }
}
