import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type HostTensor,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { epilogue, functions, grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, positions, showShape, sizeOf, stridesOf, xyz } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { costOf } from "../cost.ts";
import { prefersTexels, texelGrid } from "../texels.ts";
import channels4Text from "./pad_channels4.wgsl" with { type: "text" };
import sourceText from "./pad_source.wgsl" with { type: "text" };
import text from "./pad.wgsl" with { type: "text" };
import { padCases } from "./pad_cases.ts";

/** Options of a padding. Lists have one entry per axis (all axes); negative numbers cut. */
export interface PadOptions {
  /** Positions before each axis. */
  readonly padsBegin: readonly number[];
  /** Positions after each axis. */
  readonly padsEnd: readonly number[];
  /** `reflect` leaves out the outermost element, `edge` repeats it, `wrap` goes on at the other end. Default constant. */
  readonly mode: "constant" | "reflect" | "edge" | "wrap";
  /** Value of the mode constant. Default 0. */
  readonly value: number;
}

const modes = ["constant", "reflect", "edge", "wrap"] as const;

/** Where positions outside have their elements. */
const source: Lib = { file: import.meta.resolve("./pad_source.wgsl"), text: sourceText };

const words: Page = definePage({
  name: "pad",
  file: import.meta.resolve("./pad.wgsl"),
  text,
  libs: [grid, loops, source],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

const texels: Page = definePage({
  name: "pad_channels4",
  file: import.meta.resolve("./pad_channels4.wgsl"),
  text: channels4Text,
  libs: [functions, epilogue, source],
  bindings: [
    { name: "x", access: "read", layout: "channels4" },
    { name: "y", access: "write", layout: "channels4" },
  ],
});

/** Whether texels of channels can be padded: floats with pads along spatial axes only. */
function fitsTexels({ dtype, shape }: Spec, { padsBegin, padsEnd }: PadOptions): boolean {
  const isSpatial = [padsBegin, padsEnd].every(([batch, channels]) => batch === 0 && channels === 0);
  return isFloat(dtype) && shape.length >= 3 && shape.length <= 5 && sizeOf(shape) > 0 && isSpatial;
}

/** Records a padding of texels of channels. */
function recordTexels(r: Recorder, x: Value, spec: Spec, { padsBegin, mode, value }: PadOptions): Value {
  const y = r.temporary(spec);
  const sizes = (list: readonly number[], missing: number) => [...xyz(list.slice(2), missing), 0];
  r.dispatch(texels, {
    bind: { x, y },
    params: {
      input: sizes(x.shape, 1),
      output: sizes(spec.shape, 1),
      begin: sizes(padsBegin, 0),
      channels: x.shape[1],
      value,
    },
    overrides: { MODE: modes.indexOf(mode) },
    ...texelGrid(spec.shape, ["x"]),
    iterations: 0,
  });
  return y;
}

/** The word that stands for a value of a type. */
function wordOf(value: number, dtype: Spec["dtype"]): number {
  const view = new DataView(new ArrayBuffer(4));
  if (isFloat(dtype)) view.setFloat32(0, value);
  else view.setInt32(0, value);
  return view.getUint32(0);
}

/** For each axis, the last one first: result's size, input's size, stride, pad before. Axes without pads are merged. */
function axesOf(x: readonly number[], shape: readonly number[], begin: readonly number[]): number[][] {
  const strides = stridesOf(x);
  const axes: number[][] = [];
  for (let axis = x.length - 1; axis >= 0; axis--) {
    const inner = axes.at(-1);
    const plain = begin[axis] === 0 && shape[axis] === x[axis];
    if (plain && inner && inner[3] === 0 && inner[0] === inner[1]) {
      inner[0] *= shape[axis];
      inner[1] *= shape[axis];
    } else {
      axes.push([shape[axis], x[axis], strides[axis], begin[axis]]);
    }
  }
  return axes.length > 0 ? axes : [[1, 1, 1, 0]];
}

/**
 * Elements around a tensor along any axes; any type. Sources: ONNX `Pad`, `numpy.pad`. O(elements of the result).
 *
 * Forms: `channels4` (floats along spatial axes), `linear`.
 */
export const pad: Operation<PadOptions> = {
  name: "pad",
  options: optionsOf<PadOptions>(z.strictObject({
    padsBegin: z.array(z.int()),
    padsEnd: z.array(z.int()),
    mode: z.enum(modes).default("constant"),
    value: z.union([z.number(), z.literal([Infinity, -Infinity])]).default(0),
  })),
  outputs: ([{ dtype, shape }], { padsBegin, padsEnd, mode }) => {
    if (padsBegin.length !== shape.length || padsEnd.length !== shape.length) {
      throw new RangeError(
        `pad: padsBegin ${showShape(padsBegin)} and padsEnd ${showShape(padsEnd)} must have one number per axis of ${
          showShape(shape)
        }`,
      );
    }
    const result = shape.map((size, axis) => Math.max(0, size + padsBegin[axis] + padsEnd[axis]));
    if (mode !== "constant" && sizeOf(shape) === 0 && sizeOf(result) > 0) {
      throw new RangeError(`pad: ${showShape(shape)} has no elements that the mode ${mode} could repeat`);
    }
    return [{ dtype, shape: result }];
  },
  cost: (inputs, options) => costOf(inputs, pad.outputs(inputs, options), 0),
  forms: { channels4: { serves: ([x], options) => fitsTexels(x, options) }, linear: {} },
  choose: ([x], options) => fitsTexels(x, options) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, [x], options, form) => {
    const [spec] = pad.outputs([x], options);
    if (sizeOf(spec.shape) === 0) return [r.temporary(spec)];
    if (form === "channels4") return [recordTexels(r, x, spec, options)];
    // Nothing to copy from: the axes of an input without elements are taken as one element, which is never chosen.
    const source = sizeOf(x.shape) === 0 ? r.constant(new Uint32Array(1), [1]) : x;
    const shape = sizeOf(x.shape) === 0 ? x.shape.map(() => 1) : x.shape;
    const begin = sizeOf(x.shape) === 0 ? spec.shape.map((size) => size) : options.padsBegin;
    const axes = axesOf(shape, spec.shape, begin);
    if (axes.length > 8) {
      throw new RangeError(`pad: ${showShape(x.shape)} has more than 8 axes that can't be merged: reshape it`);
    }
    const y = r.temporary(spec);
    r.dispatch(words, {
      bind: { x: source, y },
      params: {
        rank: axes.length,
        axes: [...axes.flat(), ...new Array<number>(32 - 4 * axes.length).fill(0)],
        value: wordOf(options.value, x.dtype),
      },
      overrides: { MODE: modes.indexOf(options.mode) },
      groups: Math.ceil(sizeOf(spec.shape) / 64),
      iterations: nestedIterations([8]),
    });
    return [y];
  },
  twin: ([x]: readonly HostTensor[], { padsBegin, padsEnd, mode, value }) => {
    const shape = x.shape.map((size, axis) => Math.max(0, size + padsBegin[axis] + padsEnd[axis]));
    const strides = stridesOf(x.shape);
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    for (const at of positions(shape)) {
      let from = 0, inside = true;
      at.forEach((position, axis) => {
        const size = x.shape[axis];
        let i = position - padsBegin[axis];
        inside = inside && i >= 0 && i < size;
        if (mode === "edge") i = Math.min(Math.max(i, 0), size - 1);
        if (mode === "wrap") i = ((i % size) + size) % size;
        while (mode === "reflect" && (i < 0 || i >= size)) i = size === 1 ? 0 : i < 0 ? -i : 2 * (size - 1) - i;
        from += i * strides[axis];
      });
      data[index++] = mode === "constant" && !inside ? value : x.data[from];
    }
    return [{ dtype: x.dtype, shape, data }];
  },
  // Words are moved.
  bound: 0,
  cases: padCases,
};
