import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, positions, sizeOf, stridesOf, xyz } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { poolGeometry, type PoolOptions, type PoolWindows, poolWindows } from "../pool/pool.ts";
import { costOf } from "../cost.ts";
import text from "./pool_indices.wgsl" with { type: "text" };
import { poolIndicesCases } from "./pool_indices_cases.ts";

/** Options of a search in windows, whose place and size are those of a pooling. */
export interface PoolIndicesOptions extends PoolWindows {
  /** Indices count down the spatial axes, the first one fastest. Default false. */
  readonly columnMajor: boolean;
}

const page: Page = definePage({
  name: "pool_indices",
  file: import.meta.resolve("./pool_indices.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "y", access: "write", layout: "linear", element: "i32" },
  ],
});

const asPool = ({ columnMajor: _, ...rest }: PoolIndicesOptions): PoolOptions => {
  return { ...rest, kind: "max", countIncludePad: false, epilogue: [] };
};

/**
 * Where the greatest element of each window of `[N, C, ...spatial]` stands: its index in the whole input, as i64. Of equal
 * ones the first counts; NaN counts as the greatest. Pads never count; a window without any element gives 0. One to three
 * spatial axes. Source: ONNX `MaxPool`, second output. O(outputs * window).
 */
export const poolIndices: Operation<PoolIndicesOptions> = {
  name: "poolIndices",
  options: optionsOf<PoolIndicesOptions>(z.strictObject({
    ...poolWindows,
    columnMajor: z.boolean().default(false),
  })),
  outputs: ([x], options) => {
    if (!isFloat(x.dtype)) throw new TypeError(`poolIndices takes floats, not ${x.dtype}: cast the input`);
    return [{ dtype: "i64", shape: [...x.shape.slice(0, 2), ...poolGeometry(x, asPool(options)).output] }];
  },
  cost: (inputs, options) => {
    const outputs = poolIndices.outputs(inputs, options);
    return costOf(inputs, outputs, sizeOf(outputs[0].shape) * sizeOf(options.kernel));
  },
  record: (r, [x], options) => {
    const y = r.temporary(poolIndices.outputs([x], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const g = poolGeometry(x, asPool(options));
    const size = (list: readonly number[], missing: number) => [...xyz(list, missing), 0];
    const kernel = xyz(g.kernel, 1);
    const strides = stridesOf(options.columnMajor ? g.input.toReversed() : g.input);
    r.dispatch(page, {
      bind: { x, y },
      params: {
        input: size(g.input, 1),
        output: size(g.output, 1),
        kernel: [...kernel, 0],
        strides: size(g.strides, 1),
        pads: size(g.padsBegin, 0),
        dilations: size(g.dilations, 1),
        count: size(options.columnMajor ? strides.toReversed() : strides, 0),
      },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: nestedIterations([...kernel].reverse()),
    });
    return [y];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const g = poolGeometry(x, asPool(options));
    const shape = [x.shape[0], x.shape[1], ...g.output];
    const own = stridesOf(g.input);
    const counted = options.columnMajor ? stridesOf(g.input.toReversed()).toReversed() : own;
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    for (const [n, c, ...at] of positions(shape)) {
      const plane = (n * x.shape[1] + c) * sizeOf(g.input);
      let best: number | undefined, chosen = 0;
      for (const k of positions(g.kernel)) {
        const p = k.map((tap, axis) => at[axis] * g.strides[axis] - g.padsBegin[axis] + tap * g.dilations[axis]);
        if (p.some((position, axis) => position < 0 || position >= g.input[axis])) continue;
        const dot = (strides: readonly number[]) =>
          p.reduce((sum, position, axis) => sum + position * strides[axis], 0);
        const value = x.data[plane + dot(own)];
        const better = best === undefined || (Number.isNaN(value) ? !Number.isNaN(best) : value > best);
        if (better) [best, chosen] = [value, plane + dot(counted)];
      }
      data[index++] = chosen;
    }
    return [{ dtype: "i64", shape, data }];
  },
  // Indices.
  bound: 0,
  cases: poolIndicesCases,
};
