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
import { grid, integers, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, positions, showShape, sizeOf, stridesOf } from "../../shape.ts";
import { expand } from "../expand/expand.ts";
import { wrapParams, wrapTwin } from "../integers.ts";
import { nestedIterations } from "../loops.ts";
import { axisOf } from "../../checks.ts";
import { costOf } from "../cost.ts";
import placeText from "./scatter_place.wgsl" with { type: "text" };
import reduceText from "./scatter_reduce.wgsl" with { type: "text" };
import { scatterElementsCases } from "./scatter_elements_cases.ts";
import takeText from "./scatter_take.wgsl" with { type: "text" };
import winnersText from "./scatter_winners.wgsl" with { type: "text" };

/** Options of a scattering. */
export interface ScatterElementsOptions {
  /** The axis that the indices stand for, from -rank to rank - 1. Default 0. */
  readonly axis: number;
  /** What happens to the element that is there. Default none: of several updates the last one stays. */
  readonly reduction: "none" | "add" | "mul" | "max" | "min";
}

const reductions = ["none", "add", "mul", "max", "min"] as const;

const placeOf: Lib = { file: import.meta.resolve("./scatter_place.wgsl"), text: placeText };
const word = { access: "read", layout: "linear", element: "word" } as const;
const indices = { name: "indices", access: "read", layout: "linear", element: "i32" } as const;

const page = (name: string, text: string, bindings: Page["bindings"], libs: readonly Lib[] = []): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs: [grid, loops, placeOf, ...libs],
    bindings,
  });

const winners = page("scatter_winners", winnersText, [
  indices,
  { name: "winners", access: "atomic", layout: "linear" },
]);
const take = page("scatter_take", takeText, [
  { name: "data", ...word },
  { name: "updates", ...word },
  { name: "winners", access: "read", layout: "linear", element: "u32" },
  { name: "y", ...word, access: "write" },
]);
const reduce = page("scatter_reduce", reduceText, [
  { name: "data", ...word },
  { name: "updates", ...word },
  indices,
  { name: "y", ...word, access: "write" },
], [integers]);

/** Updates of a line that one dispatch looks at. */
const chunkLength = 50_000;

function check(data: Spec, indices: Spec, updates: Spec, axis: number): void {
  if (indices.dtype !== "i32" && indices.dtype !== "i64") {
    throw new TypeError(`scatterElements: indices are ${indices.dtype}, but must be i32 or i64: cast them`);
  }
  const ranks = data.shape.length === indices.shape.length && data.shape.length === updates.shape.length;
  const fits = ranks && data.dtype === updates.dtype && data.shape.length <= 8 &&
    updates.shape.every((size, i) => {
      const own = indices.shape[i];
      return i === axis ? own === size : size <= data.shape[i] && (own === size || own === 1);
    });
  if (fits) return;
  throw new RangeError(
    `scatterElements: updates ${updates.dtype} ${showShape(updates.shape)} at indices ${
      showShape(indices.shape)
    } don't fit into ${data.dtype} ${
      showShape(data.shape)
    }: equal types and ranks, and no axis longer but axis ${axis}`,
  );
}

/** Strides of an array along the axes of another one; 0 along `axis` and where it is repeated. */
function stridesAlong(shape: readonly number[], axis: number): number[] {
  return stridesOf(shape).map((stride, i) => i === axis || shape[i] === 1 ? 0 : stride);
}

function placeParams(
  shape: readonly number[],
  first: readonly number[],
  second: readonly number[],
  limits: readonly number[],
  axis: number,
): { rank: number; axis: number; axes: number[] } {
  const axes = new Array<number>(32).fill(1);
  for (let i = 0; i < shape.length; i++) {
    axes.splice(4 * (shape.length - 1 - i), 4, shape[i], first[i], second[i], limits[i]);
  }
  return { rank: shape.length, axis: shape.length - 1 - axis, axes };
}

const iterations = nestedIterations([8]);

function recordLast(r: Recorder, [data, at, updates]: readonly Value[], axis: number): Value {
  const shape = at.shape.with(axis, data.shape[axis]);
  const [won] = r.apply(expand, [r.constant(new Uint32Array(1), shape.map(() => 1))], { shape });
  const strides = stridesOf(shape);
  const unused = shape.map(() => 0);
  r.dispatch(winners, {
    bind: { indices: at, winners: won },
    params: {
      ...placeParams(at.shape, strides.with(axis, 0), unused, at.shape, axis),
      size: data.shape[axis],
      stride: strides[axis],
    },
    groups: Math.ceil(sizeOf(at.shape) / 64),
    iterations,
  });
  const y = r.temporary(data);
  const repeated = strides.map((stride, i) => i !== axis && shape[i] === 1 ? 0 : stride);
  const limits = updates.shape.with(axis, data.shape[axis]);
  r.dispatch(take, {
    bind: { data, updates, winners: won, y },
    params: {
      ...placeParams(data.shape, repeated, stridesOf(updates.shape).with(axis, 0), limits, axis),
      stride: stridesOf(updates.shape)[axis],
    },
    groups: Math.ceil(sizeOf(y.shape) / 64),
    iterations,
  });
  return y;
}

