/** Conversions between layouts. The recorder inserts them where a page wants another layout than a value has. */

import { definePage, type Layout, type Page } from "../contract.ts";
import channels4FromLinearText from "./channels4_from_linear.wgsl" with { type: "text" };
import channels4FromRows4Text from "./channels4_from_rows4.wgsl" with { type: "text" };
import linearFromChannels4Text from "./linear_from_channels4.wgsl" with { type: "text" };
import linearFromRows4Text from "./linear_from_rows4.wgsl" with { type: "text" };
import rows4FromChannels4Text from "./rows4_from_channels4.wgsl" with { type: "text" };
import rows4FromLinearText from "./rows4_from_linear.wgsl" with { type: "text" };

function conversion(name: string, text: string, from: Layout, to: Layout): Page {
  return definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    bindings: [{ name: "image", access: "read", layout: from }, { name: "result", access: "write", layout: to }],
  });
}

/** The pages by the layout that they convert from and the one that they convert to. */
export const conversions: { readonly [from in Layout]: { readonly [to in Layout]?: Page } } = {
  linear: {
    rows4: conversion("rows4_from_linear", rows4FromLinearText, "linear", "rows4"),
    channels4: conversion("channels4_from_linear", channels4FromLinearText, "linear", "channels4"),
  },
  rows4: {
    linear: conversion("linear_from_rows4", linearFromRows4Text, "rows4", "linear"),
    channels4: conversion("channels4_from_rows4", channels4FromRows4Text, "rows4", "channels4"),
  },
  channels4: {
    linear: conversion("linear_from_channels4", linearFromChannels4Text, "channels4", "linear"),
    rows4: conversion("rows4_from_channels4", rows4FromChannels4Text, "channels4", "rows4"),
  },
};
