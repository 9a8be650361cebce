import { z } from "npm:zod@4.6.7";
import type { HostTensor, Operation, Spec } from "../../contract.ts";
import { optionsOf } from "../../options.ts";
import { broadcastStrides, showShape } from "../../shape.ts";
import { checkAdded, type Epilogue, epilogueSchema, epilogueTwin, splitAdded } from "../epilogue.ts";
import { checkFloats } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { gemmCases } from "./gemm_cases.ts";
import { chooseProduct, productForms, recordProduct } from "./product.ts";

/** Options of `alpha * A B + beta * C`. */
export interface GemmOptions {
  /** A is given as [K, M]. Default false. */
  readonly transposeA: boolean;
  /** B is given as [N, K]. Default false. */
  readonly transposeB: boolean;
  /** Factor of A B. Default 1. */
  readonly alpha: number;
  /** Factor of C. Default 1. */
  readonly beta: number;
  /** What happens to the result before it is stored. */
  readonly epilogue: Epilogue;
}

function sizes(inputs: readonly Spec[], options: GemmOptions): { rows: number; columns: number; depth: number } {
  const [a, b, c] = splitAdded(inputs, options.epilogue).own.map(({ shape }) => shape);
  if (a.length !== 2 || b.length !== 2) {
    throw new RangeError(`gemm: A ${showShape(a)} and B ${showShape(b)} must be matrices`);
  }
  const [rows, depth] = options.transposeA ? [a[1], a[0]] : a;
  const [alsoDepth, columns] = options.transposeB ? [b[1], b[0]] : b;
  if (depth !== alsoDepth) {
    throw new RangeError(
      `gemm: A ${showShape(a)} has ${depth} columns, but B ${
        showShape(b)
      } has ${alsoDepth} rows (after transposition): they must be equal`,
    );
  }
  const fits = c === undefined ||
    (c.length <= 2 && [rows, columns].every((size, axis) => [1, size].includes(c[axis - 2 + c.length] ?? 1)));
  if (!fits) throw new RangeError(`gemm: C ${showShape(c)} can't be broadcast to [${rows}, ${columns}]`);
  return { rows, columns, depth };
}

const forms = productForms((inputs, options: GemmOptions) => sizes(inputs, options).depth);

/**
 * `alpha * A B + beta * C` of matrices, where C is broadcast to the product's shape. Source: ONNX `Gemm`. O(M N K).
 *
 * Inputs: a, b, c?, added? (where `epilogue` has the step `add`).
 *
X
 */
export const gemm: Operation<GemmOptions> = {
  name: "gemm",
  options: optionsOf<GemmOptions>(z.strictObject({
    transposeA: z.boolean().default(false),
    transposeB: z.boolean().default(false),
    alpha: z.number().default(1),
    beta: z.number().default(1),
    epilogue: epilogueSchema,
  })),
  outputs: (inputs, options) => {
    checkFloats("gemm", inputs);
    const { rows, columns } = sizes(inputs, options);
    checkAdded("gemm", splitAdded(inputs, options.epilogue).added, [rows, columns]);
    return [{ dtype: inputs[0].dtype, shape: [rows, columns] }];
  },
  cost: (inputs, options) => {
    const { rows, columns, depth } = sizes(inputs, options);
    return costOf(inputs, gemm.outputs(inputs, options), 2 * rows * columns * depth);
  },
  // Long sums are split, which these two don't do. Reached: 2.9e-7.
  forms: { ...forms, tiled: { ...forms.tiled, bound: 1.2e-6 }, plain: { bound: 1.2e-6 } },
  choose: (inputs, options, facts) => {
    const { rows, columns, depth } = sizes(inputs, options);
    return chooseProduct(1, rows, columns, depth, facts);
  },
  record: (r, inputs, options, form, tune) => {
    const { own: [a, b, c], added } = splitAdded(inputs, options.epilogue);
    const { rows, columns, depth } = sizes(inputs, options);
    const y = r.temporary({ dtype: a.dtype, shape: [rows, columns] });
    if (rows * columns === 0) return [y];
    const [cRow, cColumn] = c ? broadcastStrides(c.shape, [rows, columns]) : [0, 0];
    recordProduct(
      r,
      {
        rows,
        columns,
        depth,
        a,
        b,
        c,
        added,
        y,
        aRow: options.transposeA ? 1 : depth,
        aK: options.transposeA ? rows : 1,
        bK: options.transposeB ? 1 : columns,
        bColumn: options.transposeB ? depth : 1,
        batches: [[0, 0]],
        cRow,
        cColumn,
        alpha: options.alpha,
        beta: options.beta,
        epilogue: options.epilogue,
      },
      form,
      tune,
    );
    return [y];
  },
  twin: (inputs: readonly HostTensor[], options) => {
    const { own: [a, b, c], added } = splitAdded(inputs, options.epilogue);
    const { rows, columns, depth } = sizes(inputs, options);
    const data = new Float64Array(rows * columns);
    const [cRow, cColumn] = c ? broadcastStrides(c.shape, [rows, columns]) : [0, 0];
    for (let m = 0; m < rows; m++) {
      for (let n = 0; n < columns; n++) {
        let sum = 0;
        for (let k = 0; k < depth; k++) {
          sum += a.data[options.transposeA ? k * rows + m : m * depth + k] *
            b.data[options.transposeB ? n * depth + k : k * columns + n];
        }
        const value = options.alpha * sum + (c ? options.beta * c.data[m * cRow + n * cColumn] : 0);
        data[m * columns + n] = epilogueTwin(value, added?.data[m * columns + n] ?? 0, options.epilogue);
      }
    }
    return [{ dtype: a.dtype, shape: [rows, columns], data }];
  },
  // Sums of K products in f32: error grows with the root of K, to 4e-6 at some thousands and 8e-6 at 250,000. Reached: 6.8e-6
  // by such a sum, 3e-7 by the others.
  bound: 1e-5,
  bulk: true,
  biasAxis: -1,
  cases: gemmCases,
};
