import type { HostTensor } from "../../contract.ts";
import { isFloat, positions, sizeOf, stridesOf } from "../../shape.ts";
import { wrapTwin } from "../integers.ts";
import { reducedAxes, type ReduceOptions } from "./reduce.ts";
import { reduceFunctions } from "./reduce_table.ts";

/** A reduction in f64: all elements of each result collected, then reduced. */
export function reduceTwin([x]: readonly HostTensor[], options: ReduceOptions): HostTensor[] {
  const axes = reducedAxes(x, options);
  const kept = x.shape.map((size, axis) => axes.includes(axis) ? 1 : size);
  const strides = stridesOf(kept);
  const lists: number[][] = Array.from({ length: sizeOf(kept) }, () => []);
  let index = 0;
  for (const at of positions(x.shape)) {
    lists[at.reduce((sum, position, axis) => sum + (axes.includes(axis) ? 0 : position * strides[axis]), 0)]
      .push(x.data[index++]);
  }
  const { twin } = reduceFunctions[options.kind];
  const value = (list: number[]) => isFloat(x.dtype) ? twin(list) : wrapTwin(Math.trunc(twin(list)), x.dtype);
  const shape = options.keepDims ? kept : kept.filter((_, axis) => !axes.includes(axis));
  return [{ dtype: x.dtype, shape, data: Float64Array.from(lists, value) }];
}
