import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { epilogueTwin, splitAdded } from "../epilogue.ts";
import { nearestOf, resizedAxes, sourceOf } from "./coordinates.ts";
import type { ResizeOptions } from "./resize.ts";

/** Resizing in f64: the product of the weights of all neighbors. */
export function resizeTwin(inputs: readonly HostTensor[], options: ResizeOptions): HostTensor[] {
  const { own: [x], added } = splitAdded(inputs, options.epilogue);
  const axes = resizedAxes(x.shape, options);
  const shape = axes.map(({ output }) => output);
  const strides = stridesOf(x.shape);
  const data = new Float64Array(sizeOf(shape));
  let index = 0;
  for (const at of positions(shape)) {
    let value = 0;
    for (const corner of positions(shape.map(() => 2))) {
      let from = 0, weight = 1;
      axes.forEach((axis, i) => {
        const same = axis.input === axis.output && axis.scale === 1;
        const source = same ? at[i] : sourceOf(at[i], axis, options);
        const near = options.mode === "nearest" ? nearestOf(source, options.nearestMode) : Math.floor(source);
        const rest = options.mode === "nearest" ? 0 : source - near;
        weight *= corner[i] === 0 ? 1 - rest : rest;
        from += Math.min(Math.max(near + corner[i], 0), axis.input - 1) * strides[i];
      });
      if (weight !== 0) value += weight * x.data[from];
    }
    data[index] = epilogueTwin(value, added?.data[index] ?? 0, options.epilogue);
    index++;
  }
  return [{ dtype: x.dtype, shape, data }];
}
