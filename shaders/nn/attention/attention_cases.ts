import { hostTensor, randomTensor } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import { stridesOf } from "../../shape.ts";
import type { AttentionOptions, AttentionView } from "./attention.ts";

interface Sizes {
  readonly batch?: readonly number[];
  readonly queries: number;
  readonly keys: number;
  readonly depth: number;
  readonly columns: number;
}

/** A tensor as it lies. */
const whole = (shape: readonly number[]): AttentionView => ({ begin: 0, strides: stridesOf(shape) });

const noise = (seed: number, shape: readonly number[], reach = 1): HostTensor =>
  randomTensor(shape, { seed, min: -reach, max: reach });

/** Each input lies as it is seen. */
function plain(
  name: string,
  { batch = [2], queries, keys, depth, columns }: Sizes,
  change: (inputs: HostTensor[]) => HostTensor[] = (inputs) => inputs,
  options: Partial<AttentionOptions> = {},
): Case<AttentionOptions> {
  const shapes = [[queries, depth], [keys, depth], [keys, columns]].map((last) => [...batch, ...last]);
  const [q, k, v] = shapes.map(whole);
  return {
    name,
    inputs: () => change(shapes.map((shape, i) => noise(i + 1, shape))),
    options: { batch, queries, keys, depth, columns, q, k, v, scale: 0.5, ...options },
  };
}

/** Queries, keys and values of all heads side by side, as one product gives them; the result's heads lie side by side again. */
function heads(name: string, batch: number, rows: number, count: number, depth: number): Case<AttentionOptions> {
  const width = 3 * count * depth;
  const part = (i: number): AttentionView => ({
    begin: i * count * depth,
    strides: [rows * width, depth, width, 1],
  });
  return {
    name,
    inputs: () => [
      noise(1, [batch * rows, width], 2),
      noise(1, [batch * rows, width], 2),
      noise(1, [batch * rows, width], 2),
    ],
    options: {
      batch: [batch, count],
      queries: rows,
      keys: rows,
      depth,
      columns: depth,
      q: part(0),
      k: part(1),
      v: part(2),
      scale: 1 / Math.sqrt(depth),
      permutation: [0, 2, 1, 3],
    },
  };
}

const square = { queries: 5, keys: 7, depth: 8, columns: 8 };
/** A bias of a shape that broadcasts to `[2, 5, 7]`. */
const biased = (name: string, shapes: readonly (readonly number[])[], value?: number): Case<AttentionOptions> =>
  plain(
    name,
    square,
    (inputs) => [
      ...inputs,
      ...shapes.map((shape, i) => {
        const bias = noise(7 + i, shape, 3);
        // Every third key is hidden; the second row of queries sees none.
        const hidden = (at: number) => at % 3 === 1 || Math.floor(at / 7) % 5 === 1;
        return value === undefined ? bias : { ...bias, data: bias.data.map((x, at) => hidden(at) ? value : x) };
      }),
    ],
    {
      biases: shapes.map((shape) => {
        const strides = stridesOf(shape);
        return { begin: 0, strides: shape.map((extent, axis) => extent === 1 ? 0 : strides[axis]) };
      }),
    },
  );

const broken = (value: number, input: number, at: number) => (inputs: HostTensor[]) =>
  inputs.map((tensor, i) => i === input ? hostTensor(tensor.data.with(at, value), tensor.shape) : tensor);

/** Inputs and options worth trying. */
export const attentionCases: Case<AttentionOptions>[] = [
  plain("one of each", { batch: [1], queries: 1, keys: 1, depth: 4, columns: 4 }),
  plain("no batch", { batch: [], queries: 3, keys: 5, depth: 4, columns: 12 }),
  plain("ragged beyond a panel and a block", { queries: 11, keys: 67, depth: 12, columns: 36 }),
  plain("rows that are no texels", { queries: 5, keys: 6, depth: 3, columns: 5 }),
  plain("more columns than two texels a lane", { batch: [1], queries: 9, keys: 10, depth: 8, columns: 100 }),
  plain("more columns than registers", { batch: [1], queries: 3, keys: 4, depth: 8, columns: 132 }),
  plain("many keys", { batch: [1], queries: 2, keys: 300, depth: 8, columns: 8 }),
  plain("large scores", { batch: [1], queries: 4, keys: 70, depth: 16, columns: 8 }, undefined, { scale: 20 }),
  heads("heads side by side", 2, 17, 3, 8),
  heads("one head", 1, 4, 1, 32),
  biased("a bias of one row for all", [[1, 1, 7]]),
  biased("a bias of each query", [[1, 5, 7]]),
  biased("two biases", [[2, 1, 7], [1, 5, 7]]),
  biased("a mask of the lowest number", [[1, 5, 7]], -3.4028234663852886e38),
  biased("a mask of -infinity", [[1, 5, 7]], -Infinity),
  plain(
    "one key for all batches",
    square,
    (inputs) => [inputs[0], hostTensor(inputs[1].data.slice(0, 56), [7, 8]), inputs[2]],
    {
      k: { begin: 0, strides: [0, 8, 1] },
    },
  ),
  plain("NaN in a query", square, broken(NaN, 0, 3)),
  plain("NaN in a key", square, broken(NaN, 1, 20)),
  plain("infinity in a query", square, broken(Infinity, 0, 3)),
  plain("infinity in the last value", square, broken(Infinity, 2, 2 * 7 * 8 - 1)),
  plain("no queries", { queries: 0, keys: 4, depth: 4, columns: 4 }),
  plain("no keys", { queries: 3, keys: 0, depth: 4, columns: 4 }),
  plain("no depth", { queries: 3, keys: 4, depth: 0, columns: 4 }),
];
