/** How several nodes are drawn that exporters write for one operator, or twice: what passes look for. */
import { attention } from "./attention.ts";
import { chain, next } from "./chain.ts";
import { type Draw, hasElements, isF32, isMap, rankOf } from "./drawing.ts";
import type { Known, RandomGraph } from "./graph.ts";

const scalar = (g: RandomGraph, value: number) => g.constant([], [value]);

/** x - mean over the square root of the variance over some axes. */
function normalized(g: RandomGraph, x: Known, axes: readonly number[]): Known {
  const over = g.constant([axes.length], axes, "i64");
  const mean = next(g, "ReduceMean", [x, over]);
  const centered = next(g, "Sub", [x, mean]);
  const squares = g.chance(0.5) ? next(g, "Mul", [centered, centered]) : next(g, "Pow", [centered, scalar(g, 2)]);
  const variance = next(g, "ReduceMean", [squares, over]);
  const deviation = next(g, "Sqrt", [next(g, "Add", [variance, scalar(g, 0.125)])]);
  return next(g, "Div", [centered, deviation]);
}

function affine(g: RandomGraph, n: Known, shape: readonly number[]): boolean {
  const scaled = next(g, "Mul", g.chance(0.5) ? [n, g.constant(shape)] : [g.constant(shape), n]);
  return g.add("Add", [scaled, g.constant(shape)]);
}

const layerNormalization = chain((g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) > 0 && hasElements(known));
  if (x === undefined) return false;
  const { shape } = x.value;
  const first = g.whole(0, shape.length - 1);
  const axes = shape.slice(first).map((_, i) => first + i - (g.chance(0.5) ? shape.length : 0));
  return affine(g, normalized(g, x, axes), shape.slice(first));
});

const channelNormalization = chain((g) => {
  const x = g.some((known) => isMap(known) && hasElements(known));
  if (x === undefined) return false;
  const { shape } = x.value;
  const axes = shape.slice(2).map((_, i) => 2 + i);
  return affine(g, normalized(g, x, axes), [shape[1], ...axes.map(() => 1)]);
});

const groupNormalization = chain((g) => {
  const x = g.some((known) => isMap(known) && hasElements(known));
  if (x === undefined) return false;
  const { shape } = x.value;
  const groups = shape[1] % 2 === 0 && g.chance(0.7) ? shape[1] / 2 : 1;
  const grouped = next(g, "Reshape", [x, g.constant([3], [0, groups, -1], "i64")]);
  const constants = [1, 0].map((value) => g.constant([groups], new Array<number>(groups).fill(value)));
  const normal = next(g, "InstanceNormalization", [grouped, ...constants], { epsilon: 0.125 });
  const whole = next(g, "Reshape", [normal, g.constant([shape.length], shape, "i64")]);
  return affine(g, whole, [shape[1], ...shape.slice(2).map(() => 1)]);
});

const deviation = chain((g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) > 0 && hasElements(known));
  if (x === undefined) return false;
  const axes = x.value.shape.map((_, i) => i).filter(() => g.chance(0.6));
  const over = g.constant([axes.length], axes, "i64");
  const squares = g.chance(0.5) ? next(g, "Mul", [x, x]) : next(g, "Pow", [x, scalar(g, 2)]);
  const reduced = next(g, g.pick(["ReduceMean", "ReduceSum"]), [squares, over], { keepdims: g.whole(0, 1) });
  return g.chance(0.3) || g.add("Sqrt", [reduced]);
});

const gelu = chain((g) => {
  const from = g.some(isF32);
  if (from === undefined) return false;
  const isRow = rankOf(from) > 0 && hasElements(from) && g.chance(0.5);
  const x = isRow ? next(g, "MatMul", [from, g.constant([from.value.shape.at(-1)!, g.whole(1, 5)])]) : from;
  const gate = next(g, "Add", [next(g, "Erf", [next(g, "Div", [x, scalar(g, Math.SQRT2)])]), scalar(g, 1)]);
  return g.add("Mul", [next(g, "Mul", [x, gate]), scalar(g, 0.5)]);
});

