import type { Case, Operation } from "../contract.ts";
import { binary } from "./binary/binary.ts";
import { binaryCases } from "./binary/binary_cases.ts";
import { convolution } from "./convolution/convolution.ts";
import { convolutionCases } from "./convolution/convolution_cases.ts";
import { convolutionTranspose } from "./convolution_transpose/convolution_transpose.ts";
import { convolutionTransposeCases } from "./convolution_transpose/convolution_transpose_cases.ts";
import { unary } from "./unary/unary.ts";
import { unaryCases } from "./unary/unary_cases.ts";
import { pool } from "./pool/pool.ts";
import { poolCases } from "./pool/pool_cases.ts";
import { channelAffine } from "./channel_affine/channel_affine.ts";
import { channelAffineCases } from "./channel_affine/channel_affine_cases.ts";
import { concat } from "./concat/concat.ts";
import { concatCases } from "./concat/concat_cases.ts";
import { resize } from "./resize/resize.ts";
import { resizeCases } from "./resize/resize_cases.ts";
import { gemm } from "./gemm/gemm.ts";
import { gemmCases } from "./gemm/gemm_cases.ts";
import { matmul } from "./matmul/matmul.ts";
import { matmulCases } from "./matmul/matmul_cases.ts";
import { reduce } from "./reduce/reduce.ts";
import { reduceCases } from "./reduce/reduce_cases.ts";
import { softmax } from "./softmax/softmax.ts";
import { softmaxCases } from "./softmax/softmax_cases.ts";
import { instanceNormalization } from "./instance_normalization/instance_normalization.ts";
import { instanceNormalizationCases } from "./instance_normalization/instance_normalization_cases.ts";
import { transpose } from "./transpose/transpose.ts";
import { transposeCases } from "./transpose/transpose_cases.ts";
import { slice } from "./slice/slice.ts";
import { sliceCases } from "./slice/slice_cases.ts";
import { expand } from "./expand/expand.ts";
import { expandCases } from "./expand/expand_cases.ts";
import { gather } from "./gather/gather.ts";
import { gatherCases } from "./gather/gather_cases.ts";
import { pad } from "./pad/pad.ts";
import { padCases } from "./pad/pad_cases.ts";
import { cast } from "./cast/cast.ts";
import { castCases } from "./cast/cast_cases.ts";
import { where } from "./where/where.ts";
import { whereCases } from "./where/where_cases.ts";

/** An operation with the cases that it is tested with; the options' type differs from one to the next. */
export interface TestedOperation {
  // deno-lint-ignore no-explicit-any
  readonly operation: Operation<any>;
  // deno-lint-ignore no-explicit-any
  readonly cases: readonly Case<any>[];
}

/** All network operations with their cases. */
export const operations: readonly TestedOperation[] = [
  { operation: convolution, cases: convolutionCases },
  { operation: convolutionTranspose, cases: convolutionTransposeCases },
  { operation: unary, cases: unaryCases },
  { operation: binary, cases: binaryCases },
  { operation: pool, cases: poolCases },
  { operation: channelAffine, cases: channelAffineCases },
  { operation: concat, cases: concatCases },
  { operation: resize, cases: resizeCases },
  { operation: gemm, cases: gemmCases },
  { operation: matmul, cases: matmulCases },
  { operation: reduce, cases: reduceCases },
  { operation: softmax, cases: softmaxCases },
  { operation: instanceNormalization, cases: instanceNormalizationCases },
  { operation: transpose, cases: transposeCases },
  { operation: slice, cases: sliceCases },
  { operation: expand, cases: expandCases },
  { operation: gather, cases: gatherCases },
  { operation: pad, cases: padCases },
  { operation: cast, cases: castCases },
  { operation: where, cases: whereCases },
];
