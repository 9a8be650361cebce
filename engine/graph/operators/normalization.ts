/** Normalization and softmax. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import {
  axisOf,
  input,
  type Lowering,
  type NodeView,
  type Operand,
  type Operator,
  UnsupportedNode,
} from "../operator.ts";
import { binary, scalarLike, unary } from "./elementwise.ts";

/** The sum over axes, or their mean, which stay with size 1. */
function over(lowering: Lowering, x: Operand, kind: nn.ReduceKind, axes: readonly number[]): Operand {
  return lowering.apply(nn.reduce, [x], { kind, axes: [...axes], keepDims: true });
}

/** Scale and shift by which an inference-time batch normalization multiplies and adds. */
function batchNormalizationAffine(lowering: Lowering, node: NodeView): { scale: Operand; shift: Operand } {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((position) => input(node, position));
  const epsilon = scalarLike(lowering, variance, node.attributes.number("epsilon", 1e-5));
  const deviation = unary(lowering, binary(lowering, "add", variance, epsilon), "sqrt");
  const scale = binary(lowering, "divide", gamma, deviation);
  return { scale, shift: binary(lowering, "subtract", beta, binary(lowering, "multiply", mean, scale)) };
}

const batchNormalization: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const { attributes } = node;
    if (attributes.number("training_mode", 0) === 1) return batchStatistics(lowering, node);
    const training = node.opset < 7 && attributes.has("is_test") && attributes.number("is_test") === 0;
    if (training || node.outputs.slice(1).some((name) => name !== "")) {
      throw new UnsupportedNode("training before version 14 is not supported");
    }
    const { scale, shift } = batchNormalizationAffine(lowering, node);
    const x = input(node, 0);
    // Before version 9 statistics could be one per element.
    if (attributes.number("spatial", 1) === 0) {
      return [binary(lowering, "add", binary(lowering, "multiply", x, scale), shift)];
    }
    return [lowering.apply(nn.channelAffine, [x, scale, shift], { epilogue: [] })];
  },
};

/** In training the batch's own statistics count, and go into the running ones. */
function batchStatistics(lowering: Lowering, node: NodeView): Operand[] {
  const [x, gamma, beta, runningMean, runningVariance] = [0, 1, 2, 3, 4].map((position) => input(node, position));
  const axes = x.shape.flatMap((_, axis) => axis === 1 ? [] : [axis]);
  const along = (value: Operand) => lowering.reshape(value, x.shape.map((_, axis) => axis === 1 ? x.shape[1] : 1));
  const mean = over(lowering, x, "mean", axes);
  const centered = binary(lowering, "subtract", x, mean);
  const variance = over(lowering, binary(lowering, "multiply", centered, centered), "mean", axes);
  const epsilon = scalarLike(lowering, x, node.attributes.number("epsilon", 1e-5));
  const deviation = unary(lowering, binary(lowering, "add", variance, epsilon), "sqrt");
  const scaled = binary(lowering, "multiply", binary(lowering, "divide", centered, deviation), along(gamma));
  const momentum = node.attributes.number("momentum", 0.9);
  const running = (old: Operand, own: Operand): Operand => {
    const now = lowering.reshape(own, old.shape);
    const kept = binary(lowering, "multiply", old, scalarLike(lowering, old, momentum));
    return binary(lowering, "add", kept, binary(lowering, "multiply", now, scalarLike(lowering, now, 1 - momentum)));
  };
  return [
    binary(lowering, "add", scaled, along(beta)),
    running(runningMean, mean),
    running(runningVariance, variance),
  ];
}

const instanceNormalization: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const epsilon = node.attributes.number("epsilon", 1e-5);
    const inputs = [input(node, 0), input(node, 1), input(node, 2)];
    return [lowering.apply(nn.instanceNormalization, inputs, { epsilon, epilogue: [] })];
  },
};

/** Channels in groups: each group has one mean and deviation, every channel its scale and shift. */
const groupNormalization: Operator = {
  opsets: [18],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const groups = node.attributes.number("num_groups");
    const epsilon = node.attributes.number("epsilon", 1e-5);
    const [batch, channels, ...spatial] = x.shape;
    // Version 18 had one scale and shift per group.
    const [scale, shift] = [1, 2].map((position) => {
      const own = input(node, position);
      if (node.opset >= 21 || own.shape[0] === channels) return own;
      const each = { shape: [groups, channels / groups] };
      return lowering.reshape(lowering.apply(nn.expand, [lowering.reshape(own, [groups, 1])], each), [channels]);
    });
    const map = spatial.length > 0 ? x : lowering.reshape(x, [batch, channels, 1]);
    const normal = lowering.apply(nn.instanceNormalization, [map, scale, shift], { epsilon, groups, epilogue: [] });
    return [lowering.reshape(normal, x.shape)];
  },
};

/** All axes from `axis` on have one mean and deviation; scale and shift go element by element. */
const layerNormalization: Operator = {
  opsets: [17],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const first = axisOf(node.attributes.number("axis", -1), x.shape.length);
    const axes = x.shape.slice(first).map((_, i) => first + i);
    if (node.outputs.slice(1).every((name) => name === "")) return [normalizedLines(lowering, node, x, first)];
    const mean = lowering.apply(nn.reduce, [x], { kind: "mean", axes, keepDims: true });
    const centered = binary(lowering, "subtract", x, mean);
    const { scaled, factor } = overRootMeanSquare(lowering, node, centered, axes);
    const bias = node.inputs[2];
    return [bias === undefined ? scaled : binary(lowering, "add", scaled, bias), mean, factor];
  },
};

