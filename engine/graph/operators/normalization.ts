/** Normalization and softmax. */
import { nn } from "../../../shaders/mod.ts";
import { sizeOf } from "../host_value.ts";
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
    const training = attributes.number("training_mode", 0) === 1 ||
      (node.opset < 7 && attributes.has("is_test") && attributes.number("is_test") === 0);
    if (training || node.outputs.slice(1).some((name) => name !== "")) {
      throw new UnsupportedNode("training is not supported");
    }
    if (attributes.number("spatial", 1) === 0) throw new UnsupportedNode("statistics an element are not supported");
    const { scale, shift } = batchNormalizationAffine(lowering, node);
    return [lowering.apply(nn.channelAffine, [input(node, 0), scale, shift], { then: [] })];
  },
};

const instanceNormalization: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const epsilon = node.attributes.number("epsilon", 1e-5);
    const inputs = [input(node, 0), input(node, 1), input(node, 2)];
    return [lowering.apply(nn.instanceNormalization, inputs, { epsilon, then: [] })];
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
      const axis = axisOf(node.attributes.number("axis", 1), rank + 1);
      const flat = lowering.reshape(x, [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis))]);
      return [lowering.reshape(lowering.apply(nn.softmax, [flat], { axis: 1, log }), x.shape)];
    },
  };
}

/** Normalization by ONNX's names. */
export const normalization: Readonly<Record<string, Operator>> = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  Softmax: softmax(false),
  LogSoftmax: softmax(true),
};
