import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Recorder, type Value } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { grid } from "../../lib/mod.ts";
import { sizeOf } from "../../shape.ts";
import { foldedGroups, groupSize } from "../../groups.ts";
import { blendWindowsTwin } from "./blend_windows_twin.ts";
import clear from "./blend_windows_clear.wgsl" with { type: "text" };
import text from "./blend_windows.wgsl" with { type: "text" };

/** Options of {@linkcode blendWindows}. */
export interface BlendWindowsOptions {
  /** Size of the volume: depth, height, width. */
  size: [number, number, number];
  /** First voxels of the windows along each axis; a window stands at each combination, the last axis the fastest. */
  starts: [number[], number[], number[]];
}

/** Standard deviation of a window's weights, as a part of its side: MONAI's and nnU-Net's. */
const sigmaShare = 1 / 8;

const clearPage = definePage({
  name: "blend_windows_clear",
  file: import.meta.resolve("./blend_windows_clear.wgsl"),
  text: clear,
  libs: [grid],
  bindings: [{ name: "sum", access: "write", layout: "linear" }],
});
const page = definePage({
  name: "blend_windows",
  file: import.meta.resolve("./blend_windows.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "block", access: "read", layout: "linear" },
    { name: "weights", access: "read", layout: "linear" },
    { name: "sum", access: "read_write", layout: "linear" },
  ],
});

/** Where windows of a side begin along an axis so that they cover it, each `overlap` of a side over the one before. */
export function windowStarts(length: number, side: number, overlap: number): number[] {
  const last = Math.max(0, length - side);
  const step = Math.max(1, Math.floor(side * (1 - overlap)));
  return Array.from({ length: Math.ceil(last / step) + 1 }, (_, at) => Math.min(at * step, last));
}

/**
 * The weights of the windows along one axis, a list for each: a Gaussian about the window's middle, divided by the sum of
 * all windows there. As the windows are a grid, the products over the three axes sum to 1 at each voxel.
 */
export function windowWeights(side: number, starts: readonly number[]): number[][] {
  const bell = Array.from(
    { length: side },
    (_, at) => Math.exp(-0.5 * ((at - (side - 1) / 2) / (sigmaShare * side)) ** 2),
  );
  const sumAt = (voxel: number): number => starts.reduce((sum, start) => sum + (bell[voxel - start] ?? 0), 0);
  return starts.map((start) => bell.map((weight, at) => weight / sumAt(start + at)));
}

/** Some slices of a volume. */
export interface Slices {
  readonly first: number;
  /** The one behind the last. */
  readonly last: number;
}

/**
 * Records the blending of windows that are made one by one, so that only one of them is there at a time: `make(start)`
 * records the window `[1, C, d, h, w]` that begins at a voxel. Gives `[1, C, ...size]`.
 */
export function recordBlending(
  r: Recorder,
  channels: number,
  side: readonly [number, number, number],
  options: BlendWindowsOptions,
  make: (start: readonly [number, number, number]) => Value,
): Value {
  const shape = [1, channels, ...options.size];
  if (sizeOf(shape) === 0) return r.temporary({ dtype: "f32", shape });
  const sums: Value[] = [];
  const whole = { first: 0, last: options.size[0] };
  recordBlendingOf(r, channels, side, options, [whole], make, (sum) => void sums.push(sum));
  return sums[0];
}

/**
 * The same for some slices of the volume at a time, which may overlap: `done(sum, part)` is told `[1, C, last - first, H, W]` as
 * soon as no window reaches there any more, so that the whole is never there.
 */