function recordReduction(
  r: Recorder,
  [data, at, updates]: readonly Value[],
  axis: number,
  reduction: ScatterElementsOptions["reduction"],
): Value {
  const { dtype } = data;
  const limits = updates.shape.with(axis, data.shape[axis]);
  const place = placeParams(
    data.shape,
    stridesAlong(at.shape, axis),
    stridesOf(updates.shape).with(axis, 0),
    limits,
    axis,
  );
  let result = data;
  for (let first = 0; first < at.shape[axis]; first += chunkLength) {
    const y = r.temporary(data);
    const length = Math.min(chunkLength, at.shape[axis] - first);
    r.dispatch(reduce, {
      bind: { data: result, updates, indices: at, y },
      params: {
        ...place,
        ...wrapParams(dtype),
        size: data.shape[axis],
        index_stride: stridesOf(at.shape)[axis],
        stride: stridesOf(updates.shape)[axis],
        first,
        count: length,
      },
      overrides: {
        FLOAT: isFloat(dtype) ? 1 : 0,
        UNSIGNED: dtype === "u32" ? 1 : 0,
        KIND: reductions.indexOf(reduction),
      },
      groups: Math.ceil(sizeOf(y.shape) / 64),
      iterations: iterations + nestedIterations([length]),
    });
    result = y;
  }
  return result;
}

/**
 * Data with updates written over it, or combined with it: each update goes to its own position, but to the index stated for
 * it along an axis. Negative indices count from the end, those outside go nowhere. An index may stand for a whole axis of
 * updates (its size is 1 there). Several updates of one element count in their order. Any type; source: ONNX
 * `ScatterElements`. O(elements), for reductions O(elements * updates along the axis).
 *
 * Inputs: data, indices (i32 or i64), updates.
 */
export const scatterElements: Operation<ScatterElementsOptions> = {
  name: "scatterElements",
  options: optionsOf<ScatterElementsOptions>(z.strictObject({
    axis: z.int().default(0),
    reduction: z.enum(reductions).default("none"),
  })),
  outputs: ([data, indices, updates], options) => {
    check(data, indices, updates, axisOf("scatterElements", options.axis, data.shape.length));
    return [{ dtype: data.dtype, shape: data.shape }];
  },
  cost: (inputs, options) => costOf(inputs, scatterElements.outputs(inputs, options), 0),
  record: (r, inputs, { axis: given, reduction }) => {
    const [data, at, updates] = inputs;
    if (sizeOf(data.shape) === 0 || sizeOf(updates.shape) === 0) return [data];
    const axis = axisOf("scatterElements", given, data.shape.length);
    return [
      reduction === "none" ? recordLast(r, [data, at, updates], axis) : recordReduction(r, inputs, axis, reduction),
    ];
  },
  twin: ([data, indices, updates]: readonly HostTensor[], options) => {
    const axis = axisOf("scatterElements", options.axis, data.shape.length);
    const size = data.shape[axis];
    const result = data.data.slice();
    const strides = stridesOf(data.shape);
    const own = stridesOf(indices.shape).map((stride, i) => indices.shape[i] === 1 ? 0 : stride);
    let index = 0;
    for (const at of positions(updates.shape)) {
      const update = updates.data[index++];
      const given = indices.data[at.reduce((sum, position, i) => sum + position * own[i], 0)];
      const target = given < 0 ? given + size : given;
      if (target < 0 || target >= size) continue;
      const to = at.reduce((sum, position, i) => sum + (i === axis ? target : position) * strides[i], 0);
      result[to] = combined(result[to], update, options.reduction, data.dtype);
    }
    return [{ dtype: data.dtype, shape: data.shape, data: result }];
  },
  // Words are moved; sums of some updates. Reached: 1e-7.
  bound: 4e-7,
  cases: scatterElementsCases,
};

function combined(a: number, b: number, reduction: ScatterElementsOptions["reduction"], dtype: Spec["dtype"]): number {
  const wrapped = (value: number) => isFloat(dtype) ? value : wrapTwin(value, dtype);
  switch (reduction) {
    case "add":
      return wrapped(a + b);
    case "mul":
      return wrapped(a * b);
    case "max":
      return Math.max(a, b);
    case "min":
      return Math.min(a, b);
    default:
      return b;
  }
}
