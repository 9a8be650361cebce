/** Pooling. */
import { nn } from "../../../shaders/mod.ts";
import { input, type NodeView, type Operator, UnsupportedNode } from "../operator.ts";
import { isFloat } from "../host_value.ts";
import { converted } from "./convert.ts";
import { windowOf } from "./window.ts";

function pool(kind: "max" | "average"): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      const x = input(node, 0);
      const extents = x.shape.slice(2);
      if (extents.length < 1 || extents.length > 3) {
        throw new UnsupportedNode(`${extents.length} spatial axes are not supported, 1 to 3 are`);
      }
      if (node.outputs.length > 1 && node.outputs[1] !== "") {
        throw new UnsupportedNode("indices of the greatest elements are not supported");
      }
      const kernel = node.attributes.numbers("kernel_shape");
      const options = {
        kind,
        kernel,
        ...windowOf(node, extents, kernel),
        ceilMode: node.attributes.number("ceil_mode", 0) === 1,
        countIncludePad: node.attributes.number("count_include_pad", 0) === 1,
      };
      // Bytes are exact as f32.
      const floats = isFloat(x.dtype) ? x : converted(lowering, x, "f32");
      return [converted(lowering, lowering.apply(nn.pool, [floats], { ...options, then: [] }), x.dtype)];
    },
  };
}

function globalPool(kind: "max" | "mean"): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      return [lowering.apply(nn.reduce, [input(node, 0)], { kind, axes: spatialAxes(node), keepDims: true })];
    },
  };
}

function spatialAxes(node: NodeView): number[] {
  return input(node, 0).shape.slice(2).map((_, axis) => axis + 2);
}

/** Pooling by ONNX's names. */
export const pooling: Readonly<Record<string, Operator>> = {
  MaxPool: pool("max"),
  AveragePool: pool("average"),
  GlobalMaxPool: globalPool("max"),
  GlobalAveragePool: globalPool("mean"),
};
