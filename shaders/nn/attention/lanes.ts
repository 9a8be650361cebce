/** The form of an attention that is one pass. */

import { definePage, type Page, type Recorder, type Spec, type Value } from "../../contract.ts";
import { functions, grid, loops } from "../../lib/mod.ts";
import { positions, sizeOf } from "../../shape.ts";
import { iterationLimit, nestedIterations } from "../loops.ts";
import { type AttentionOptions, type AttentionView, resultOf } from "./attention.ts";
import text from "./attention_lanes.wgsl" with { type: "text" };

const page: Page = definePage({
  name: "attention_lanes",
  file: import.meta.resolve("./attention_lanes.wgsl"),
  text,
  libs: [grid, loops, functions],
  bindings: [
    ...["q", "k", "v", "bias0", "bias1"].map((name) => ({ name, access: "read", layout: "rows4" } as const)),
    { name: "places", access: "read", layout: "linear", element: "u32" },
    { name: "y", access: "write", layout: "linear" },
  ],
  subgroups: true,
});

/** Queries of a workgroup: `ROWS` of the page. 16 are as fast and compile twice as long. */
const panel = 8;

/** Texels of columns that a lane has at most: more sums than that fit no registers. */
const mostColumns = 4 * 32;

const iterationsOf = ({ keys, depth }: AttentionOptions) =>
  nestedIterations([Math.ceil(keys / 64), Math.ceil(depth / 8) + 10]);

/** Rows of texels that the elements of an input are seen as, so that neighboring rows of the view are neighbors. */
const pitchOf = ({ strides }: AttentionView): number => strides[strides.length - 2];

/** Whether each row of a view is a part of a row of texels that begins with a texel. */
function liesInRows(spec: Spec, view: AttentionView, batch: readonly number[], length: number): boolean {
  const pitch = pitchOf(view);
  if (view.strides.at(-1) !== 1 || pitch <= 0 || pitch % 4 !== 0 || sizeOf(spec.shape) % pitch !== 0) return false;
  return basesOf(view, batch).every((base) => base % 4 === 0 && base % pitch + length <= pitch);
}

/** The first element of each position of the batch. */
function basesOf({ begin, strides }: AttentionView, batch: readonly number[]): number[] {
  return Array.from(positions(batch), (at) => at.reduce((sum, index, axis) => sum + index * strides[axis], begin));
}

/** Whether the page can compute this. */
export function servesLanes(inputs: readonly Spec[], options: AttentionOptions): boolean {
  const { batch, queries, keys, depth, columns, q, k, v, biases } = options;
  if (keys === 0 || depth === 0 || columns > mostColumns || iterationsOf(options) > iterationLimit) return false;
  // Texels of floats hold nothing else.
  const ofRows: [AttentionView, number][] = [[q, depth], [k, depth], [v, columns]];
  return depth % 4 === 0 && columns % 4 === 0 &&
    ofRows.every(([view, length], i) => liesInRows(inputs[i], view, batch, length)) &&
    biases.every((bias, i) => {
      const whole = sizeOf(inputs[3 + i].shape) % keys === 0 && basesOf(bias, batch).every((base) => base % keys === 0);
      const [row, column] = bias.strides.slice(-2);
      return whole && (column === 1 || keys === 1) && (row === 0 || row === keys || queries === 1);
    });
}

/** Records the page. */
export function recordLanes(r: Recorder, inputs: readonly Value[], options: AttentionOptions): Value {
  const { batch, queries, keys, depth, columns, q, k, v, biases, scale } = options;
  const { shape, strides } = resultOf(options);
  const y = r.temporary({ dtype: inputs[0].dtype, shape });
  const seen = new Map<string, Value>();
  // One reshape for all that see an input alike, so that its texels are made once.
  const rows = (input: Value, pitch: number): Value => {
    const key = `${inputs.indexOf(input)} ${pitch}`;
    if (!seen.has(key)) seen.set(key, r.reshape(input, [sizeOf(input.shape) / pitch, pitch]));
    return seen.get(key)!;
  };
  const places = [q, k, v].map((view) =>
    basesOf(view, batch).map((base) => [base % pitchOf(view) / 4, Math.floor(base / pitchOf(view))])
  );
  const offsets = [0, 1].map((i) => biases[i] ? basesOf(biases[i], batch).map((base) => base / keys) : []);
  const results = basesOf({ begin: 0, strides }, batch);
  const table = results.flatMap((to, i) => [
    ...places.flatMap((place) => place[i]),
    ...offsets.map((offset) => offset[i] ?? 0),
    to,
  ]);
  const panels = Math.ceil(queries / panel);
  const biasRow = (i: number) => biases[i] && biases[i].strides.at(-2) !== 0 ? 1 : 0;
  r.dispatch(page, {
    bind: {
      q: rows(inputs[0], pitchOf(q)),
      k: rows(inputs[1], pitchOf(k)),
      v: rows(inputs[2], pitchOf(v)),
      bias0: biases.length > 0 ? rows(inputs[3], keys) : null,
      bias1: biases.length > 1 ? rows(inputs[4], keys) : null,
      places: r.constant(Uint32Array.from(table), [table.length]),
      y,
    },
    params: {
      queries,
      keys,
      texels: depth / 4,
      columns,
      panels,
      y_row: strides[strides.length - 2],
      y_column: strides[strides.length - 1],
      bias0_row: biasRow(0),
      bias1_row: biasRow(1),
      scale,
    },
    overrides: { BIASES: biases.length },
    tune: { WIDTH: Math.ceil(columns / 32) },
    groups: results.length * panels,
    iterations: iterationsOf(options),
  });
  return y;
}
