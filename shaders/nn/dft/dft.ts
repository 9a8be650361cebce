import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Spec } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, showShape, sizeOf } from "../../shape.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import text from "./dft.wgsl" with { type: "text" };
import { dftCases } from "./dft_cases.ts";

/** Options of a discrete Fourier transform. */
export interface DftOptions {
  /** The axis that is transformed, from -rank to rank - 2: the last axis has real and imaginary parts. Default -2. */
  readonly axis: number;
  /** Length of the transform: a longer signal is cut, a shorter one is followed by zeros. Default the axis' size. */
  readonly length?: number;
  /** The inverse transform, divided by the length. Default false. */
  readonly inverse: boolean;
  /** Only the first `floor(length / 2) + 1` results. Default false. */
  readonly onesided: boolean;
}

const page: Page = definePage({
  name: "dft",
  file: import.meta.resolve("./dft.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "table", access: "read", layout: "linear" },
    { name: "y", access: "write", layout: "linear" },
  ],
});

interface Sizes {
  readonly axis: number;
  readonly parts: number;
  readonly length: number;
  readonly outputs: number;
}

function sizes({ dtype, shape }: Spec, options: DftOptions): Sizes {
  const axis = axisOf("dft", options.axis, shape.length);
  const parts = shape.at(-1) ?? 0;
  if (!isFloat(dtype) || axis === shape.length - 1 || (parts !== 1 && parts !== 2)) {
    throw new RangeError(
      `dft takes floats [..., 1] or [..., 2] and an axis before the last one, not ${dtype} ${
        showShape(shape)
      }, axis ${axis}`,
    );
  }
  const length = options.length ?? shape[axis];
  if (nestedIterations([length]) > iterationLimit) {
    throw new RangeError(`dft: a transform of ${length} is longer than ${iterationLimit - 2}: cut the signal`);
  }
  return { axis, parts, length, outputs: options.onesided ? Math.floor(length / 2) + 1 : length };
}

/** Cosine and sine of each part of a turn, each as two floats. */
function tableOf(length: number, inverse: boolean): Float32Array {
  const table = new Float32Array(4 * length);
  for (let k = 0; k < length; k++) {
    const angle = (inverse ? 2 : -2) * Math.PI * k / length;
    for (const [i, value] of [Math.cos(angle), Math.sin(angle)].entries()) {
      table[4 * k + 2 * i] = value;
      table[4 * k + 2 * i + 1] = value - Math.fround(value);
    }
  }
  return table;
}

/**
 * Discrete Fourier transform along an axis of real `[..., 1]` or complex `[..., 2]` numbers, by its definition, with sums
 * of twice the precision of f32: what cancels out is 0 to rounding. Source: ONNX `DFT`. O(elements of the result *
 * length).
 */
export const dft: Operation<DftOptions> = {
  name: "dft",
  options: optionsOf<DftOptions>(z.strictObject({
    axis: z.int().default(-2),
    length: z.int().positive().optional(),
    inverse: z.boolean().default(false),
    onesided: z.boolean().default(false),
  })),
  outputs: ([x], options) => {
    const { axis, outputs } = sizes(x, options);
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1).with(axis, outputs), 2] }];
  },
  cost: (inputs, options) => {
    const outputs = dft.outputs(inputs, options);
    return costOf(inputs, outputs, 4 * sizeOf(outputs[0].shape) * sizes(inputs[0], options).length);
  },
  record: (r, [x], options) => {
    const [spec] = dft.outputs([x], options);
    const y = r.temporary(spec);
    if (sizeOf(spec.shape) === 0) return [y];
    const { axis, parts, length, outputs } = sizes(x, options);
    const summed = Math.min(length, x.shape[axis]);
    r.dispatch(page, {
      bind: { x, table: r.constant(tableOf(length, options.inverse), [4 * length]), y },
      params: {
        extent: x.shape[axis],
        summed,
        length,
        outputs,
        inner: sizeOf(x.shape.slice(axis + 1, -1)),
        parts,
        factor: options.inverse ? 1 / length : 1,
        zero: 0,
      },
      groups: Math.ceil(sizeOf(spec.shape) / 2 / 64),
      iterations: nestedIterations([summed]),
    });
    return [y];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const { axis, parts, length, outputs } = sizes(x, options);
    const inner = sizeOf(x.shape.slice(axis + 1, -1)), extent = x.shape[axis];
    const shape = [...x.shape.slice(0, -1).with(axis, outputs), 2];
    const data = new Float64Array(sizeOf(shape));
    for (let index = 0; index < data.length / 2; index++) {
      const line = Math.floor(index / inner);
      const j = line % outputs;
      const start = Math.floor(line / outputs) * extent * inner + index % inner;
      let real = 0, imaginary = 0;
      for (let k = 0; k < Math.min(length, extent); k++) {
        const angle = (options.inverse ? 2 : -2) * Math.PI * (j * k % length) / length;
        const at = (start + k * inner) * parts;
        const [a, b] = [x.data[at], parts === 2 ? x.data[at + 1] : 0];
        real += a * Math.cos(angle) - b * Math.sin(angle);
        imaginary += a * Math.sin(angle) + b * Math.cos(angle);
      }
      data[2 * index] = options.inverse ? real / length : real;
      data[2 * index + 1] = options.inverse ? imaginary / length : imaginary;
    }
    return [{ dtype: x.dtype, shape, data }];
  },
  // One rounding of a sum of twice the precision, and one division.
  bound: 2e-7,
  cases: dftCases,
};
