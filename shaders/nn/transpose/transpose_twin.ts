import type { HostTensor } from "../../contract.ts";
import { positions, stridesOf } from "../../shape.ts";
import type { TransposeOptions } from "./transpose.ts";

/** Puts each element where its permuted position is. */
export function transposeTwin([x]: readonly HostTensor[], { permutation }: TransposeOptions): HostTensor[] {
  const order = permutation ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
  const shape = order.map((axis) => x.shape[axis]);
  const strides = stridesOf(shape);
  const data = new Float64Array(x.data.length);
  let index = 0;
  for (const at of positions(x.shape)) {
    data[order.reduce((sum, axis, to) => sum + at[axis] * strides[to], 0)] = x.data[index++];
  }
  return [{ dtype: x.dtype, shape, data }];
}
