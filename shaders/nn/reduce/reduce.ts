import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { functions, grid, integers, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, sizeOf } from "../../shape.ts";
import { binary } from "../binary/binary.ts";
import { wrapParams } from "../integers.ts";
import { nestedIterations } from "../loops.ts";
import { axisOf } from "../../checks.ts";
import { channelChunks, channelChunksLib } from "../channel_chunks.ts";
import { costOf } from "../cost.ts";
import { prefersTexels } from "../texels.ts";
import { unary } from "../unary/unary.ts";
import linearText from "./reduce.wgsl" with { type: "text" };
import { reduceCases } from "./reduce_cases.ts";
import channels4Text from "./reduce_channels4.wgsl" with { type: "text" };
import integerText from "./reduce_integer.wgsl" with { type: "text" };
import { reduceFunctions } from "./reduce_table.ts";
import { reduceTwin } from "./reduce_twin.ts";
import valueText from "./reduce_value.wgsl" with { type: "text" };

/** What a reduction computes of the elements. */
export type ReduceKind =
  | "mean"
  | "sum"
  | "max"
  | "min"
  | "prod"
  | "sumSquare"
  | "meanSquare"
  | "rootMeanSquare"
  | "l1"
  | "l2"
  | "logSum"
  | "logSumExp";

/** Options of a reduction. */
export interface ReduceOptions {
  /** `logSum` is the logarithm of the sum, `logSumExp` that of the sum of exponentials, without overflow. */
  readonly kind: ReduceKind;
  /** Axes to reduce, from -rank to rank - 1. Default all; an empty list reduces nothing. */
  readonly axes?: readonly number[];
  /** Reduced axes stay with size 1. Default true. */
  readonly keepDims: boolean;
}

const value: Lib = { file: import.meta.resolve("./reduce_value.wgsl"), text: valueText };

const linear: Page = definePage({
  name: "reduce",
  file: import.meta.resolve("./reduce.wgsl"),
  text: linearText,
  libs: [grid, functions, value],
  bindings: [{ name: "x", access: "read", layout: "linear" }, { name: "y", access: "write", layout: "linear" }],
});

const texels: Page = definePage({
  name: "reduce_channels4",
  file: import.meta.resolve("./reduce_channels4.wgsl"),
  text: channels4Text,
  libs: [grid, loops, functions, value, channelChunksLib],
  bindings: [{ name: "x", access: "read", layout: "channels4" }, {
    name: "partial",
    access: "write",
    layout: "linear",
  }],
});

const integer: Page = definePage({
  name: "reduce_integer",
  file: import.meta.resolve("./reduce_integer.wgsl"),
  text: integerText,
  libs: [grid, integers],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear", element: "i32" },
  ],
});

/** The reduced axes, in order. */
export function reducedAxes({ shape }: Spec, { axes }: ReduceOptions): number[] {
  const all = axes ?? shape.map((_, axis) => axis);
  return [...new Set(all.map((axis) => axisOf("reduce", axis, shape.length)))].sort((a, b) => a - b);
}

const onlyFloats: readonly ReduceKind[] = ["l2", "logSum", "logSumExp", "meanSquare", "rootMeanSquare"];

/** Elements that one invocation reduces at most where there are more: enough to keep every core busy. */
const chunkLength = 256;
/** Elements up to which one invocation reduces all: a second dispatch would take longer. */
const mostOfOne = chunkLength * 4;

interface Pass {
  readonly before: number;
  readonly combine: number;
  readonly after: number;
  /** Number of all elements that a result stands for. */
  readonly elements: number;
}

/** Reduces the middle axis of [outer, length, inner]: in passes, where it is long. */
function recordAxis(r: Recorder, x: Value, outer: number, length: number, inner: number, pass: Pass): Value {
  const chunks = length <= mostOfOne ? 1 : Math.ceil(length / chunkLength);
  const last = chunks === 1;
  const y = r.temporary({ dtype: x.dtype, shape: [outer * chunks * inner] });
  const steps = Math.ceil(length / chunks);
  r.dispatch(isFloat(x.dtype) ? linear : integer, {
    bind: { x, y },
    params: {
      length,
      inner,
      chunks,
      elements: pass.elements,
      ...isFloat(x.dtype) ? {} : wrapParams(x.dtype),
    },
    overrides: { COMBINE: pass.combine, BEFORE: pass.before, AFTER: last ? pass.after : 0 },
    groups: Math.ceil(sizeOf(y.shape) / 64),
    iterations: nestedIterations([isFloat(x.dtype) ? Math.ceil(steps / 16) : steps]),
  });
  return last ? y : recordAxis(r, y, outer, chunks, inner, { ...pass, before: 0 });
}

/** Reduces runs of neighboring axes, the last run first. */
function recordAxes(r: Recorder, x: Value, axes: readonly number[], pass: Pass): Value {
  const shape = [...x.shape];
  let result = x, before = pass.before;
  const open = [...axes];
  while (open.length > 0) {
    const end = open.at(-1)! + 1;
    let begin = end;
    while (open.at(-1) === begin - 1) begin = open.pop()!;
    const length = sizeOf(shape.slice(begin, end));
    const after = open.length === 0 ? pass.after : 0;
    const outer = sizeOf(shape.slice(0, begin)), inner = sizeOf(shape.slice(end));
    result = recordAxis(r, result, outer, length, inner, { ...pass, before, after });
    shape.fill(1, begin, end);
    before = 0;
  }
  return result;
}

