import { z } from "npm:zod@4.6.7";
import type { HostTensor, Operation, Spec } from "../../contract.ts";
import { checkFloats } from "../../checks.ts";
import { optionsOf } from "../../options.ts";
import { positions, showShape, sizeOf, stridesOf } from "../../shape.ts";
import { attentionCases } from "./attention_cases.ts";
import { recordComposed } from "./composed.ts";
import { recordLanes, servesLanes } from "./lanes.ts";

/** How an input is seen: where the first element lies in it, and the distance of neighbors along each axis. */
export interface AttentionView {
  /** Element of the input. */
  readonly begin: number;
  /** In elements; 0 repeats. */
  readonly strides: readonly number[];
}

/** Options of an attention. */
export interface AttentionOptions {
  /** Axes of which each position has an attention of its own: images, windows, heads. */
  readonly batch: readonly number[];
  /** Rows of the result. */
  readonly queries: number;
  /** Rows that the queries are compared with. */
  readonly keys: number;
  /** Length of a query and of a key. */
  readonly depth: number;
  /** Length of a row of the result. */
  readonly columns: number;
  /** The first input along `[...batch, queries, depth]`. */
  readonly q: AttentionView;
  /** The second input along `[...batch, keys, depth]`. */
  readonly k: AttentionView;
  /** The third input along `[...batch, keys, columns]`. */
  readonly v: AttentionView;
  /** The other inputs along `[...batch, queries, keys]`; at most two. Default none. */
  readonly biases: readonly AttentionView[];
  /** Factor of the products. Default 1. */
  readonly scale: number;
  /** The result's axes as those of `[...batch, queries, columns]`. Default in their order. */
  readonly permutation?: readonly number[];
}

const view = z.strictObject({ begin: z.int().nonnegative(), strides: z.array(z.int()) });

/** The axes of the result before its permutation. */
export const plainShape = ({ batch, queries, columns }: AttentionOptions): number[] => [...batch, queries, columns];

/** The result's shape, and the distance of neighbors in it along each axis of `[...batch, queries, columns]`. */
export function resultOf(options: AttentionOptions): { shape: number[]; strides: number[] } {
  const plain = plainShape(options);
  const order = options.permutation ?? plain.map((_, axis) => axis);
  const shape = order.map((axis) => plain[axis]);
  const strides = stridesOf(shape);
  return { shape, strides: plain.map((_, axis) => strides[order.indexOf(axis)]) };
}

/** The inputs' views with the shapes that they have. */
export function viewsOf(options: AttentionOptions): { view: AttentionView; shape: readonly number[] }[] {
  const { batch, queries, keys, depth, columns, q, k, v, biases } = options;
  return [
    { view: q, shape: [...batch, queries, depth] },
    { view: k, shape: [...batch, keys, depth] },
    { view: v, shape: [...batch, keys, columns] },
    ...biases.map((bias) => ({ view: bias, shape: [...batch, queries, keys] })),
  ];
}

function check(inputs: readonly Spec[], options: AttentionOptions): void {
  checkFloats("attention", inputs);
  const views = viewsOf(options);
  if (inputs.length !== views.length) {
    throw new RangeError(
      `attention got ${inputs.length} inputs, but options of ${views.length}: give one view an input`,
    );
  }
  for (const [i, { view: { begin, strides }, shape }] of views.entries()) {
    const reach = strides.map((stride, axis) => stride * (shape[axis] - 1));
    const last = reach.reduce((sum, far) => sum + Math.max(far, 0), begin);
    const least = reach.reduce((sum, far) => sum + Math.min(far, 0), begin);
    const fits = strides.length === shape.length && least >= 0 && last < sizeOf(inputs[i].shape);
    if (fits || sizeOf(shape) === 0) continue;
    throw new RangeError(
      `attention sees input ${i}, of shape ${showShape(inputs[i].shape)}, as ${showShape(shape)} by strides ${
        showShape(strides)
      } from element ${begin} on: it must stay inside`,
    );
  }
  const rank = plainShape(options).length;
  const { permutation } = options;
  if (permutation !== undefined && String(permutation.toSorted((a, b) => a - b)) !== String([...Array(rank).keys()])) {
    throw new RangeError(
      `attention: permutation is ${showShape(permutation)}, but must name each of ${rank} axes once`,
    );
  }
}

