/** How nodes of convolutions, pooling, normalizations, products and resizing are drawn. */
import {
  type Attributes,
  axisOf,
  divisors,
  type Draw,
  hasElements,
  isF32,
  isMap,
  partOf,
  rankOf,
  real,
  sizeOf,
} from "./drawing.ts";
import type { Known, RandomGraph } from "./graph.ts";

function window(g: RandomGraph, x: Known, kernel: readonly number[], dilated = true): Attributes {
  const spatial = x.value.shape.slice(2);
  const attributes: Attributes = { strides: kernel.map(() => g.whole(1, 2)) };
  const reach = kernel.map((taps) => taps);
  if (dilated && g.chance(0.3)) attributes.dilations = kernel.map((_, i) => spatial[i] > 4 ? g.whole(1, 2) : 1);
  const auto = g.pick(["NOTSET", "NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]);
  if (auto === "NOTSET") {
    if (g.chance(0.7)) attributes.pads = [...reach, ...reach].map((taps) => g.whole(0, Math.max(0, taps - 1)));
  } else {
    attributes.auto_pad = auto;
    // onnxruntime refuses SAME with dilation.
    delete attributes.dilations;
  }
  return attributes;
}

const kernelOf = (g: RandomGraph, x: Known) =>
  x.value.shape.slice(2).map((extent) => g.whole(1, Math.max(1, Math.min(3, extent))));

export const conv: Draw = (g) => {
  const x = g.some(isMap);
  if (x === undefined || x.value.shape[1] === 0) return false;
  const channels = x.value.shape[1], group = g.chance(0.7) ? 1 : g.pick(divisors(channels));
  const to = group * g.whole(1, Math.max(1, Math.floor(10 / group))), kernel = kernelOf(g, x);
  const weight = g.constant([to, channels / group, ...kernel]);
  const bias = g.chance(0.5) ? g.constant([to]) : undefined;
  return g.add("Conv", bias ? [x, weight, bias] : [x, weight], { ...window(g, x, kernel), group });
};

export const convTranspose: Draw = (g) => {
  const x = g.some(isMap);
  if (x === undefined || x.value.shape[1] === 0) return false;
  const channels = x.value.shape[1], group = g.chance(0.7) ? 1 : g.pick(divisors(channels));
  const kernel = kernelOf(g, x), strides = kernel.map(() => g.whole(1, 3));
  const weight = g.constant([channels, g.whole(1, 5), ...kernel]);
  const attributes: Attributes = { group, strides };
  const form = g.whole(0, 3);
  if (form === 0) attributes.pads = [...kernel, ...kernel].map((taps) => g.whole(0, taps - 1));
  if (form === 1) attributes.output_padding = strides.map((step) => g.whole(0, step - 1));
  if (form >= 2) {
    attributes.output_shape = kernel.map((taps, i) => {
      const full = (x.value.shape[2 + i] - 1) * strides[i] + taps;
      return Math.max(1, full - g.whole(0, taps - 1));
    });
    if (form === 3) attributes.auto_pad = g.pick(["SAME_UPPER", "SAME_LOWER"]);
  }
  return g.add(
    "ConvTranspose",
    [x, weight, ...g.chance(0.5) ? [g.constant([weight.value.shape[1] * group])] : []],
    attributes,
  );
};

export const pool = (operator: "MaxPool" | "AveragePool"): Draw => (g) => {
  const x = g.some(isMap);
  if (x === undefined) return false;
  const kernel = kernelOf(g, x);
  const attributes: Attributes = { ...window(g, x, kernel, operator === "MaxPool"), kernel_shape: kernel };
  // Of a window narrower than its step onnxruntime infers one more than it computes.
  const steps = attributes.strides as readonly number[];
  const isWide = kernel.every((taps, i) => taps >= steps[i]);
  if (attributes.auto_pad === undefined && isWide && g.chance(0.3)) attributes.ceil_mode = 1;
  if (operator === "AveragePool" && g.chance(0.5)) attributes.count_include_pad = 1;
  return g.add(operator, [x], attributes, { exact: operator === "MaxPool" });
};

export const overMap = (operator: string, attributes?: (g: RandomGraph) => Attributes): Draw => (g) => {
  const x = g.some(isMap);
  return x !== undefined && g.add(operator, [x], attributes?.(g), { exact: operator === "GlobalMaxPool" });
};

const positive = (g: RandomGraph, count: number) => g.constant([count], g.eighths(count, 4, 16));

export const batchNormalization: Draw = (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 2);
  if (x === undefined) return false;
  const c = x.value.shape[1];
  return g.add("BatchNormalization", [x, g.constant([c]), g.constant([c]), g.constant([c]), positive(g, c)], {
    epsilon: 0.01,
  });
};

export const instanceNormalization: Draw = (g) => {
  const x = g.some((known) => isMap(known) && sizeOf(known.value.shape.slice(2)) > 1);
  if (x === undefined) return false;
  const c = x.value.shape[1];
  return g.add("InstanceNormalization", [x, g.constant([c]), g.constant([c])], { epsilon: 0.1 });
};

export const layerNormalization: Draw = (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 1);
  if (x === undefined) return false;
  const axis = axisOf(g, x), shape = x.value.shape.slice(axis);
  return g.add("LayerNormalization", [x, g.constant(shape), ...g.chance(0.5) ? [g.constant(shape)] : []], {
    axis,
    epsilon: 0.1,
  });
};

