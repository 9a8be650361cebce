/** How nodes of each operator are drawn. */
import {
  anyKnown,
  type Attributes,
  axisOf,
  broadcasts,
  type Draw,
  hasElements,
  isBool,
  isF32,
  isWhole,
  partOf,
  rankOf,
  real,
  sizeOf,
  within,
} from "./drawing.ts";
import type { Known, RandomGraph } from "./graph.ts";
import {
  alongAxis,
  batchNormalization,
  conv,
  convTranspose,
  gemm,
  instanceNormalization,
  layerNormalization,
  matmul,
  overMap,
  pool,
  resize,
} from "./layers.ts";
import {
  blocks,
  concat,
  expand,
  flatten,
  gather,
  gatherElements,
  list,
  pad,
  reshape,
  slice,
  split,
  squeeze,
  tile,
  transpose,
  trilu,
  unsqueeze,
} from "./movement.ts";

const unary = (
  operator: string,
  { attributes, low = -1e5, high = 1e5, exact = false, steps = false }: {
    attributes?: (g: RandomGraph) => Attributes;
    low?: number;
    high?: number;
    exact?: boolean;
    steps?: boolean;
  } = {},
): Draw =>
(g) => {
  const x = g.some((known) => isF32(known) && (!steps || known.exact) && within(known, low, high));
  return x !== undefined && g.add(operator, [x], attributes?.(g), { exact, needsExact: steps });
};

const alpha = (g: RandomGraph): Attributes => ({ alpha: real(g.whole(1, 12) / 8) });

/** Another operand: a value that fits, or a constant. */
function partner(g: RandomGraph, x: Known, fits: (known: Known) => boolean = anyKnown): Known {
  const alike = (known: Known) =>
    known.value.dtype === x.value.dtype && broadcasts(known.value.shape, x.value.shape) && fits(known);
  const found = g.chance(0.5) ? g.some(alike) : undefined;
  if (found !== undefined) return found;
  if (x.value.dtype === "f32" || x.value.dtype === "i64") {
    return g.constant(partOf(g, x.value.shape), undefined, x.value.dtype);
  }
  return x;
}

const pair = (
  operator: string,
  types: (known: Known) => boolean,
  options: { exact?: boolean; steps?: boolean; attributes?: Attributes } = {},
): Draw =>
(g) => {
  const x = g.some((known) => types(known) && (!options.steps || known.exact));
  if (x === undefined) return false;
  const y = partner(g, x, (known) => !options.steps || known.exact);
  return g.add(operator, g.chance(0.7) ? [x, y] : [y, x], options.attributes, {
    exact: options.exact,
    needsExact: options.steps,
  });
};

/** A divisor without elements near 0. */
const quotient = (operator: string, attributes?: Attributes): Draw => (g) => {
  const x = g.some((known) => isF32(known) || (isWhole(known) && known.value.dtype === "i64"));
  if (x === undefined) return false;
  const shape = partOf(g, x.value.shape);
  const wide = Array.from({ length: sizeOf(shape) }, () => g.pick([-3, -2, -1, 1, 2, 4]));
  const y = g.constant(shape, wide, x.value.dtype as "f32" | "i64");
  const float = x.value.dtype === "f32";
  return g.add(operator, [x, y], float && operator === "Mod" ? { fmod: 1 } : attributes, {
    needsExact: operator === "Mod",
    exact: operator === "Mod",
  });
};

/** From opset 18 on, axes are an input. */
const reduce = (operator: string, { low = -1e5, whole = false, exact = false } = {}): Draw => (g) => {
  const x = g.some((known) =>
    hasElements(known) && (isF32(known) || (whole && isWhole(known))) && within(known, low, 1e5)
  );
  if (x === undefined) return false;
  const axes = x.value.shape.map((_, i) => i).filter(() => g.chance(0.5)).map((axis) =>
    g.chance(0.4) ? axis - rankOf(x) : axis
  );
  const attributes = { keepdims: g.whole(0, 1), ...axes.length === 0 ? { noop_with_empty_axes: g.whole(0, 1) } : {} };
  return g.add(operator, axes.length === 0 ? [x] : [x, list(g, axes)], attributes, { exact });
};

