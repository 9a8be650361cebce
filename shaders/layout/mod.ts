/** Conversions between layouts. The recorder inserts them where a page wants another layout than a value has. */

import { definePage, type Page } from "../contract.ts";
import channels4FromLinearText from "./channels4_from_linear.wgsl" with { type: "text" };
import linearFromChannels4Text from "./linear_from_channels4.wgsl" with { type: "text" };
import linearFromRows4Text from "./linear_from_rows4.wgsl" with { type: "text" };
import rows4FromLinearText from "./rows4_from_linear.wgsl" with { type: "text" };

function conversion(name: string, text: string, from: Page["bindings"][0]["layout"], to: typeof from): Page {
  return definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    bindings: [{ name: "image", access: "read", layout: from }, { name: "result", access: "write", layout: to }],
  });
}

/** The pages by the layout with texels that they convert from or to; `linear` is the hub. */
export const conversions = {
  rows4: {
    fromLinear: conversion("rows4_from_linear", rows4FromLinearText, "linear", "rows4"),
    toLinear: conversion("linear_from_rows4", linearFromRows4Text, "rows4", "linear"),
  },
  channels4: {
    fromLinear: conversion("channels4_from_linear", channels4FromLinearText, "linear", "channels4"),
    toLinear: conversion("linear_from_channels4", linearFromChannels4Text, "channels4", "linear"),
  },
} as const;
