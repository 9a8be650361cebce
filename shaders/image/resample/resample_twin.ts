import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import type { ResampleOptions } from "./resample.ts";

/** Old pixels and their weights for new pixel `i`. */
function weights(i: number, from: number, to: number, method: ResampleOptions["method"]): [number, number][] {
  const scale = from / to;
  if (method === "nearest") return [[Math.floor((2 * i + 1) * from / (2 * to)), 1]];
  if (method === "linear") {
    const position = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1);
    const low = Math.floor(position);
    return [[low, 1 - (position - low)], [Math.min(low + 1, from - 1), position - low]];
  }
  if (method === "spline") return splineWeights((i + 0.5) * scale - 0.5, from);
  const begin = i * scale;
  const end = begin + scale;
  const result: [number, number][] = [];
  for (let at = Math.floor(begin); at < Math.min(Math.ceil(end), from); at++) {
    result.push([at, Math.max(0, Math.min(end, at + 1) - Math.max(begin, at)) / scale]);
  }
  return result;
}

/** The cubic B-spline through the pixels: its bells about a position, each made of pixels by the inverse of their samples. */
function splineWeights(position: number, from: number): [number, number][] {
  const pole = Math.sqrt(3) - 2;
  const sums = new Map<number, number>();
  const low = Math.floor(position);
  for (let bell = low - 1; bell <= low + 2; bell++) {
    const distance = Math.abs(position - bell);
    const height = distance < 1 ? 2 / 3 - distance ** 2 * (1 - distance / 2) : (2 - distance) ** 3 / 6;
    for (let k = -28; k <= 28; k++) {
      const at = Math.min(Math.max(bell + k, 0), from - 1);
      sums.set(at, (sums.get(at) ?? 0) + height * Math.sqrt(3) * pole ** Math.abs(k));
    }
  }
  return [...sums];
}

/** Resampling as a sum over all axes at once. */
export function resampleTwin([input]: readonly HostTensor[], { size, method }: ResampleOptions): HostTensor[] {
  const first = input.shape.length - size.length;
  const outer = sizeOf(input.shape.slice(0, first));
  const [d0, h0, w0] = padded(input.shape.slice(first));
  const [d, h, w] = padded(size);
  const table = (from: number, to: number) => Array.from({ length: to }, (_, i) => weights(i, from, to, method));
  const [along, down, across] = [table(d0, d), table(h0, h), table(w0, w)];
  const data = new Float64Array(outer * d * h * w);
  for (let n = 0, at = 0; n < outer; n++) {
    for (let z = 0; z < d; z++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++, at++) {
          for (const [sz, wz] of along[z]) {
            for (const [sy, wy] of down[y]) {
              for (const [sx, wx] of across[x]) {
                data[at] += wz * wy * wx * input.data[((n * d0 + sz) * h0 + sy) * w0 + sx];
              }
            }
          }
        }
      }
    }
  }
  return [{ dtype: input.dtype, shape: [...input.shape.slice(0, first), ...size], data }];
}

function padded(size: readonly number[]): number[] {
  return [...new Array<number>(3 - size.length).fill(1), ...size];
}