/** The normalization without its mean and deviation as results. */
function normalizedLines(lowering: Lowering, node: NodeView, x: Operand, first: number): Operand {
  const shape = x.shape.slice(first);
  const own = (given: Operand | undefined, otherwise: number): Operand => {
    if (given === undefined) return lowering.constant(lowering.filled(x.dtype, shape, otherwise));
    if (sizeOf(given.shape) === sizeOf(shape)) return lowering.reshape(given, shape);
    return lowering.apply(nn.expand, [given], { shape: [...shape] });
  };
  const [scale, bias] = [own(node.inputs[1], 1), own(node.inputs[2], 0)];
  const epsilon = node.attributes.number("epsilon", 1e-5);
  return lowering.apply(nn.layerNormalization, [x, scale, bias], { epsilon });
}

const rmsNormalization: Operator = {
  opsets: [23],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const first = axisOf(node.attributes.number("axis", -1), x.shape.length);
    const axes = x.shape.slice(first).map((_, i) => first + i);
    return [overRootMeanSquare(lowering, node, x, axes).scaled];
  },
};

/** x / sqrt(mean(x^2) + epsilon), times the node's scale. */
function overRootMeanSquare(lowering: Lowering, node: NodeView, x: Operand, axes: number[]) {
  const epsilon = scalarLike(lowering, x, node.attributes.number("epsilon", 1e-5));
  const squares = binary(lowering, "multiply", x, x);
  const mean = lowering.apply(nn.reduce, [squares], { kind: "mean", axes, keepDims: true });
  const factor = unary(lowering, unary(lowering, binary(lowering, "add", mean, epsilon), "sqrt"), "reciprocal");
  const normal = binary(lowering, "multiply", x, factor);
  return { scaled: binary(lowering, "multiply", normal, input(node, 1)), factor };
}

/** x / (bias + alpha * mean of squares over neighboring channels)^beta; channels beyond the ends count as 0. */
const localResponse: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const { attributes } = node;
    const x = input(node, 0);
    const [batch, channels] = x.shape;
    const size = attributes.number("size");
    const squares = lowering.reshape(binary(lowering, "multiply", x, x), [
      batch,
      1,
      channels,
      sizeOf(x.shape.slice(2)),
    ]);
    const before = Math.floor((size - 1) / 2);
    const mean = lowering.apply(nn.pool, [squares], {
      kind: "average",
      kernel: [size, 1],
      padsBegin: [before, 0],
      padsEnd: [size - 1 - before, 0],
      ceilMode: false,
      countIncludePad: true,
      epilogue: [],
    });
    const number = (name: string, otherwise: number) => scalarLike(lowering, x, attributes.number(name, otherwise));
    const scaled = binary(lowering, "multiply", lowering.reshape(mean, x.shape), number("alpha", 1e-4));
    const base = binary(lowering, "add", scaled, number("bias", 1));
    return [binary(lowering, "divide", x, binary(lowering, "power", base, number("beta", 0.75)))];
  },
};

/** Before version 13 all axes from `axis` on count as one. */
function softmax(log: boolean): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      const x = input(node, 0);
      const rank = x.shape.length;
      if (node.opset >= 13) {
        const axis = axisOf(node.attributes.number("axis", -1), rank);
        return [lowering.apply(nn.softmax, [x], { axis, log })];
      }
      const axis = axisOf(node.attributes.number("axis", 1), rank);
      const flat = lowering.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
      return [lowering.reshape(lowering.apply(nn.softmax, [flat], { axis: 1, log }), x.shape)];
    },
  };
}

/** x / norm along an axis; where the norm is 0, so is the result. */
const lpNormalization: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const axis = axisOf(node.attributes.number("axis", -1), x.shape.length);
    const p = node.attributes.number("p", 2);
    if (p !== 1 && p !== 2) throw new ModelError(`p is ${p}, it must be 1 or 2`);
    const norm = over(lowering, x, p === 1 ? "l1" : "l2", [axis]);
    const none = binary(lowering, "equal", norm, scalarLike(lowering, norm, 0));
    const divisor = lowering.apply(nn.where, [none, scalarLike(lowering, norm, 1), norm], {});
    return [binary(lowering, "divide", x, divisor)];
  },
};

/** (x - mean) / (deviation + 1e-9) over axes, by default all but the channels. */
const meanVarianceNormalization: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const axes = node.attributes.numbers("axes", [0, 2, 3]).map((axis) => axisOf(axis, x.shape.length));
    const centered = binary(lowering, "subtract", x, over(lowering, x, "mean", axes));
    const variance = over(lowering, binary(lowering, "multiply", centered, centered), "mean", axes);
    const deviation = binary(lowering, "add", unary(lowering, variance, "sqrt"), scalarLike(lowering, x, 1e-9));
    return [binary(lowering, "divide", centered, deviation)];
  },
};

/** Normalization by ONNX's names. */
export const normalization: Readonly<Record<string, Operator>> = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LRN: localResponse,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
