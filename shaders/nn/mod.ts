/**
 * Network operations. They know no ONNX: pads are explicit, there are no versions, spatial ranks go from 1 to 3.
 *
 * @module
 */

export type { Then, ThenStep } from "./then.ts";
export { convolution, type ConvolutionOptions } from "./convolution/convolution.ts";
export {
  convolutionTranspose,
  type ConvolutionTransposeOptions,
} from "./convolution_transpose/convolution_transpose.ts";
export { gemm, type GemmOptions } from "./gemm/gemm.ts";
export { matmul, type MatmulOptions } from "./matmul/matmul.ts";
export { pool, type PoolOptions } from "./pool/pool.ts";
export { reduce, type ReduceKind, type ReduceOptions } from "./reduce/reduce.ts";
export {
  instanceNormalization,
  type InstanceNormalizationOptions,
} from "./instance_normalization/instance_normalization.ts";
export { channelAffine, type ChannelAffineOptions } from "./channel_affine/channel_affine.ts";
export { softmax, type SoftmaxOptions } from "./softmax/softmax.ts";
export { unary, type UnaryOp, type UnaryOptions } from "./unary/unary.ts";
export { binary, type BinaryOp, type BinaryOptions } from "./binary/binary.ts";
export { concat, type ConcatOptions } from "./concat/concat.ts";
export { pad, type PadOptions } from "./pad/pad.ts";
export { resize, type ResizeCoordinates, type ResizeOptions } from "./resize/resize.ts";
export { transpose, type TransposeOptions } from "./transpose/transpose.ts";
export { slice, type SliceOptions } from "./slice/slice.ts";
export { gather, type GatherOptions } from "./gather/gather.ts";
export { expand, type ExpandOptions } from "./expand/expand.ts";
export { cast, type CastOptions } from "./cast/cast.ts";
export { where, type WhereOptions } from "./where/where.ts";
export { operations } from "./operations.ts";