/** Whether all spatial axes, and nothing else, are reduced. */
function onlySpatial({ shape, dtype }: Spec, axes: readonly number[]): boolean {
  return isFloat(dtype) && shape.length >= 3 && shape.length <= 5 && axes.length === shape.length - 2 &&
    axes[0] === 2 &&
    (shape.at(-1) ?? 1) <= 16_384;
}

function recordTexels(r: Recorder, x: Value, pass: Pass): Value {
  const [batch, channels] = x.shape;
  const length = sizeOf(x.shape.slice(2)) <= mostOfOne ? mostOfOne : chunkLength;
  const { params, chunks, groups, iterations } = channelChunks(x.shape, length, 4096);
  const last = chunks === 1;
  const partial = r.temporary({ dtype: x.dtype, shape: [batch * channels * chunks] });
  r.dispatch(texels, {
    bind: { x, partial },
    params,
    overrides: { COMBINE: pass.combine, BEFORE: pass.before, AFTER: last ? pass.after : 0 },
    groups,
    iterations,
  });
  return last ? partial : recordAxis(r, partial, batch * channels, chunks, 1, { ...pass, before: 0 });
}

/**
 * A reduction along axes. Sources: ONNX's `Reduce*` of like names. Sums are built from partial sums of at most 256
 * elements, in an order that depends on the shape alone, so that they are exact to about 1e-6 and equal from run to run.
 * Integers take mean, sum, max, min, prod, sumSquare and l1. No elements give the kind's neutral value. O(elements).
 *
 * Forms: `channels4` (floats, exactly the spatial axes), `linear`.
 */
export const reduce: Operation<ReduceOptions> = {
  name: "reduce",
  options: optionsOf<ReduceOptions>(z.strictObject({
    kind: z.enum(Object.keys(reduceFunctions) as [ReduceKind, ...ReduceKind[]]),
    axes: z.array(z.int()).optional(),
    keepDims: z.boolean().default(true),
  })),
  outputs: ([x], options) => {
    const { dtype, shape } = x;
    if (dtype === "bool" || (!isFloat(dtype) && onlyFloats.includes(options.kind))) {
      throw new TypeError(`reduce: ${options.kind} of ${dtype} isn't defined: cast the input to f32`);
    }
    const axes = reducedAxes(x, options);
    const kept = options.keepDims
      ? shape.map((size, axis) => axes.includes(axis) ? 1 : size)
      : shape.filter((_, axis) => !axes.includes(axis));
    return [{ dtype, shape: kept }];
  },
  cost: (inputs, options) => costOf(inputs, reduce.outputs(inputs, options), sizeOf(inputs[0].shape)),
  // Reached: 1.9e-7.
  forms: {
    channels4: { serves: ([x], options) => onlySpatial(x, reducedAxes(x, options)) },
    linear: { bound: 8e-7 },
  },
  choose: ([x], options) => onlySpatial(x, reducedAxes(x, options)) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, [x], options, form) => {
    const [spec] = reduce.outputs([x], options);
    const axes = reducedAxes(x, options);
    if (sizeOf(spec.shape) === 0) return [r.temporary(spec)];
    const { combine, before, after, empty } = reduceFunctions[options.kind];
    if (sizeOf(x.shape) === 0) {
      if (spec.dtype !== "f32") {
        throw new RangeError(`reduce: a ${spec.dtype} tensor without elements has no ${options.kind}`);
      }
      return [r.constant(new Float32Array(sizeOf(spec.shape)).fill(empty), spec.shape)];
    }
    if (options.kind === "logSumExp") {
      const greatest = r.apply(reduce, [x], { kind: "max", axes, keepDims: true });
      // An infinite one would leave NaN of itself.
      const [top] = r.apply(unary, greatest, { op: "zeroIfInfinite" });
      const [shifted] = r.apply(binary, [x, top], { op: "subtract" });
      const [sum] = r.apply(reduce, r.apply(unary, [shifted], { op: "exp" }), { kind: "logSum", axes, keepDims: true });
      const [result] = r.apply(binary, [sum, top], { op: "add" });
      return [r.reshape(result, spec.shape)];
    }
    const elements = sizeOf(axes.map((axis) => x.shape[axis]));
    const pass: Pass = { combine, before, after, elements };
    const none = axes.length === 0 ? [x.shape.length] : axes;
    const result = form === "channels4" ? recordTexels(r, x, pass) : recordAxes(r, x, none, pass);
    return [r.reshape(result, spec.shape)];
  },
  twin: reduceTwin,
  // Partial sums of sixteen and 256 elements in f32; products of some tens of factors. Reached: 1.8e-6, by logSum.
  bound: 2e-6,
  cases: reduceCases,
};