export function recordBlendingOf(
  r: Recorder,
  channels: number,
  side: readonly [number, number, number],
  { size: [, height, width], starts }: BlendWindowsOptions,
  parts: readonly Slices[],
  make: (start: readonly [number, number, number]) => Value,
  done: (sum: Value, part: number) => void,
): void {
  const weights = side.map((length, axis) => windowWeights(length, starts[axis]));
  const slab = (layers: number, elements: number, whole: readonly string[]) => {
    const inLayer = Math.ceil(elements / groupSize);
    const groups = (count: number): [number, number, number] => [...foldedGroups(inLayer), count];
    return { groups: groups(layers), slab: { layers, halo: 0, whole, groups } };
  };
  const cleared = ({ first, last }: Slices): Value => {
    const sum = r.temporary({ dtype: "f32", shape: [1, channels, last - first, height, width] });
    r.dispatch(clearPage, {
      bind: { sum },
      params: { each: height * width },
      iterations: 1,
      ...slab(channels * (last - first), height * width, []),
    });
    return sum;
  };
  const open = new Map<number, Value>();
  for (const [k, z] of starts[0].entries()) {
    const touched = [...parts.entries()].filter(([, { first, last }]) => first < z + side[0] && last > z);
    for (const [j, y] of starts[1].entries()) {
      for (const [i, x] of starts[2].entries()) {
        const table = Float32Array.from([...weights[0][k], ...weights[1][j], ...weights[2][i]]);
        const block = make([z, y, x]);
        for (const [at, part] of touched) {
          const sum = open.get(at) ?? cleared(part);
          open.set(at, sum);
          const depth = part.last - part.first;
          r.dispatch(page, {
            bind: { block, weights: r.constant(table, [table.length]), sum },
            params: { size: [depth, height, width], side, start: [z - part.first, y, x] },
            iterations: 1,
            ...slab(channels * depth, side[1] * side[2], ["block", "weights"]),
          });
        }
      }
    }
    const next = starts[0][k + 1] ?? Infinity;
    for (const [at, sum] of open) {
      if (parts[at].last > next) continue;
      open.delete(at);
      done(sum, at);
    }
  }
}

/**
 * `r.apply(blendWindows, windows, { size, starts })`: a volume `[1, C, D, H, W]` of the windows `[1, C, d, h, w]` that a
 * network saw of it, each weighted by a Gaussian of an eighth of its side about its middle, as MONAI and nnU-Net do. The
 * windows must cover the volume. O(voxels of the windows).
 */
export const blendWindows: Operation<BlendWindowsOptions> = {
  name: "blendWindows",
  options: optionsOf(z.strictObject({
    size: z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)]),
    starts: z.tuple([z.array(z.int().min(0)), z.array(z.int().min(0)), z.array(z.int().min(0))]),
  })),
  outputs: (windows, { size, starts }) => {
    const [{ shape }] = windows;
    const wanted = starts.reduce((product, list) => product * list.length, 1);
    const isSame = windows.every((window) => window.dtype === "f32" && window.shape.join() === shape.join());
    if (windows.length !== wanted || shape.length !== 5 || shape[0] !== 1 || !isSame) {
      throw new RangeError(
        `blendWindows got ${windows.length} windows of [${shape}]: it must be ${wanted}, f32, all of one shape [1, C, d, h, w]`,
      );
    }
    const covers = size.every((length, axis) => {
      const side = shape[2 + axis];
      const begins = starts[axis];
      return begins[0] === 0 && begins.every((start, at) => start + side >= (begins[at + 1] ?? length)) &&
        begins.at(-1)! + side === length;
    });
    if (!covers) {
      throw new RangeError(
        `blendWindows got windows of [${shape.slice(2)}] from [${
          starts.map((list) => `[${list}]`)
        }]: they must cover [${size}]`,
      );
    }
    return [{ dtype: "f32", shape: [1, shape[1], ...size] }];
  },
  cost: (windows, { size }) => {
    const elements = windows.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
    return { bytes: 12 * elements + 4 * windows[0].shape[1] * sizeOf(size), flops: 4 * elements };
  },
  record: (r, windows, options) => {
    const [, channels, ...side] = windows[0].shape;
    let at = 0;
    return [recordBlending(r, channels, side as [number, number, number], options, () => windows[at++])];
  },
  twin: (windows: readonly HostTensor[], options) => blendWindowsTwin(windows, options),
  // Three roundings of weights, their products, and a sum of at most a few windows an axis.
  bound: 2e-6,
};
