/** Matrix products. */
import { nn } from "../../../shaders/mod.ts";
import { sizeOf } from "../host_value.ts";
import { givenInputs, input, type Operator } from "../operator.ts";

const gemm: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const { attributes } = node;
    // Without C there is nothing that beta scales; a bias that is fused later is not scaled either.
    const beta = node.inputs[2] === undefined ? 1 : attributes.number("beta", 1);
    return [lowering.apply(nn.gemm, givenInputs(node), {
      transposeA: attributes.number("transA", 0) !== 0,
      transposeB: attributes.number("transB", 0) !== 0,
      alpha: attributes.number("alpha", 1),
      beta,
      then: [],
    })];
  },
};

/** A vector counts as a row on the left and as a column on the right; a matrix on the right makes it one large GEMM. */
const matMul: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const left = input(node, 0);
    const right = input(node, 1);
    const a = left.shape.length === 1 ? lowering.reshape(left, [1, left.shape[0]]) : left;
    const b = right.shape.length === 1 ? lowering.reshape(right, [right.shape[0], 1]) : right;
    const inner = a.shape[a.shape.length - 1];
    const lead = a.shape.slice(0, -1);
    const product = b.shape.length > 2 ? lowering.apply(nn.matmul, [a, b], { then: [] }) : lowering.reshape(
      lowering.apply(nn.gemm, [lowering.reshape(a, [sizeOf(lead), inner]), b], { then: [] }),
      [...lead, b.shape[1]],
    );
    const shape = [...product.shape];
    if (right.shape.length === 1) shape.pop();
    if (left.shape.length === 1) shape.splice(shape.length - (right.shape.length === 1 ? 1 : 2), 1);
    return [lowering.reshape(product, shape)];
  },
};

/** Matrix products by ONNX's names. */
export const linear: Readonly<Record<string, Operator>> = { Gemm: gemm, MatMul: matMul };
