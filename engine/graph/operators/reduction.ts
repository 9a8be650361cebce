/** Reductions. */
import { nn } from "../../../shaders/mod.ts";
import { converted } from "./convert.ts";
import { numbersOf } from "../host_value.ts";
import { axisOf, input, numbersFrom, type Operator } from "../operator.ts";

/**
 * Axes are an attribute, and an input since version 18 (13 for the sum). With `noop_with_empty_axes` each element is reduced
 * for itself: ReduceSumSquare gives squares.
 */
function reduction(kind: nn.ReduceKind): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      const axes = numbersFrom(lowering, node, "axes", 1);
      const keepDims = node.attributes.number("keepdims", 1) === 1;
      const nothing = axes === undefined || axes.length === 0;
      const all = nothing && node.attributes.number("noop_with_empty_axes", 0) === 0;
      const options: Partial<nn.ReduceOptions> = all ? { kind, keepDims } : { kind, axes: axes ?? [], keepDims };
      const x = input(node, 0);
      const numbers = x.dtype === "bool" ? converted(lowering, x, "i32") : x;
      return [converted(lowering, lowering.apply(nn.reduce, [numbers], options), x.dtype)];
    },
  };
}

/** Running sums and products; their axis is an input. */
function cumulation(kind: nn.CumulateOptions["kind"], since: number): Operator {
  return {
    opsets: [since],
    lower: (lowering, node) => {
      const x = input(node, 0);
      return [lowering.apply(nn.cumulate, [x], {
        kind,
        axis: axisOf(numbersOf(lowering.host(input(node, 1)))[0], x.shape.length),
        exclusive: node.attributes.number("exclusive", 0) === 1,
        reverse: node.attributes.number("reverse", 0) === 1,
      })];
    },
  };
}

/** Reductions by ONNX's names. */
export const reductions: Readonly<Record<string, Operator>> = {
  CumSum: cumulation("sum", 11),
  CumProd: cumulation("product", 26),
  ReduceMean: reduction("mean"),
  ReduceSum: reduction("sum"),
  ReduceMax: reduction("max"),
  ReduceMin: reduction("min"),
  ReduceProd: reduction("prod"),
  ReduceSumSquare: reduction("sumSquare"),
  ReduceL1: reduction("l1"),
  ReduceL2: reduction("l2"),
  ReduceLogSum: reduction("logSum"),
  ReduceLogSumExp: reduction("logSumExp"),
};
