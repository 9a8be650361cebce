/** How nodes that move elements are drawn. */
import { anyKnown, type Attributes, divisors, type Draw, isF32, rankOf, sizeOf } from "./drawing.ts";
import type { Known, RandomGraph } from "./graph.ts";

export const concat: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 1);
  if (x === undefined) return false;
  const axis = g.whole(0, rankOf(x) - 1);
  const fits = ({ value }: Known) =>
    value.dtype === x.value.dtype && value.shape.length === rankOf(x) &&
    value.shape.every((extent, i) => i === axis || extent === x.value.shape[i]);
  const others = Array.from({ length: g.whole(1, 2) }, () => g.some(fits)!);
  return g.add("Concat", [x, ...others], { axis: g.chance(0.3) ? axis - rankOf(x) : axis }, { exact: true });
};

export const transpose: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 2);
  if (x === undefined) return false;
  const perm = x.value.shape.map((_, i) => i).sort(() => g.chance(0.5) ? 1 : -1);
  return g.add("Transpose", [x], g.chance(0.2) ? {} : { perm }, { exact: true });
};

/** A constant vector of whole numbers. */
export const list = (g: RandomGraph, values: readonly number[]) => g.constant([values.length], values, "i64");

export const slice: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 1);
  if (x === undefined) return false;
  const axes = x.value.shape.map((_, i) => i).filter(() => g.chance(0.6));
  if (axes.length === 0) return false;
  const extents = axes.map((axis) => x.value.shape[axis]);
  const steps = extents.map(() => g.pick([1, 1, 1, 2, -1, -2]));
  const bounds = extents.map((extent, i) => {
    const low = g.whole(0, Math.max(0, Math.floor(extent / 2))), high = extent - g.whole(0, Math.floor(extent / 4));
    if (steps[i] > 0) return [g.chance(0.3) ? low - extent : low, g.chance(0.2) ? 1e6 : high];
    return [g.chance(0.3) ? -1 : high - 1, g.chance(0.3) ? -1e6 : low - 1 - extent];
  });
  const named = axes.map((axis) => g.chance(0.4) ? axis - rankOf(x) : axis);
  return g.add(
    "Slice",
    [
      x,
      list(g, bounds.map(([begin]) => begin)),
      list(g, bounds.map(([, end]) => end)),
      list(g, named),
      list(g, steps),
    ],
    {},
    { exact: true },
  );
};

export const split: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 1);
  if (x === undefined) return false;
  const axis = g.whole(0, rankOf(x) - 1), extent = x.value.shape[axis], first = g.whole(0, extent);
  return g.add("Split", [x, list(g, [first, extent - first])], { axis: g.chance(0.4) ? axis - rankOf(x) : axis }, {
    outputs: 2,
    exact: true,
  });
};

export const gather: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 1);
  if (x === undefined) return false;
  const axis = g.whole(0, rankOf(x) - 1), extent = x.value.shape[axis], shape = g.pick([[], [3], [2, 2], [1]]);
  if (extent === 0) return false;
  const indices = Array.from({ length: sizeOf(shape) }, () => g.whole(-extent, extent - 1));
  return g.add("Gather", [x, g.constant(shape, indices, "i64")], { axis: g.chance(0.4) ? axis - rankOf(x) : axis }, {
    exact: true,
  });
};

export const gatherElements: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 1);
  if (x === undefined) return false;
  const axis = g.whole(0, rankOf(x) - 1), extent = x.value.shape[axis];
  const shape = x.value.shape.map((extent, i) => i === axis ? g.whole(1, 4) : extent);
  if (extent === 0) return false;
  const indices = Array.from({ length: sizeOf(shape) }, () => g.whole(-extent, extent - 1));
  return g.add("GatherElements", [x, g.constant(shape, indices, "i64")], { axis }, { exact: true });
};

export const expand: Draw = (g) => {
  const x = g.some(anyKnown);
  if (x === undefined) return false;
  const shape = x.value.shape.map((extent) => extent === 1 ? g.whole(1, 3) : g.chance(0.5) ? 1 : extent);
  return g.add("Expand", [x, list(g, g.chance(0.3) ? [2, ...shape] : shape)], {}, { exact: true });
};

export const tile: Draw = (g) => {
  const x = g.some((known) => rankOf(known) >= 1);
  return x !== undefined && g.add("Tile", [x, list(g, x.value.shape.map(() => g.whole(1, 2)))], {}, { exact: true });
};

export const pad: Draw = (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 1);
  if (x === undefined) return false;
  const mode = g.pick(["constant", "reflect", "edge"]);
  const one = (extent: number) =>
    mode === "constant" ? g.whole(extent > 2 ? -1 : 0, 2) : g.whole(0, Math.min(2, Math.max(0, extent - 1)));
  const pads = [...x.value.shape, ...x.value.shape].map(one);
  return g.add(
    "Pad",
    mode === "constant" && g.chance(0.5) ? [x, list(g, pads), g.constant([], [1.5])] : [x, list(g, pads)],
    { mode },
    { exact: true },
  );
};

export const blocks = (operator: string): Draw => (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) === 4);
  if (x === undefined) return false;
  const mode: Attributes = operator === "DepthToSpace" ? { mode: g.pick(["DCR", "CRD"]) } : {};
  return g.add(operator, [x], { blocksize: 2, ...mode }, { exact: true });
};

export const reshape: Draw = (g) => {
  const x = g.some(anyKnown);
  if (x === undefined) return false;
  const size = sizeOf(x.value.shape);
  if (size === 0) return false;
  const shape: number[] = [];
  for (let rest = size; shape.length < g.whole(1, 5);) {
    const extent = g.pick(divisors(rest));
    shape.push(extent);
    rest /= extent;
  }
  shape.push(-1);
  if (shape[0] === x.value.shape[0] && g.chance(0.5)) shape[0] = 0;
  return g.add("Reshape", [x, list(g, shape)], {}, { exact: true });
};

export const flatten: Draw = (g) => {
  const x = g.some(anyKnown);
  return x !== undefined && g.add("Flatten", [x], { axis: g.whole(-rankOf(x), rankOf(x)) }, { exact: true });
};

export const squeeze: Draw = (g) => {
  const x = g.some(({ value }) => value.shape.includes(1));
  if (x === undefined) return false;
  const axes = x.value.shape.flatMap((extent, i) => extent === 1 ? [g.chance(0.5) ? i : i - rankOf(x)] : []);
  return g.add("Squeeze", g.chance(0.3) ? [x] : [x, list(g, [g.pick(axes)])], {}, { exact: true });
};

export const unsqueeze: Draw = (g) => {
  const x = g.some(anyKnown);
  return x !== undefined && g.add("Unsqueeze", [x, list(g, [g.whole(-rankOf(x) - 1, rankOf(x))])], {}, { exact: true });
};

export const trilu: Draw = (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 2);
  return x !== undefined &&
    g.add("Trilu", [x, g.constant([], [g.whole(-2, 2)], "i64")], { upper: g.whole(0, 1) }, { exact: true });
};
