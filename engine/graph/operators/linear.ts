/** Matrix products and determinants. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { isFloat } from "../host_value.ts";
import { givenInputs, input, type Lowering, type Operand, type Operator } from "../operator.ts";
import { binary, scalarLike } from "./elementwise.ts";
import { transposed } from "./movement.ts";

/** Integers are exact: they wrap as their type does. */
const gemm: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const { attributes } = node;
    const transposeA = attributes.number("transA", 0) !== 0;
    const transposeB = attributes.number("transB", 0) !== 0;
    const alpha = attributes.number("alpha", 1);
    // Without C there is nothing that beta scales; a bias that is fused later is not scaled either.
    const beta = node.inputs[2] === undefined ? 1 : attributes.number("beta", 1);
    const [a, b, c] = [input(node, 0), input(node, 1), node.inputs[2]];
    checkTypes([a, b, ...(c === undefined ? [] : [c])]);
    if (isFloat(a.dtype)) {
      return [lowering.apply(nn.gemm, givenInputs(node), { transposeA, transposeB, alpha, beta, epilogue: [] })];
    }
    const turned = (x: Operand, turn: boolean) => turn ? transposed(lowering, x, [1, 0]) : x;
    const times = (x: Operand, factor: number) =>
      factor === 1 ? x : binary(lowering, "multiply", x, scalarLike(lowering, x, factor));
    const product = times(matrixProduct(lowering, turned(a, transposeA), turned(b, transposeB)), alpha);
    return [c === undefined ? product : binary(lowering, "add", product, times(c, beta))];
  },
};

const matMul: Operator = {
  opsets: [1],
  lower: (lowering, node) => [matrixProduct(lowering, input(node, 0), input(node, 1))],
};

/**
 * `numpy.matmul` of operands of one type. A vector counts as a row on the left and as a column on the right; a matrix on
 * the right makes it one large GEMM.
 */
export function matrixProduct(lowering: Lowering, left: Operand, right: Operand): Operand {
  checkTypes([left, right]);
  const a = left.shape.length === 1 ? lowering.reshape(left, [1, left.shape[0]]) : left;
  const b = right.shape.length === 1 ? lowering.reshape(right, [right.shape[0], 1]) : right;
  const product = productOf(lowering, a, b);
  const shape = [...product.shape];
  if (right.shape.length === 1) shape.pop();
  if (left.shape.length === 1) shape.splice(shape.length - (right.shape.length === 1 ? 1 : 2), 1);
  return lowering.reshape(product, shape);
}

function productOf(lowering: Lowering, a: Operand, b: Operand): Operand {
  if (!isFloat(a.dtype)) return lowering.apply(nn.integerProduct, [a, b], {});
  if (b.shape.length > 2) return lowering.apply(nn.matmul, [a, b], { epilogue: [] });
  const lead = a.shape.slice(0, -1);
  const rows = lowering.reshape(a, [sizeOf(lead), a.shape[a.shape.length - 1]]);
  return lowering.reshape(lowering.apply(nn.gemm, [rows, b], { epilogue: [] }), [...lead, b.shape[1]]);
}

function checkTypes(operands: readonly Operand[]): void {
  const types = [...new Set(operands.map(({ dtype }) => dtype))];
  if (types.length > 1) throw new ModelError(`its inputs are ${types.join(" and ")}, they must have one type`);
}

const determinant: Operator = {
  opsets: [11],
  lower: (lowering, node) => [lowering.apply(nn.determinant, [input(node, 0)], {})],
};

/** Matrix products and determinants by ONNX's names. */
export const linear: Readonly<Record<string, Operator>> = { Gemm: gemm, MatMul: matMul, Det: determinant };
