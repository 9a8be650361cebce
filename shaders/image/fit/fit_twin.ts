import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import type { FitOptions } from "./fit.ts";

/** Copies what both sizes have in common. */
export function fitTwin([input]: readonly HostTensor[], { size }: FitOptions): HostTensor[] {
  const leading = input.shape.slice(0, input.shape.length - size.length);
  const pad = new Array<number>(3 - size.length).fill(1);
  const from = [...pad, ...input.shape.slice(leading.length)];
  const to = [...pad, ...size];
  const shift = to.map((n, axis) => Math.trunc((n - from[axis]) / 2));
  const outer = sizeOf(leading);
  const data = new Float64Array(outer * sizeOf(to));
  for (let n = 0; n < outer; n++) {
    for (let z = 0; z < from[0]; z++) {
      for (let y = 0; y < from[1]; y++) {
        for (let x = 0; x < from[2]; x++) {
          const at = [z + shift[0], y + shift[1], x + shift[2]];
          if (at.some((position, axis) => position < 0 || position >= to[axis])) continue;
          data[((n * to[0] + at[0]) * to[1] + at[1]) * to[2] + at[2]] =
            input.data[((n * from[0] + z) * from[1] + y) * from[2] + x];
        }
      }
    }
  }
  return [{ dtype: input.dtype, shape: [...leading, ...size], data }];
}