export const alongAxis = (operator: string, options: { exact?: boolean; steps?: boolean } = {}): Draw => (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 1 && (!options.steps || known.exact));
  return x !== undefined &&
    g.add(operator, [x], { axis: axisOf(g, x) }, { exact: options.exact, needsExact: options.steps });
};

export const gemm: Draw = (g) => {
  // Without a depth onnxruntime leaves out the factor of C.
  const a = g.some((known) => isF32(known) && rankOf(known) === 2 && hasElements(known));
  if (a === undefined) return false;
  const transA = g.whole(0, 1), transB = g.whole(0, 1);
  const rows = a.value.shape[transA], depth = a.value.shape[1 - transA], columns = g.whole(1, 9);
  const b = g.constant(transB ? [columns, depth] : [depth, columns]);
  const c = g.chance(0.5) ? g.constant(g.pick([[], [columns], [1, columns], [rows, 1], [rows, columns]])) : undefined;
  const attributes = { transA, transB, alpha: real(g.pick([1, 1, 0.5, -2])), beta: real(g.pick([1, 1, 0, 0.5, -2])) };
  return g.add("Gemm", c ? [a, b, c] : [a, b], attributes);
};

export const matmul: Draw = (g) => {
  const a = g.some((known) => isF32(known) && rankOf(known) >= 1);
  if (a === undefined) return false;
  const depth = a.value.shape.at(-1)!,
    batch = rankOf(a) > 2 && g.chance(0.4) ? partOf(g, a.value.shape.slice(0, -2)) : [];
  return g.add("MatMul", [a, g.constant(g.chance(0.15) ? [depth] : [...batch, depth, g.whole(1, 7)])]);
};

export const resize: Draw = (g) => {
  const x = g.some((known) => isF32(known) && rankOf(known) >= 3 && rankOf(known) <= 5);
  if (x === undefined) return false;
  const mode = g.pick(["nearest", "linear"]);
  // Of whole and half factors no position lies between two neighbors by rounding alone.
  // Half of an odd number is a length that onnxruntime rounds before it aligns corners, which ONNX's own tests don't.
  const scales = x.value.shape.map((extent, i) => i < 2 ? 1 : g.pick(extent % 2 === 0 ? [1, 2, 3, 0.5] : [1, 2, 3]));
  if (mode === "linear" && rankOf(x) === 5) return false;
  const attributes = {
    mode,
    coordinate_transformation_mode: g.pick(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]),
    nearest_mode: g.pick(["floor", "round_prefer_floor", "round_prefer_ceil", "ceil"]),
  };
  return g.add("Resize", [x, undefined, g.constant([scales.length], scales)], attributes, {
    exact: mode === "nearest",
  });
};
