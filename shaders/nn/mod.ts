/**
 * Network operations. They know no ONNX: pads are explicit, there are no versions, spatial ranks go from 1 to 3. A line
 * here makes a folder's operation known, and runs its cases.
 *
 * @module
 */

export type { Epilogue, EpilogueStep } from "./epilogue.ts";
export * from "./arg_reduce/arg_reduce.ts";
export * from "./attention/attention.ts";
export * from "./binary/binary.ts";
export * from "./cast/cast.ts";
export * from "./channel_affine/channel_affine.ts";
export * from "./columns_to_image/columns_to_image.ts";
export * from "./concat/concat.ts";
export * from "./convolution/convolution.ts";
export * from "./convolution_transpose/convolution_transpose.ts";
export * from "./cumulate/cumulate.ts";
export * from "./determinant/determinant.ts";
export * from "./dft/dft.ts";
export * from "./deform_columns/deform_columns.ts";
export * from "./expand/expand.ts";
export * from "./gather/gather.ts";
export * from "./gather_elements/gather_elements.ts";
export * from "./gemm/gemm.ts";
export * from "./grid_sample/grid_sample.ts";
export * from "./instance_moments/instance_moments.ts";
export * from "./instance_normalization/instance_normalization.ts";
export * from "./integer_product/integer_product.ts";
export * from "./joined_convolution/joined_convolution.ts";
export * from "./layer_normalization/layer_normalization.ts";
export * from "./matmul/matmul.ts";
export * from "./non_max_suppression/non_max_suppression.ts";
export * from "./non_zero/non_zero.ts";
export * from "./pad/pad.ts";
export * from "./paste_masks/paste_masks.ts";
export * from "./pool/pool.ts";
export * from "./pool_indices/pool_indices.ts";
export * from "./recurrence/recurrence.ts";
export * from "./reduce/reduce.ts";
export * from "./resize/resize.ts";
export * from "./resize_labels/resize_labels.ts";
export * from "./roi_align/roi_align.ts";
export * from "./scatter_elements/scatter_elements.ts";
export * from "./slice/slice.ts";
export * from "./softmax/softmax.ts";
export * from "./top_k/top_k.ts";
export * from "./transpose/transpose.ts";
export * from "./unary/unary.ts";
export * from "./weighted_gather/weighted_gather.ts";
export * from "./where/where.ts";
