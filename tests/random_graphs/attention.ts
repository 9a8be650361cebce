/** How attention is drawn as exporters write it. */
import { chain, next } from "./chain.ts";
import { type Draw, hasElements, isF32, partOf, rankOf } from "./drawing.ts";
import type { Known, RandomGraph } from "./graph.ts";

/** Small weights: scores that lie far apart hang on their last digits. */
const weights = (g: RandomGraph, shape: readonly number[]): Known =>
  g.constant(shape, g.eighths(shape.reduce((size, extent) => size * extent, 1), -2, 2));

const shaped = (g: RandomGraph, x: Known, shape: readonly number[]): Known =>
  next(g, "Reshape", [x, g.constant([shape.length], shape, "i64")]);

interface Heads {
  readonly batch: number;
  readonly rows: number;
  readonly count: number;
  readonly size: number;
}

/** Queries, keys and values of one product, taken apart before or after the heads are. */
function packed(g: RandomGraph, x: Known, { batch, rows, count, size }: Heads): Known[] {
  const width = count * size;
  const product = next(g, "MatMul", [x, weights(g, [x.value.shape.at(-1)!, 3 * width])]);
  if (g.chance(0.5)) {
    const parts = next(g, "Transpose", [shaped(g, product, [batch, rows, 3, count, size])], { perm: [2, 0, 3, 1, 4] });
    return [0, 1, 2].map((part) => next(g, "Gather", [parts, g.constant([], [part], "i64")], { axis: 0 }));
  }
  const whole = shaped(g, product, [batch, rows, 3 * width]);
  return [0, 1, 2].map((part) => {
    const ends = [part * width, (part + 1) * width, 2].map((number) => g.constant([1], [number], "i64"));
    return byHeads(g, next(g, "Slice", [whole, ...ends]), { batch, rows, count, size });
  });
}

function byHeads(g: RandomGraph, x: Known, { batch, rows, count, size }: Heads): Known {
  const heads = next(g, "Transpose", [shaped(g, x, [batch, rows, count, size])], { perm: [0, 2, 1, 3] });
  return g.chance(0.3) ? shaped(g, heads, [batch * count, rows, size]) : heads;
}

/** Queries, keys and values of a product each. */
const apart = (g: RandomGraph, x: Known, heads: Heads): Known[] =>
  [0, 1, 2].map(() =>
    byHeads(g, next(g, "MatMul", [x, weights(g, [x.value.shape.at(-1)!, heads.count * heads.size])]), heads)
  );

const scaled = (g: RandomGraph, x: Known): Known =>
  g.chance(0.5) ? next(g, "Mul", [x, g.constant([], [0.25])]) : next(g, "Div", [x, g.constant([1], [4])]);

/** `softmax(q k^T a + bias) v` of heads that are moved out of products and back. */
export const attention: Draw = chain((g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 2 && rankOf(known) <= 3 && hasElements(known));
  if (x === undefined) return false;
  const [rows] = x.value.shape.slice(-2);
  const batch = rankOf(x) === 3 ? x.value.shape[0] : 1;
  const heads = { batch, rows, count: g.whole(1, 3), size: g.pick([1, 3, 4, 8]) };
  const drawn = g.chance(0.5) ? packed(g, x, heads) : apart(g, x, heads);
  // Of three or four axes, as they were drawn; all alike.
  const [q, k, v] = drawn.map((each) => shaped(g, each, [batch, heads.count, rows, heads.size]));
  const where = g.whole(0, 3);
  const turned = next(g, "Transpose", [where === 2 ? scaled(g, k) : k], { perm: [0, 1, 3, 2] });
  let scores = next(g, "MatMul", [where === 1 || where === 2 ? scaled(g, q) : q, turned]);
  if (where === 3) scores = scaled(g, scores);
  for (let biases = g.whole(0, 2); biases > 0; biases--) {
    const bias = g.constant(partOf(g, scores.value.shape));
    scores = next(g, "Add", g.chance(0.5) ? [scores, bias] : [bias, scores]);
  }
  const result = next(g, "MatMul", [next(g, "Softmax", [scores], { axis: g.chance(0.5) ? -1 : 3 }), v]);
  if (g.chance(0.3)) return true;
  const joined = next(g, "Transpose", [result], { perm: [0, 2, 1, 3] });
  return g.chance(0.3) || shaped(g, joined, [batch, rows, heads.count * heads.size]) !== undefined;
});
