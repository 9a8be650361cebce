import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, positions, showShape, sizeOf, stridesOf, xyz } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { perAxis } from "../../checks.ts";
import { costOf } from "../cost.ts";
import text from "./columns_to_image.wgsl" with { type: "text" };
import { columnsToImageCases } from "./columns_to_image_cases.ts";

/** Options of putting windows together. Lists have one entry per spatial axis. */
export interface ColumnsToImageOptions {
  /** Size of the image. */
  readonly sizes: readonly number[];
  /** Size of a window. */
  readonly kernel: readonly number[];
  /** Step between windows. Default 1 per axis. */
  readonly strides?: readonly number[];
  /** Distance between a window's positions. Default 1 per axis. */
  readonly dilations?: readonly number[];
  /** Positions before each axis, which are cut off. Default 0. */
  readonly padsBegin?: readonly number[];
  /** Positions after each axis. Default 0. */
  readonly padsEnd?: readonly number[];
}

const page: Page = definePage({
  name: "columns_to_image",
  file: import.meta.resolve("./columns_to_image.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [{ name: "x", access: "read", layout: "linear" }, { name: "y", access: "write", layout: "linear" }],
});

interface Geometry {
  readonly channels: number;
  readonly windows: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padsBegin: readonly number[];
}

function geometry({ dtype, shape }: Spec, options: ColumnsToImageOptions): Geometry {
  const rank = options.sizes.length, name = "columnsToImage";
  const strides = perAxis(name, "strides", options.strides, rank, 1);
  const dilations = perAxis(name, "dilations", options.dilations, rank, 1);
  const padsBegin = perAxis(name, "padsBegin", options.padsBegin, rank, 0);
  const padsEnd = perAxis(name, "padsEnd", options.padsEnd, rank, 0);
  const windows = options.sizes.map((size, axis) => {
    const room = size + padsBegin[axis] + padsEnd[axis] - dilations[axis] * (options.kernel[axis] - 1) - 1;
    return room < 0 ? 0 : Math.floor(room / strides[axis]) + 1;
  });
  const channels = shape[1] / sizeOf(options.kernel);
  const fits = isFloat(dtype) && shape.length === 3 && rank >= 1 && rank <= 3 && options.kernel.length === rank &&
    Number.isInteger(channels) && shape[2] === sizeOf(windows);
  if (!fits) {
    throw new RangeError(
      `columnsToImage: ${dtype} ${showShape(shape)} are no windows ${showShape(options.kernel)} of an image ${
        showShape(options.sizes)
      }, which has ${showShape(windows)} of them`,
    );
  }
  return { channels, windows, strides, dilations, padsBegin };
}

/**
 * An image `[N, C, ...spatial]` as the sum of its windows `[N, C * window, places]`, each where it belongs: the transpose
 * of taking windows. One to three spatial axes. Sources: ONNX `Col2Im`, torch's `fold`. O(elements of the windows).
 */
export const columnsToImage: Operation<ColumnsToImageOptions> = {
  name: "columnsToImage",
  options: optionsOf<ColumnsToImageOptions>(z.strictObject({
    sizes: z.array(z.int().nonnegative()),
    kernel: z.array(z.int().positive()),
    strides: z.array(z.int().positive()).optional(),
    dilations: z.array(z.int().positive()).optional(),
    padsBegin: z.array(z.int().nonnegative()).optional(),
    padsEnd: z.array(z.int().nonnegative()).optional(),
  })),
  outputs: ([x], options) => {
    const { channels } = geometry(x, options);
    return [{ dtype: x.dtype, shape: [x.shape[0], channels, ...options.sizes] }];
  },
  cost: (inputs, options) => costOf(inputs, columnsToImage.outputs(inputs, options), sizeOf(inputs[0].shape)),
  record: (r, [x], options) => {
    const y = r.temporary(columnsToImage.outputs([x], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { windows, strides, dilations, padsBegin } = geometry(x, options);
    const size = (list: readonly number[], missing: number) => [...xyz(list, missing), 0];
    r.dispatch(page, {
      bind: { x, y },
      params: {
        size: size(options.sizes, 1),
        window: size(options.kernel, 1),
        windows: size(windows, 1),
        strides: size(strides, 1),
        dilations: size(dilations, 1),
        pads: size(padsBegin, 0),
      },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: nestedIterations([...xyz(options.kernel, 1)].reverse()),
    });
    return [y];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const { channels, windows, strides, dilations, padsBegin } = geometry(x, options);
    const shape = [x.shape[0], channels, ...options.sizes];
    const own = stridesOf(options.sizes), plane = sizeOf(options.sizes);
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    const rank = options.sizes.length;
    for (const at of positions([x.shape[0] * channels, ...options.kernel, ...windows])) {
      const place = options.sizes.map((_, axis) => {
        return at[1 + rank + axis] * strides[axis] - padsBegin[axis] + at[1 + axis] * dilations[axis];
      });
      const value = x.data[index++];
      if (place.some((position, axis) => position < 0 || position >= options.sizes[axis])) continue;
      data[at[0] * plane + place.reduce((sum, position, axis) => sum + position * own[axis], 0)] += value;
    }
    return [{ dtype: x.dtype, shape, data }];
  },
  // A sum of at most as many elements as a window has. Reached: 8e-8.
  bound: 3e-7,
  cases: columnsToImageCases,
};