const cast: Draw = (g) => {
  const x = g.some((known) => known.exact);
  return x !== undefined && g.add("Cast", [x], { to: g.pick([1, 6, 7, 9]) }, { exact: true, needsExact: true });
};

const where: Draw = (g) => {
  const condition = g.some(isBool);
  if (condition === undefined) return false;
  const x = g.some((known) => !isBool(known) && broadcasts(known.value.shape, condition.value.shape));
  return x !== undefined &&
    g.add("Where", [condition, ...g.chance(0.5) ? [x, partner(g, x)] : [partner(g, x), x]], {}, { exact: true });
};

const argument = (operator: string): Draw => (g) => {
  const x = g.some((known) => isF32(known) && known.exact && hasElements(known) && rankOf(known) >= 1);
  return x !== undefined &&
    g.add(operator, [x], { axis: axisOf(g, x), keepdims: g.whole(0, 1), select_last_index: g.whole(0, 1) }, {
      needsExact: true,
    });
};

const oneHot: Draw = (g) => {
  const x = g.some((known) => known.value.dtype === "i64");
  // ONNX infers no shape of a single index.
  return x !== undefined && rankOf(x) > 0 &&
    g.add("OneHot", [x, g.constant([], [4], "i64"), g.constant([2], [-0.5, 2])], { axis: g.whole(-1, rankOf(x)) }, {
      exact: true,
    });
};

const shape = (operator: string): Draw => (g) => {
  const x = g.some(anyKnown);
  return x !== undefined && g.add(operator, [x]);
};

const clip: Draw = (g) => {
  const x = g.some(isF32);
  if (x === undefined) return false;
  const low = g.chance(0.7) ? g.constant([], [g.whole(-8, 0) / 8]) : undefined;
  return g.add("Clip", g.chance(0.7) ? [x, low, g.constant([], [g.whole(1, 16) / 8])] : [x, low], {}, { exact: true });
};

const pow: Draw = (g) => {
  const exponent = g.pick([2, 3, 0.5, -1, 1, 0, 1.7]);
  const x = g.some((known) => isF32(known) && within(known, exponent === 2 || exponent === 3 ? -20 : 0.2, 20));
  return x !== undefined && g.add("Pow", [x, g.constant(partOf(g, x.value.shape).map(() => 1), [exponent])]);
};

const chain = (operator: string, exact: boolean): Draw => (g) => {
  const x = g.some(isF32);
  if (x === undefined) return false;
  return g.add(operator, [x, ...Array.from({ length: g.whole(0, 2) }, () => partner(g, x))], {}, { exact });
};

const prelu: Draw = (g) => {
  const x = g.some(isF32);
  return x !== undefined && g.add("PRelu", [x, g.constant(partOf(g, x.value.shape))]);
};

/** Numbers of any type that arithmetic takes. */
const isNumber = (known: Known) => isF32(known) || isWhole(known);

