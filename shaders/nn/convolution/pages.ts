/** The pages of convolution and transposed convolution. */

import { type Binding, definePage, type Lib, type Page } from "../../contract.ts";
import { epilogue, grid, loops } from "../../lib/mod.ts";
import biasText from "./bias.wgsl" with { type: "text" };
import depthwiseText from "./convolution_depthwise.wgsl" with { type: "text" };
import directText from "./convolution_direct.wgsl" with { type: "text" };
import generalText from "./convolution_general.wgsl" with { type: "text" };
import plainText from "./convolution_plain.wgsl" with { type: "text" };
import packText from "./pack_weights.wgsl" with { type: "text" };

/** The bias of a block of channels. */
export const bias: Lib = { file: import.meta.resolve("./bias.wgsl"), text: biasText };

/** Weights `linear` to the order that the forms of `channels4` read. */
export const packWeights: Page = definePage({
  name: "pack_weights",
  file: import.meta.resolve("./pack_weights.wgsl"),
  text: packText,
  bindings: [
    { name: "weight", access: "read", layout: "linear" },
    { name: "packed", access: "write", layout: "rows4" },
  ],
});

const texels: readonly Binding[] = [
  { name: "x", access: "read", layout: "channels4" },
  { name: "weight", access: "read", layout: "rows4" },
  { name: "bias", access: "read", layout: "linear" },
  { name: "added", access: "read", layout: "channels4" },
  { name: "y", access: "write", layout: "channels4" },
];

/** 3x3 of stride 1. */
export const direct: Page = definePage({
  name: "convolution_direct",
  file: import.meta.resolve("./convolution_direct.wgsl"),
  text: directText,
  libs: [grid, loops, epilogue, bias],
  bindings: texels,
});

/** Any kernel, one group. */
export const general: Page = definePage({
  name: "convolution_general",
  file: import.meta.resolve("./convolution_general.wgsl"),
  text: generalText,
  libs: [grid, loops, epilogue, bias],
  bindings: texels,
});

/** A group a channel. */
export const depthwise: Page = definePage({
  name: "convolution_depthwise",
  file: import.meta.resolve("./convolution_depthwise.wgsl"),
  text: depthwiseText,
  libs: [grid, loops, epilogue, bias],
  bindings: texels,
});

/** Everything, from the definition. */
export const plain: Page = definePage({
  name: "convolution_plain",
  file: import.meta.resolve("./convolution_plain.wgsl"),
  text: plainText,
  libs: [grid, loops, epilogue, bias],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "weight", access: "read", layout: "linear" },
    { name: "bias", access: "read", layout: "linear" },
    { name: "added", access: "read", layout: "linear" },
    { name: "y", access: "read_write", layout: "linear" },
  ],
});
