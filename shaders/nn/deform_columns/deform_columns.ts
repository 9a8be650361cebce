import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { positions, showShape, sizeOf } from "../../shape.ts";
import { costOf } from "../cost.ts";
import text from "./deform_columns.wgsl" with { type: "text" };
import { deformColumnsCases } from "./deform_columns_cases.ts";

/** Options of a deformed window. Lists have two entries: rows, columns. */
export interface DeformColumnsOptions {
  /** Size of the window. */
  readonly kernel: readonly number[];
  /** Step between windows. */
  readonly strides: readonly number[];
  /** Distance between the window's positions, before they are moved. */
  readonly dilations: readonly number[];
  /** Positions before each axis. */
  readonly padsBegin: readonly number[];
  /** Groups of channels that move together. Default 1. */
  readonly offsetGroups: number;
}

const page: Page = definePage({
  name: "deform_columns",
  file: import.meta.resolve("./deform_columns.wgsl"),
  text,
  libs: [grid],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "offset", access: "read", layout: "linear" },
    { name: "mask", access: "read", layout: "linear" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

function check([x, offset, mask]: readonly Spec[], { kernel, offsetGroups }: DeformColumnsOptions): void {
  const moved = offsetGroups * sizeOf(kernel);
  const fits = x.shape.length === 4 && offset.shape.length === 4 && offset.shape[0] === x.shape[0] &&
    offset.shape[1] === 2 * moved && x.shape[1] % offsetGroups === 0 &&
    (mask === undefined || String(mask.shape) === String([x.shape[0], moved, ...offset.shape.slice(2)]));
  if (fits) return;
  throw new RangeError(
    `deformColumns: offsets ${showShape(offset.shape)}${mask ? ` and mask ${showShape(mask.shape)}` : ""} don't fit ${
      showShape(x.shape)
    } in ${offsetGroups} groups of windows of ${showShape(kernel)}`,
  );
}

/**
 * What a deformed window sees of an image `[N, C, H, W]` at each place of the result: `[N, C * window, rows, columns]`.
 * Each position of the window is moved by its own offset, in pixels, and read with linear weights; outside is 0. A
 * convolution of 1 x 1 makes a deformable convolution of it. Sources: Dai et al. 2017; ONNX `DeformConv`.
 *
 * Inputs: x, offset `[N, groups * window * 2, rows, columns]` (rows before columns), mask? `[N, groups * window, ...]`.
 */
export const deformColumns: Operation<DeformColumnsOptions> = {
  name: "deformColumns",
  options: optionsOf<DeformColumnsOptions>(z.strictObject({
    kernel: z.array(z.int().positive()).length(2),
    strides: z.array(z.int().positive()).length(2).default([1, 1]),
    dilations: z.array(z.int().positive()).length(2).default([1, 1]),
    padsBegin: z.array(z.int()).length(2).default([0, 0]),
    offsetGroups: z.int().positive().default(1),
  })),
  outputs: (inputs, options) => {
    check(inputs, options);
    const [{ dtype, shape: [batch, channels] }, offset] = inputs;
    return [{ dtype, shape: [batch, channels * sizeOf(options.kernel), ...offset.shape.slice(2)] }];
  },
  cost: (inputs, options) => {
    const outputs = deformColumns.outputs(inputs, options);
    return costOf(inputs, outputs, 12 * sizeOf(outputs[0].shape));
  },
  record: (r, [x, offset, mask], options) => {
    const y = r.temporary(deformColumns.outputs(mask ? [x, offset, mask] : [x, offset], options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { kernel, strides, dilations, padsBegin, offsetGroups } = options;
    r.dispatch(page, {
      bind: { x, offset, mask: mask ?? null, y },
      params: {
        size: [x.shape[2], x.shape[3]],
        output: [y.shape[2], y.shape[3]],
        window: kernel,
        strides,
        dilations,
        pads: padsBegin,
        channels: x.shape[1],
        channels_a_group: x.shape[1] / offsetGroups,
      },
      overrides: { HAS_MASK: mask ? 1 : 0 },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: 0,
    });
    return [y];
  },
  twin: ([x, offset, mask]: readonly HostTensor[], options) => {
    const { kernel, strides, dilations, padsBegin, offsetGroups } = options;
    const [batch, channels, height, width] = x.shape;
    const [rows, columns] = offset.shape.slice(2);
    const taps = sizeOf(kernel);
    const data: number[] = [];
    for (const [n, c, tap, row, column] of positions([batch, channels, taps, rows, columns])) {
      const group = Math.floor(c / (channels / offsetGroups));
      const moved = (n * offsetGroups + group) * taps + tap;
      const at = (axis: number) => {
        const own = [Math.floor(tap / kernel[1]), tap % kernel[1]][axis] * dilations[axis];
        const place = [row, column][axis] * strides[axis] - padsBegin[axis] + own;
        return place + offset.data[((moved * 2 + axis) * rows + row) * columns + column];
      };
      const [y, x0] = [at(0), at(1)];
      let sum = 0;
      for (const [j, i] of positions([2, 2])) {
        const [py, px] = [Math.floor(y) + j, Math.floor(x0) + i];
        if (py < 0 || py >= height || px < 0 || px >= width) continue;
        const weight = (1 - Math.abs(y - py)) * (1 - Math.abs(x0 - px));
        sum += weight * x.data[((n * channels + c) * height + py) * width + px];
      }
      data.push(mask ? sum * mask.data[(moved * rows + row) * columns + column] : sum);
    }
    return [{ dtype: x.dtype, shape: [batch, channels * taps, rows, columns], data: Float64Array.from(data) }];
  },
  // Places are computed in f32.
  bound: 2e-6,
  cases: deformColumnsCases,
};