const twice = chain((g) => {
  const x = g.some(isF32);
  if (x === undefined) return false;
  const [a, b] = [next(g, "Abs", [x]), next(g, "Abs", [x])];
  return g.add("Add", [next(g, "Relu", [a]), next(g, "Relu", [b])], {}, { exact: true });
});

const moves = chain((g) => {
  const x = g.some((known) => rankOf(known) >= 2 && hasElements(known));
  if (x === undefined) return false;
  const shuffled = (): number[] => {
    const axes = x.value.shape.map((_, axis) => axis);
    return axes.map((_, i) => axes.splice(g.whole(0, axes.length - 1), 1)[0] ?? i);
  };
  const once = next(g, "Transpose", [x], { perm: shuffled() }, { exact: true });
  return g.add("Transpose", [once], { perm: shuffled() }, { exact: true });
});

const rolls = chain((g) => {
  const x = g.some((known) => rankOf(known) > 0 && hasElements(known));
  if (x === undefined) return false;
  const axis = g.whole(0, rankOf(x) - 1), size = x.value.shape[axis];
  const part = (from: number, to: number): Known => {
    const bounds = [from, to, axis].map((number) => g.constant([1], [number], "i64"));
    return next(g, "Slice", [x, ...bounds], {}, { exact: true });
  };
  const at = g.whole(0, size);
  const parts = [part(at, size), part(0, at), ...g.chance(0.2) ? [part(0, g.whole(0, size))] : []];
  const along = g.chance(0.8) ? axis : g.whole(0, rankOf(x) - 1);
  return g.add("Concat", parts, { axis: along }, { exact: true });
});

const skip = chain((g) => {
  const x = g.some((known) => isMap(known) && hasElements(known));
  if (x === undefined) return false;
  const factor = g.pick([1, 2, 2, 2, 3, 4]);
  const scales = x.value.shape.map((_, axis) => axis < 2 ? 1 : factor);
  const attributes = {
    mode: "nearest",
    coordinate_transformation_mode: g.pick(["half_pixel", "asymmetric"]),
    nearest_mode: g.pick(["floor", "round_prefer_floor", "ceil"]),
  };
  const large = next(g, "Resize", [x, undefined, g.constant([scales.length], scales)], attributes, { exact: true });
  const other = g.constant(large.value.shape.with(1, g.whole(1, 5)));
  return g.add("Concat", g.chance(0.7) ? [large, other] : [other, large], { axis: 1 }, { exact: true });
});

/** A convolution of what is normalized, activated, doubled or put beside another map. */
const decoder = chain((g) => {
  const x = g.some((known) =>
    isMap(known) && hasElements(known) && known.value.shape.slice(2).some((size) => size > 1)
  );
  if (x === undefined) return false;
  const prepared = (map: Known): Known => {
    if (g.chance(0.4)) return map;
    const c = map.value.shape[1];
    const normal = next(g, "InstanceNormalization", [map, g.constant([c]), g.constant([c])], { epsilon: 0.125 });
    return g.chance(0.3) ? normal : next(g, g.pick(["Relu", "LeakyRelu", "Sigmoid"]), [normal]);
  };
  let map = prepared(x);
  const spatial = x.value.shape.slice(2).map(() => 1);
  if (g.chance(0.4)) {
    const scales = g.constant([map.value.shape.length], [1, 1, ...spatial.map(() => 2)]);
    const attributes = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    map = next(g, "Resize", [map, undefined, scales], attributes);
  }
  if (g.chance(0.5)) {
    const other = prepared(g.chance(0.3) ? map : g.constant(map.value.shape.with(1, g.whole(1, 5))));
    map = next(g, "Concat", g.chance(0.5) ? [map, other] : [other, map], { axis: 1 });
  }
  const kernel = spatial.map(() => g.chance(0.8) ? 3 : 1);
  const pads = [...kernel, ...kernel].map((taps) => (taps - 1) / 2);
  return g.add("Conv", [map, g.constant([g.whole(1, 9), map.value.shape[1], ...kernel])], { pads });
});

/** Draws of several nodes. */
export const chains: readonly Draw[] = [
  layerNormalization,
  channelNormalization,
  groupNormalization,
  deviation,
  gelu,
  twice,
  moves,
  rolls,
  skip,
  decoder,
  attention,
];
