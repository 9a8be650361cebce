import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { epilogueTwin, splitAdded } from "../epilogue.ts";
import { poolGeometry, type PoolOptions } from "./pool.ts";

/** Pooling in f64, from its definition. */
export function poolTwin(inputs: readonly HostTensor[], options: PoolOptions): HostTensor[] {
  const { own: [x], added } = splitAdded(inputs, options.epilogue);
  const g = poolGeometry(x, options);
  const shape = [x.shape[0], x.shape[1], ...g.output];
  const data = new Float64Array(sizeOf(shape));
  const strides = stridesOf(g.input);
  let index = 0;
  for (const [n, c, ...at] of positions(shape)) {
    const plane = (n * x.shape[1] + c) * sizeOf(g.input);
    let greatest = -Infinity, elements = 0, sum = 0, counted = 0;
    for (const k of positions(g.kernel)) {
      const p = k.map((tap, axis) => at[axis] * g.strides[axis] - g.padsBegin[axis] + tap * g.dilations[axis]);
      const inside = p.every((position, axis) => position >= 0 && position < g.input[axis]);
      const padded = p.every((position, axis) =>
        position >= -g.padsBegin[axis] && position < g.input[axis] + g.padsEnd[axis]
      );
      if (options.countIncludePad ? padded : inside) counted++;
      if (!inside) continue;
      const value = x.data[plane + p.reduce((sum, position, axis) => sum + position * strides[axis], 0)];
      elements++;
      greatest = Math.max(greatest, value);
      sum += value;
    }
    const value = options.kind === "max"
      ? elements > 0 ? greatest : -3.4028234663852886e38
      : sum / Math.max(counted, 1);
    data[index] = epilogueTwin(value, added?.data[index] ?? 0, options.epilogue);
    index++;
  }
  return [{ dtype: x.dtype, shape, data }];
}
