/** Losses, as functions of scores and classes. */
import { nn } from "../../../shaders/mod.ts";
import { input, type Lowering, type NodeView, type Operand, type Operator, UnsupportedNode } from "../operator.ts";
import { converted } from "./convert.ts";
import { binary, scalarLike, unary } from "./elementwise.ts";

/** The loss of logarithms of probabilities [N, C, ...] at the classes [N, ...]. */
function negativeLogLikelihood(
  lowering: Lowering,
  node: NodeView,
  logarithms: Operand,
  target: Operand,
  weight: Operand | undefined,
): Operand {
  const { attributes } = node;
  const classes = converted(lowering, target, "i64");
  const column = lowering.reshape(classes, [target.shape[0], 1, ...target.shape.slice(1)]);
  const ignored = attributes.has("ignore_index")
    ? binary(lowering, "equal", column, scalarLike(lowering, column, attributes.number("ignore_index")))
    : undefined;
  const zero = scalarLike(lowering, column, 0);
  // An ignored class may be none at all; any serves for a loss that counts nothing.
  const chosen = ignored === undefined ? column : lowering.apply(nn.where, [ignored, zero, column], {});
  const own = unary(lowering, lowering.apply(nn.gatherElements, [logarithms, chosen], { axis: 1 }), "negative");
  const weights = weight === undefined ? undefined : lowering.apply(nn.gather, [weight, chosen], { axis: 0 });
  const counted = (value: Operand) =>
    ignored === undefined ? value : lowering.apply(nn.where, [ignored, scalarLike(lowering, value, 0), value], {});
  const losses = counted(weights === undefined ? own : binary(lowering, "multiply", own, weights));
  const all = { axes: losses.shape.map((_, axis) => axis), keepDims: false } as const;
  switch (attributes.text("reduction", "mean")) {
    case "none":
      return lowering.reshape(losses, target.shape);
    case "sum":
      return lowering.apply(nn.reduce, [losses], { kind: "sum", ...all });
    case "mean": {
      if (ignored === undefined && weights === undefined) {
        return lowering.apply(nn.reduce, [losses], { kind: "mean", ...all });
      }
      const ones = lowering.apply(nn.expand, [scalarLike(lowering, losses, 1)], { shape: losses.shape });
      const share = counted(weights ?? ones);
      const [sum, total] = [losses, share].map((value) => lowering.apply(nn.reduce, [value], { kind: "sum", ...all }));
      return binary(lowering, "divide", sum, total);
    }
    default:
      throw new UnsupportedNode(`the reduction ${attributes.text("reduction")} is not supported`);
  }
}

const likelihoodLoss: Operator = {
  opsets: [12],
  lower: (lowering, node) => [negativeLogLikelihood(lowering, node, input(node, 0), input(node, 1), node.inputs[2])],
};

const crossEntropyLoss: Operator = {
  opsets: [12],
  lower: (lowering, node) => {
    const logarithms = lowering.apply(nn.softmax, [input(node, 0)], { axis: 1, log: true });
    return [negativeLogLikelihood(lowering, node, logarithms, input(node, 1), node.inputs[2]), logarithms];
  },
};

/** Losses by ONNX's names. */
export const losses: Readonly<Record<string, Operator>> = {
  NegativeLogLikelihoodLoss: likelihoodLoss,
  SoftmaxCrossEntropyLoss: crossEntropyLoss,
};
