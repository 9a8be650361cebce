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
  const begin = i * scale;
  const end = begin + scale;
  const result: [number, number][] = [];
  for (let at = Math.floor(begin); at < Math.min(Math.ceil(end), from); at++) {
    result.push([at, Math.max(0, Math.min(end, at + 1) - Math.max(begin, at)) / scale]);
  }
  return result;
}

/** Resampling as a sum over all axes at once. */
export function resampleTwin([input]: readonly HostTensor[], { size, method }: ResampleOptions): HostTensor[] {
  const first = input.shape.length - size.length;
  const outer = sizeOf(input.shape.slice(0, first));
  const [d0, h0, w0] = padded(input.shape.slice(first));
  const [d, h, w] = padded(size);
  const data = new Float64Array(outer * d * h * w);
  for (let n = 0, at = 0; n < outer; n++) {
    for (let z = 0; z < d; z++) {
      for (let y = 0; y < h; y++) {
        for (let x = 0; x < w; x++, at++) {
          for (const [sz, wz] of weights(z, d0, d, method)) {
            for (const [sy, wy] of weights(y, h0, h, method)) {
              for (const [sx, wx] of weights(x, w0, w, method)) {
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
