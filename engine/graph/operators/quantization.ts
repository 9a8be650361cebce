/** Numbers as integers of a scale and a zero point: conversion, and products of such integers. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import type { HostDType } from "../host_value.ts";
import {
  axisOf,
  input,
  type Lowering,
  type NodeView,
  type Operand,
  type Operator,
  UnsupportedNode,
} from "../operator.ts";
import { dtypeOf } from "../tensor_proto.ts";
import { converted } from "./convert.ts";
import { convolutionOf } from "./convolution.ts";
import { binary, scalarLike, unary } from "./elementwise.ts";
import { matrixProduct } from "./linear.ts";
import { sliced } from "./movement.ts";

const ranges: Readonly<Partial<Record<HostDType, readonly [least: number, greatest: number]>>> = {
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  i16: [-32768, 32767],
};

/** Scales and zero points may be one per tensor, one along an axis, or one per block of positions of the axis. */
function spread(lowering: Lowering, parameter: Operand, x: Operand, node: NodeView): Operand {
  const { shape } = parameter;
  if (shape.length === 0 || (shape.length === 1 && shape[0] === 1 && x.shape.length !== 1)) {
    return lowering.reshape(parameter, []);
  }
  const axis = axisOf(node.attributes.number("axis", 1), x.shape.length);
  const block = node.attributes.number("block_size", 0);
  if (block === 0) {
    if (shape.length !== 1 || shape[0] !== x.shape[axis]) {
      throw new ModelError(`scales of shape [${shape}] don't fit axis ${axis} of [${x.shape}]`);
    }
    return lowering.reshape(parameter, x.shape.map((extent, i) => i === axis ? extent : 1));
  }
  const repeated = [...shape.slice(0, axis + 1), block, ...shape.slice(axis + 1)];
  const apart = lowering.reshape(parameter, repeated.with(axis + 1, 1));
  const flat = lowering.reshape(
    lowering.apply(nn.expand, [apart], { shape: repeated }),
    shape.with(axis, shape[axis] * block),
  );
  // The last block may be shorter.
  return sliced(lowering, flat, [{ axis, start: 0, size: x.shape[axis] }]);
}

/** round(x / scale) + zero, ties to even, saturated at the ends of the type. */
function quantized(lowering: Lowering, ratio: Operand, zero: Operand | undefined, to: HostDType): Operand {
  const range = ranges[to];
  if (range === undefined) throw new UnsupportedNode(`quantization to ${to} is not supported`);
  const rounded = unary(lowering, converted(lowering, ratio, "f32"), "round");
  const moved = zero === undefined ? rounded : binary(lowering, "add", rounded, converted(lowering, zero, "f32"));
  return converted(lowering, unary(lowering, moved, "clip", { alpha: range[0], beta: range[1] }), to);
}

const quantizeLinear: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const given = node.inputs[2];
    const stated = node.attributes.number("output_dtype", 0);
    const to = given?.dtype ?? (stated === 0 ? "u8" : dtypeOf(stated));
    const precision = node.attributes.number("precision", 0);
    const scale = spread(lowering, input(node, 1), x, node);
    const computed = precision === 0 ? scale.dtype : dtypeOf(precision);
    const ratio = binary(
      lowering,
      "divide",
      converted(lowering, x, computed),
      converted(lowering, scale, computed),
    );
    return [quantized(lowering, ratio, given && spread(lowering, given, x, node), to)];
  },
};

const dequantizeLinear: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const scale = spread(lowering, input(node, 1), x, node);
    const zero = node.inputs[2];
    const integers = converted(lowering, x, "i32");
    const centered = zero === undefined
      ? integers
      : binary(lowering, "subtract", integers, converted(lowering, spread(lowering, zero, x, node), "i32"));
    const product = binary(
      lowering,
      "multiply",
      converted(lowering, centered, "f32"),
      converted(lowering, scale, "f32"),
    );
    const stated = node.attributes.number("output_dtype", 0);
    return [converted(lowering, product, stated === 0 ? scale.dtype : dtypeOf(stated))];
  },
};

/** Bytes by the range of the tensor, which is widened to hold 0. */
const dynamicQuantizeLinear: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const zero = scalarLike(lowering, x, 0);
    const axes = x.shape.map((_, axis) => axis);
    const extreme = (kind: "max" | "min") => lowering.apply(nn.reduce, [x], { kind, axes, keepDims: false });
    const greatest = binary(lowering, "maximum", extreme("max"), zero);
    const least = binary(lowering, "minimum", extreme("min"), zero);
    const range = binary(lowering, "subtract", greatest, least);
    const scale = binary(lowering, "divide", range, scalarLike(lowering, x, 255));
    const start = unary(lowering, binary(lowering, "divide", least, scale), "negative");
    const point = converted(
      lowering,
      unary(lowering, unary(lowering, start, "clip", { alpha: 0, beta: 255 }), "round"),
      "u8",
    );
    return [quantized(lowering, binary(lowering, "divide", x, scale), point, "u8"), scale, point];
  },
};

/** Integers less their zero point, which is one for all or one per row of the axis. */
function centered(lowering: Lowering, x: Operand, zero: Operand | undefined, axis: number): Operand {
  const integers = converted(lowering, x, "i32");
  if (zero === undefined) return integers;
  const own = converted(lowering, zero, "i32");
  const one = own.shape.length === 0 || own.shape.every((extent) => extent === 1);
  const along = x.shape.map((_, i) => i === axis ? own.shape[0] : 1);
  const laid = one ? lowering.reshape(own, []) : own.shape.length === 1 ? lowering.reshape(own, along) : own;
  return binary(lowering, "subtract", integers, laid);
}

