import { z } from "npm:zod@4.6.7";
import { definePage, type HostTensor, type Operation, type Page, type Recorder, type Value } from "../../contract.ts";
import { grid, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, showShape, sizeOf } from "../../shape.ts";
import { nestedIterations } from "../loops.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import text from "./arg_reduce.wgsl" with { type: "text" };
import { argReduceCases } from "./arg_reduce_cases.ts";

/** Options of the search for the greatest or least element. */
export interface ArgReduceOptions {
  /** Which element is looked for. NaN counts as beyond all numbers in either search. */
  readonly kind: "max" | "min";
  /** The axis that is searched, from -rank to rank - 1. Default 0. */
  readonly axis: number;
  /** The searched axis stays with size 1. Default true. */
  readonly keepDims: boolean;
  /** Of equal elements the last one counts, not the first. Default false. */
  readonly last: boolean;
}

const page: Page = definePage({
  name: "arg_reduce",
  file: import.meta.resolve("./arg_reduce.wgsl"),
  text,
  libs: [grid, loops],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "candidates", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear", element: "i32" },
  ],
});

/** Elements that one invocation looks at, where there are many. */
const chunkLength = 1024;

/** Searches [outer, length, inner]: long axes in chunks, whose candidates are searched again. */
function recordSearch(
  r: Recorder,
  x: Value,
  sizes: { outer: number; length: number; inner: number; candidates: number },
  candidates: Value | undefined,
  options: ArgReduceOptions,
): Value {
  const { outer, length, inner } = sizes;
  const chunks = Math.ceil(sizes.candidates / chunkLength);
  const y = r.temporary({ dtype: "i64", shape: [outer * chunks * inner] });
  r.dispatch(page, {
    bind: { x, candidates: candidates ?? null, y },
    params: { length, inner, candidates: sizes.candidates, chunks, chunk_length: chunkLength },
    overrides: {
      KIND: isFloat(x.dtype) ? 0 : x.dtype === "u32" || x.dtype === "u64" ? 2 : 1,
      LEAST: options.kind === "min" ? 1 : 0,
      LAST: options.last ? 1 : 0,
      HAS_CANDIDATES: candidates ? 1 : 0,
    },
    groups: Math.ceil(sizeOf(y.shape) / 64),
    iterations: nestedIterations([Math.min(chunkLength, sizes.candidates)]),
  });
  return chunks === 1 ? y : recordSearch(r, x, { ...sizes, candidates: chunks }, y, options);
}

/**
 * Index of the greatest or least element along an axis, as i64. Sources: ONNX `ArgMax` and `ArgMin`, numpy (for NaN).
 * O(elements).
 */
export const argReduce: Operation<ArgReduceOptions> = {
  name: "argReduce",
  options: optionsOf<ArgReduceOptions>(z.strictObject({
    kind: z.enum(["max", "min"]),
    axis: z.int().default(0),
    keepDims: z.boolean().default(true),
    last: z.boolean().default(false),
  })),
  outputs: ([{ shape }], options) => {
    const axis = axisOf("argReduce", options.axis, shape.length);
    const result = options.keepDims ? shape.with(axis, 1) : shape.toSpliced(axis, 1);
    if (shape[axis] === 0 && sizeOf(result) > 0) {
      throw new RangeError(`argReduce: axis ${axis} of ${showShape(shape)} has no elements to choose from`);
    }
    return [{ dtype: "i64", shape: result }];
  },
  cost: (inputs, options) => costOf(inputs, argReduce.outputs(inputs, options), sizeOf(inputs[0].shape)),
  record: (r, [x], options) => {
    const [spec] = argReduce.outputs([x], options);
    if (sizeOf(spec.shape) === 0) return [r.temporary(spec)];
    const axis = axisOf("argReduce", options.axis, x.shape.length);
    const sizes = {
      outer: sizeOf(x.shape.slice(0, axis)),
      length: x.shape[axis],
      inner: sizeOf(x.shape.slice(axis + 1)),
      candidates: x.shape[axis],
    };
    return [r.reshape(recordSearch(r, x, sizes, undefined, options), spec.shape)];
  },
  twin: ([x]: readonly HostTensor[], options) => {
    const axis = axisOf("argReduce", options.axis, x.shape.length);
    const length = x.shape[axis], inner = sizeOf(x.shape.slice(axis + 1));
    const sign = options.kind === "max" ? 1 : -1;
    const rank = (value: number) => Number.isNaN(value) ? Infinity : sign * value;
    const data = Array.from({ length: sizeOf(x.shape) / length || 0 }, (_, index) => {
      const start = Math.floor(index / inner) * length * inner + index % inner;
      let best = 0;
      for (let k = 1; k < length; k++) {
        const [value, found] = [k, best].map((at) => x.data[start + at * inner]);
        const beyond = Number.isNaN(found) ? false : Number.isNaN(value) || rank(value) > rank(found);
        const equal = Number.isNaN(found) ? Number.isNaN(value) : rank(value) === rank(found);
        if (beyond || (options.last && equal)) best = k;
      }
      return best;
    });
    const shape = options.keepDims ? x.shape.with(axis, 1) : x.shape.toSpliced(axis, 1);
    return [{ dtype: "i64", shape, data: Float64Array.from(data) }];
  },
  // Indices.
  bound: 0,
  cases: argReduceCases,
};
