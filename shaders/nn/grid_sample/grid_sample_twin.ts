import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { type GridSampleOptions, sampleTaps } from "./grid_sample.ts";

/** Reflected at both ends till it lies between them. */
function reflected(x: number, low: number, high: number): number {
  const range = high - low;
  if (range <= 0) return low;
  const reflections = Math.floor((x - low) / range);
  const rest = x - low - reflections * range;
  return reflections % 2 === 0 ? low + rest : high - rest;
}

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + Math.abs(below % 2) : Math.round(x);
}

const keys = -0.75;

function cubic(distance: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((keys + 2) * d - (keys + 3)) * d * d + 1;
  return ((keys * d - 5 * keys) * d + 8 * keys) * d - 4 * keys;
}

/** Sampling in f64: along each axis a place, its taps and their weights; then the sum over all combinations. */
export function gridSampleTwin(
  [x, places]: readonly HostTensor[],
  { mode, padding, alignCorners }: GridSampleOptions,
): HostTensor[] {
  const sizes = x.shape.slice(2), rank = sizes.length, strides = stridesOf(sizes);
  const ends = (size: number): [number, number] => alignCorners ? [0, size - 1] : [-0.5, size - 0.5];
  const placeOf = (normal: number, size: number): number => {
    const at = alignCorners ? (normal + 1) / 2 * (size - 1) : ((normal + 1) * size - 1) / 2;
    const place = mode === "nearest" ? roundHalfToEven(at) : at;
    const [low, high] = ends(size);
    if (padding === "border") return Math.min(Math.max(place, 0), size - 1);
    return padding === "reflection" && (place < low || place > high) ? reflected(place, low, high) : place;
  };
  const tapOf = (index: number, size: number): number => {
    if (padding === "border") return Math.min(Math.max(index, 0), size - 1);
    return padding === "reflection"
      ? Math.min(Math.max(Math.trunc(reflected(index, ...ends(size))), 0), size - 1)
      : index;
  };
  const shape = [x.shape[0], x.shape[1], ...places.shape.slice(1, -1)];
  const placesEach = sizeOf(shape.slice(2)), plane = sizeOf(sizes);
  const data = new Float64Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++) {
    const line = Math.floor(index / placesEach);
    const start = (Math.floor(line / shape[1]) * placesEach + index % placesEach) * rank;
    const at = sizes.map((size, axis) => placeOf(places.data[start + rank - 1 - axis], size));
    for (const tap of positions(sizes.map(() => sampleTaps[mode]))) {
      let weight = 1, from = 0, inside = true;
      for (let axis = 0; axis < rank; axis++) {
        const first = mode === "nearest" ? Math.trunc(at[axis]) : Math.floor(at[axis]) - (mode === "cubic" ? 1 : 0);
        const own = tapOf(first + tap[axis], sizes[axis]);
        const distance = at[axis] - first - tap[axis];
        weight *= mode === "nearest" ? 1 : mode === "linear" ? 1 - Math.abs(distance) : cubic(distance);
        inside = inside && own >= 0 && own < sizes[axis];
        from += own * strides[axis];
      }
      if (inside) data[index] += weight * x.data[line * plane + from];
    }
  }
  return [{ dtype: x.dtype, shape, data }];
}