function rowsOf(x: Operand): number {
  return Math.max(0, x.shape.length - 2);
}

const matMulInteger: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const [a, b] = [input(node, 0), input(node, 1)];
    const left = centered(lowering, a, node.inputs[2], rowsOf(a));
    const right = centered(lowering, b, node.inputs[3], b.shape.length - 1);
    return [matrixProduct(lowering, left, right)];
  },
};

/** The sums by the scales of the operands and the result. Scales are one for all or one along an axis. */
function requantized(
  lowering: Lowering,
  sums: Operand,
  scales: readonly { readonly scale: Operand; readonly axis: number }[],
  result: { readonly scale: Operand; readonly zero: Operand },
): Operand {
  const laid = scales.map(({ scale, axis }) => {
    const wide = converted(lowering, scale, "f32");
    if (scale.shape.length > 1) return wide;
    const one = scale.shape.length === 0 || scale.shape[0] === 1;
    return lowering.reshape(wide, one ? [] : sums.shape.map((_, i) => i === axis ? scale.shape[0] : 1));
  });
  const product = laid.reduce((all, scale) => binary(lowering, "multiply", all, scale));
  const factor = binary(lowering, "divide", product, lowering.reshape(converted(lowering, result.scale, "f32"), []));
  const ratio = binary(lowering, "multiply", converted(lowering, sums, "f32"), factor);
  return quantized(lowering, ratio, lowering.reshape(result.zero, []), result.zero.dtype);
}

const qLinearMatMul: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const [a, aScale, aZero, b, bScale, bZero, scale, zero] = node.inputs.map((_, i) => input(node, i));
    const left = centered(lowering, a, aZero, rowsOf(a));
    const right = centered(lowering, b, bZero, b.shape.length - 1);
    const sums = matrixProduct(lowering, left, right);
    const scales = [{ scale: aScale, axis: rowsOf(sums) }, { scale: bScale, axis: sums.shape.length - 1 }];
    return [requantized(lowering, sums, scales, { scale, zero })];
  },
};

/** Products of bytes of which f32 adds up so many exactly: 255 * 255 * 258 < 2^24. */
const exactProducts = 258;

/** Convolution of bytes less their zero points: exact, by sums of so few channels that f32 holds them. */
function integerConvolution(lowering: Lowering, node: NodeView, x: Operand, w: Operand): Operand {
  const taps = w.shape.slice(2).reduce((product, extent) => product * extent, 1);
  if (taps > exactProducts) throw new UnsupportedNode(`windows of ${taps} integers are not supported`);
  const groups = node.attributes.number("group", 1);
  const [images, kernels] = [x, w].map((own) => converted(lowering, own, "f32"));
  const perGroup = w.shape[1];
  const part = Math.floor(exactProducts / taps);
  if (perGroup <= part) return converted(lowering, convolutionOf(lowering, node, [images, kernels]), "i32");
  if (groups > 1) {
    const sums = Array.from({ length: groups }, (_, group) => {
      const size = w.shape[0] / groups;
      const own = sliced(lowering, images, [{ axis: 1, start: group * perGroup, size: perGroup }]);
      const kernel = sliced(lowering, kernels, [{ axis: 0, start: group * size, size }]);
      return sumOfParts(lowering, node, own, kernel, part);
    });
    return lowering.apply(nn.concat, sums, { axis: 1 });
  }
  return sumOfParts(lowering, node, images, kernels, part);
}

function sumOfParts(lowering: Lowering, node: NodeView, x: Operand, w: Operand, part: number): Operand {
  const channels = w.shape[1];
  let sum: Operand | undefined;
  for (let start = 0; start < channels; start += part) {
    const size = Math.min(part, channels - start);
    const [images, kernels] = [x, w].map((own) => sliced(lowering, own, [{ axis: 1, start, size }]));
    const partial = converted(lowering, convolutionOf(lowering, node, [images, kernels], 1), "i32");
    sum = sum === undefined ? partial : binary(lowering, "add", sum, partial);
  }
  return sum!;
}

const convInteger: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const x = centered(lowering, input(node, 0), node.inputs[2], 1);
    const w = centered(lowering, input(node, 1), node.inputs[3], 0);
    return [integerConvolution(lowering, node, x, w)];
  },
};

const qLinearConv: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const [x, xScale, xZero, w, wScale, wZero, scale, zero] = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => input(node, i));
    const sums = integerConvolution(lowering, node, centered(lowering, x, xZero, 1), centered(lowering, w, wZero, 0));
    const bias = node.inputs[8];
    const along = sums.shape.map((_, i) => i === 1 ? sums.shape[1] : 1);
    const biased = bias === undefined ? sums : binary(lowering, "add", sums, lowering.reshape(bias, along));
    return [requantized(lowering, biased, [{ scale: xScale, axis: 1 }, { scale: wScale, axis: 1 }], { scale, zero })];
  },
};

/** Quantized operators by ONNX's names. */
export const quantization: Readonly<Record<string, Operator>> = {
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  MatMulInteger: matMulInteger,
  QLinearMatMul: qLinearMatMul,
  ConvInteger: convInteger,
  QLinearConv: qLinearConv,
};