/** The operators that are drawn, by ONNX's names. */
export const draws: Readonly<Record<string, Draw>> = {
  Abs: unary("Abs", { exact: true }),
  Neg: unary("Neg", { exact: true }),
  Relu: unary("Relu", { exact: true }),
  LeakyRelu: unary("LeakyRelu", { attributes: alpha }),
  Elu: unary("Elu", { attributes: alpha }),
  Selu: unary("Selu"),
  Celu: unary("Celu", { attributes: alpha }),
  ThresholdedRelu: unary("ThresholdedRelu", { attributes: alpha, steps: true, exact: true }),
  Sigmoid: unary("Sigmoid"),
  HardSigmoid: unary("HardSigmoid"),
  HardSwish: unary("HardSwish"),
  Softplus: unary("Softplus"),
  Softsign: unary("Softsign"),
  Mish: unary("Mish"),
  Tanh: unary("Tanh"),
  Erf: unary("Erf"),
  Sin: unary("Sin", { low: -60, high: 60 }),
  Cos: unary("Cos", { low: -60, high: 60 }),
  Tan: unary("Tan", { low: -1.2, high: 1.2 }),
  Asin: unary("Asin", { low: -0.9, high: 0.9 }),
  Acos: unary("Acos", { low: -0.9, high: 0.9 }),
  Atan: unary("Atan"),
  Sinh: unary("Sinh", { low: -6, high: 6 }),
  Cosh: unary("Cosh", { low: -6, high: 6 }),
  Asinh: unary("Asinh"),
  Acosh: unary("Acosh", { low: 1.2 }),
  Atanh: unary("Atanh", { low: -0.9, high: 0.9 }),
  Exp: unary("Exp", { low: -80, high: 5 }),
  Log: unary("Log", { low: 0.2 }),
  Sqrt: unary("Sqrt", { low: 0.1 }),
  Reciprocal: unary("Reciprocal", { low: 0.2 }),
  Floor: unary("Floor", { steps: true, exact: true }),
  Ceil: unary("Ceil", { steps: true, exact: true }),
  Round: unary("Round", { steps: true, exact: true }),
  Sign: unary("Sign", { steps: true, exact: true }),
  IsNaN: unary("IsNaN"),
  IsInf: unary("IsInf"),
  Identity: unary("Identity", { exact: true }),
  Clip: clip,
  PRelu: prelu,
  Add: pair("Add", isNumber),
  Sub: pair("Sub", isNumber),
  Mul: pair("Mul", isNumber),
  Div: quotient("Div"),
  Mod: quotient("Mod"),
  Pow: pow,
  Max: chain("Max", true),
  Min: chain("Min", true),
  Sum: chain("Sum", false),
  Mean: chain("Mean", false),
  Equal: pair("Equal", (known) => isNumber(known) || isBool(known), { steps: true }),
  Less: pair("Less", isNumber, { steps: true }),
  LessOrEqual: pair("LessOrEqual", isNumber, { steps: true }),
  Greater: pair("Greater", isNumber, { steps: true }),
  GreaterOrEqual: pair("GreaterOrEqual", isNumber, { steps: true }),
  And: pair("And", isBool),
  Or: pair("Or", isBool),
  Xor: pair("Xor", isBool),
  Not: (g) => {
    const x = g.some(isBool);
    return x !== undefined && g.add("Not", [x]);
  },
  Where: where,
  Cast: cast,
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool("MaxPool"),
  AveragePool: pool("AveragePool"),
  GlobalMaxPool: overMap("GlobalMaxPool"),
  GlobalAveragePool: overMap("GlobalAveragePool"),
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  LayerNormalization: layerNormalization,
  LRN: overMap("LRN", (g) => ({ size: g.pick([1, 3, 5]) })),
  Softmax: alongAxis("Softmax"),
  LogSoftmax: alongAxis("LogSoftmax"),
  Hardmax: alongAxis("Hardmax", { steps: true, exact: true }),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Gemm: gemm,
  MatMul: matmul,
  Concat: concat,
  Transpose: transpose,
  Slice: slice,
  Split: split,
  Gather: gather,
  GatherElements: gatherElements,
  OneHot: oneHot,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Trilu: trilu,
  DepthToSpace: blocks("DepthToSpace"),
  SpaceToDepth: blocks("SpaceToDepth"),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Shape: shape("Shape"),
  Size: shape("Size"),
  ReduceMean: reduce("ReduceMean"),
  ReduceSum: reduce("ReduceSum", { whole: true }),
  ReduceMax: reduce("ReduceMax", { whole: true, exact: true }),
  ReduceMin: reduce("ReduceMin", { whole: true, exact: true }),
  ReduceProd: reduce("ReduceProd"),
  ReduceSumSquare: reduce("ReduceSumSquare"),
  ReduceL1: reduce("ReduceL1"),
  ReduceL2: reduce("ReduceL2"),
  ReduceLogSum: reduce("ReduceLogSum", { low: 0.2 }),
  ReduceLogSumExp: reduce("ReduceLogSumExp"),
  Resize: resize,
};

/** What passes look for, drawn more often: activations and sums behind what takes them, and normalizations. */
export const favorites = [
  "Conv",
  "Gemm",
  "MatMul",
  "ConvTranspose",
  "Add",
  "Mul",
  "Relu",
  "Sigmoid",
  "Clip",
  "HardSigmoid",
  "MaxPool",
  "BatchNormalization",
];