/**
 * `softmax(scale * q k^T + biases) v`, the softmax over the keys, for each position of the batch. The inputs are seen by
 * strides, so that heads are read where a product left them. Source: Vaswani et al. 2017, equation 1. O(batch queries keys
 * (depth + columns)).
 *
 * Inputs: q, k, v, then the biases.
 *
 * Forms: `lanes`, all in one pass (subgroups of 8), and `composed` of products and softmax.
 */
export const attention: Operation<AttentionOptions> = {
  name: "attention",
  options: optionsOf<AttentionOptions>(z.strictObject({
    batch: z.array(z.int().nonnegative()),
    queries: z.int().nonnegative(),
    keys: z.int().nonnegative(),
    depth: z.int().nonnegative(),
    columns: z.int().nonnegative(),
    q: view,
    k: view,
    v: view,
    biases: z.array(view).max(2, "at most two biases are allowed").default([]),
    scale: z.number().default(1),
    permutation: z.array(z.int().nonnegative()).optional(),
  })),
  outputs: (inputs, options) => {
    check(inputs, options);
    return [{ dtype: inputs[0].dtype, shape: resultOf(options).shape }];
  },
  cost: (inputs, options) => {
    const { batch, queries, keys, depth, columns } = options;
    const bytes = [...inputs, ...attention.outputs(inputs, options)].reduce(
      (sum, { shape }) => sum + 4 * sizeOf(shape),
      0,
    );
    return { bytes, flops: sizeOf(batch) * queries * keys * 2 * (depth + columns) };
  },
  forms: {
    lanes: { needs: ({ subgroupSize }) => subgroupSize >= 8, serves: servesLanes },
    composed: {},
  },
  choose: (inputs, options, facts) => {
    const fits = facts.adapter === "lavapipe" && facts.subgroupSize >= 8 && servesLanes(inputs, options);
    return fits ? "lanes" : "composed";
  },
  record: (r, inputs, options, form) => {
    const { shape } = resultOf(options);
    if (sizeOf(shape) === 0) return [r.temporary({ dtype: inputs[0].dtype, shape })];
    return [(form === "lanes" ? recordLanes : recordComposed)(r, inputs, options)];
  },
  twin: (inputs: readonly HostTensor[], options) => {
    const { batch, queries, keys, depth, columns, scale, q, k, v, biases } = options;
    const [qs, ks, vs, ...added] = inputs.map(({ data }) => data);
    const at = ({ begin, strides }: AttentionView, place: readonly number[], row: number, column: number): number =>
      [...place, row, column].reduce((sum, index, axis) => sum + index * strides[axis], begin);
    const { shape, strides } = resultOf(options);
    const data = new Float64Array(sizeOf(shape));
    for (const place of positions(batch)) {
      for (let row = 0; row < queries; row++) {
        const scores = Array.from({ length: keys }, (_, key) => {
          let product = 0;
          for (let i = 0; i < depth; i++) product += qs[at(q, place, row, i)] * ks[at(k, place, key, i)];
          return biases.reduce((sum, bias, i) => sum + added[i][at(bias, place, row, key)], scale * product);
        });
        const top = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - top));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let column = 0; column < columns; column++) {
          let sum = 0;
          for (let key = 0; key < keys; key++) sum += weights[key] / total * vs[at(v, place, key, column)];
          data[at({ begin: 0, strides }, place, row, column)] = sum;
        }
      }
    }
    return [{ dtype: inputs[0].dtype, shape, data }];
  },
  // Scores of some ten, off by their own 1e-7, change weights by as many units. Reached: 5.5e-7.
  bound: 2.2e-6,
  bulk: true,
  cases: attentionCases,
};
