import { z } from "npm:zod@4.6.7";
import type { HostTensor, Operation, Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { broadcastStrides, positions, showShape, sizeOf } from "../../shape.ts";
import { chooseProduct, productForms, recordProduct } from "../gemm/product.ts";
import { checkAdded, type Epilogue, epilogueSchema, epilogueTwin, splitAdded } from "../epilogue.ts";
import { broadcast, checkFloats } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { matmulCases } from "./matmul_cases.ts";

/** Options of a matrix product. */
export interface MatmulOptions {
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** For each product, which matrix of A and of B it takes. */
  readonly batches: [number, number][];
  readonly shape: readonly number[];
}

function sizes(inputs: readonly Spec[], { epilogue }: MatmulOptions): Sizes {
  const [given, other] = splitAdded(inputs, epilogue).own.map(({ shape }) => shape);
  if (given.length === 0 || other.length === 0) throw new RangeError("matmul: the inputs must have at least one axis");
  const a = given.length === 1 ? [1, ...given] : given;
  const b = other.length === 1 ? [...other, 1] : other;
  const [rows, depth] = a.slice(-2), [alsoDepth, columns] = b.slice(-2);
  if (depth !== alsoDepth) {
    throw new RangeError(
      `matmul: A ${showShape(given)} has ${depth} columns, but B ${
        showShape(other)
      } has ${alsoDepth} rows: they must be equal`,
    );
  }
  const outer = broadcast("matmul", a.slice(0, -2), b.slice(0, -2));
  const [strideA, strideB] = [a, b].map((shape) => broadcastStrides(shape.slice(0, -2), outer));
  const shape = [...outer, ...given.length === 1 ? [] : [rows], ...other.length === 1 ? [] : [columns]];
  // One right matrix for all: the rows of all left ones are one long matrix.
  if (sizeOf(b.slice(0, -2)) === 1) {
    return { rows: sizeOf(outer) * rows, columns, depth, batches: [[0, 0]], shape };
  }
  const batches: [number, number][] = [];
  for (const at of positions(outer)) {
    const dot = (strides: readonly number[]) => at.reduce((sum, position, axis) => sum + position * strides[axis], 0);
    batches.push([dot(strideA), dot(strideB)]);
  }
  return { rows, columns, depth, batches, shape };
}

/**
 * Matrix product of the last two axes, with the leading ones broadcast; a vector is a row on the left and a column on the
 * right. Source: ONNX `MatMul`, `numpy.matmul`. O(batch M N K).
 *
 * Inputs: a, b, added? (where `epilogue` has the step `add`).
 *
 * Forms: as `gemm`.
 */
export const matmul: Operation<MatmulOptions> = {
  name: "matmul",
  options: optionsOf<MatmulOptions>(z.strictObject({ epilogue: epilogueSchema })),
  outputs: (inputs, options) => {
    checkFloats("matmul", inputs);
    const { shape } = sizes(inputs, options);
    checkAdded("matmul", splitAdded(inputs, options.epilogue).added, shape);
    return [{ dtype: inputs[0].dtype, shape }];
  },
  cost: (inputs, options) => {
    const { shape, depth } = sizes(inputs, options);
    return costOf(inputs, matmul.outputs(inputs, options), 2 * sizeOf(shape) * depth);
  },
  forms: productForms((inputs, options: MatmulOptions) => sizes(inputs, options).depth),
  choose: (inputs, options, facts) => {
    const { batches, rows, columns, depth } = sizes(inputs, options);
    return chooseProduct(batches.length, rows, columns, depth, facts);
  },
  record: (r, inputs, { epilogue }, form, tune) => {
    const { own: [a, b], added } = splitAdded(inputs, epilogue);
    const { rows, columns, depth, batches, shape } = sizes(inputs, { epilogue });
    const y = r.temporary({ dtype: a.dtype, shape });
    if (sizeOf(shape) === 0) return [y];
    const strides = { aRow: depth, aK: 1, bK: columns, bColumn: 1, cRow: 0, cColumn: 0 };
    const product = { rows, columns, depth, a, b, added, y, ...strides, batches, alpha: 1, beta: 0, epilogue };
    recordProduct(r, product, form, tune);
    return [y];
  },
  twin: (inputs: readonly HostTensor[], { epilogue }) => {
    const { own: [a, b], added } = splitAdded(inputs, epilogue);
    const { rows, columns, depth, batches, shape } = sizes(inputs, { epilogue });
    const data = new Float64Array(sizeOf(shape));
    let index = 0;
    for (const [left, right] of batches) {
      for (let m = 0; m < rows; m++) {
        for (let n = 0; n < columns; n++) {
          let sum = 0;
          for (let k = 0; k < depth; k++) {
            sum += a.data[(left * rows + m) * depth + k] * b.data[(right * depth + k) * columns + n];
          }
          data[index] = epilogueTwin(sum, added?.data[index] ?? 0, epilogue);
          index++;
        }
      }
    }
    return [{ dtype: a.dtype, shape, data }];
  },
  // Sums of K products in f32: error grows with the root of K. Reached: 2e-7 (gemm has long sums, by the same pages).
  bound: 1e-6,
  bulk: true,
  cases: matmulCases,
};
