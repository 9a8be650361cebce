/** The pages of convolution and transposed convolution. */

import { type Binding, definePage, type Lib, type Page } from "../../contract.ts";
import { epilogue, functions, grid, loops } from "../../lib/mod.ts";
import biasText from "./bias.wgsl" with { type: "text" };
import depthwiseText from "./convolution_depthwise.wgsl" with { type: "text" };
import generalWeightsText from "./general_weights.wgsl" with { type: "text" };
import generalWeightsLanesText from "./general_weights_lanes.wgsl" with { type: "text" };
import generalText from "./convolution_general.wgsl" with { type: "text" };
import plainText from "./convolution_plain.wgsl" with { type: "text" };
import joinedSourceText from "./joined_source.wgsl" with { type: "text" };
import packText from "./pack_weights.wgsl" with { type: "text" };
import plainSourceText from "./plain_source.wgsl" with { type: "text" };

/** The bias of a block of channels. */
export const bias: Lib = { file: import.meta.resolve("./bias.wgsl"), text: biasText };

/** Weights `linear` to the orders that the forms of `channels4` read. */
export const packWeights: Page = definePage({
  name: "pack_weights",
  file: import.meta.resolve("./pack_weights.wgsl"),
  text: packText,
  bindings: [
    { name: "weight", access: "read", layout: "linear" },
    { name: "packed", access: "write", layout: "rows4" },
  ],
  staged: true,
});

/** What the forms of `channels4` bind. */
export const texelBindings: readonly Binding[] = [
  { name: "x", access: "read", layout: "channels4" },
  { name: "weight", access: "read", layout: "rows4" },
  { name: "bias", access: "read", layout: "linear" },
  { name: "added", access: "read", layout: "channels4" },
  { name: "y", access: "write", layout: "channels4" },
];

const lib = (name: string, text: string): Lib => ({ file: new URL(`./${name}.wgsl`, import.meta.url).href, text });

/** A page for an input that lies in `x`, and one for maps that are joined on the way. */
export interface SourcePages {
  readonly plain: Page;
  readonly joined: Page;
}

/** The bindings of maps that are joined on the way, besides `x`. */
const joinedBindings: readonly Binding[] = [
  { name: "moments", access: "read", layout: "rows4" },
  { name: "second", access: "read", layout: "channels4" },
  { name: "second_moments", access: "read", layout: "rows4" },
];

/** A page that reads its input by `load_source`, for both kinds of it. */
export function sourcePages(page: Parameters<typeof definePage>[0]): SourcePages {
  const { name, libs = [], bindings } = page;
  const joinedLibs = [functions, epilogue, lib("joined_source", joinedSourceText)].filter((lib) => !libs.includes(lib));
  return {
    plain: definePage({ ...page, libs: [...libs, lib("plain_source", plainSourceText)] }),
    joined: definePage({
      ...page,
      name: `${name}_joined`,
      libs: [...libs, ...joinedLibs],
      bindings: [...bindings, ...joinedBindings],
    }),
  };
}

const generalPage = (name: string, weights: Lib, subgroups: boolean): SourcePages =>
  sourcePages({
    name,
    file: import.meta.resolve("./convolution_general.wgsl"),
    text: generalText,
    libs: [grid, loops, functions, epilogue, bias, weights],
    bindings: texelBindings,
    subgroups,
  });

/** Any kernel, one group. */
export const general: SourcePages = generalPage(
  "convolution_general",
  lib("general_weights", generalWeightsText),
  false,
);

/** The same, with weights that lanes hand round. */
export const generalLanes: SourcePages = generalPage(
  "convolution_general_lanes",
  lib("general_weights_lanes", generalWeightsLanesText),
  true,
);

/** One group per channel. */
export const depthwise: Page = definePage({
  name: "convolution_depthwise",
  file: import.meta.resolve("./convolution_depthwise.wgsl"),
  text: depthwiseText,
  libs: [grid, loops, functions, epilogue, bias],
  bindings: texelBindings,
});

/** Everything, from the definition. */
export const plain: Page = definePage({
  name: "convolution_plain",
  file: import.meta.resolve("./convolution_plain.wgsl"),
  text: plainText,
  libs: [grid, loops, functions, epilogue, bias],
  bindings: [
    { name: "x", access: "read", layout: "linear" },
    { name: "weight", access: "read", layout: "linear" },
    { name: "bias", access: "read", layout: "linear" },
    { name: "added", access: "read", layout: "linear" },
    { name: "y", access: "read_write", layout: "linear" },
  ],
});
