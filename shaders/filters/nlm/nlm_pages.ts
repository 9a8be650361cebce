import { definePage, type Lib, type Page } from "../../contract.ts";
import { border, loops, tiles } from "../../lib/mod.ts";
import definitionText from "./nlm_definition.wgsl" with { type: "text" };
import fastText from "./nlm_fast.wgsl" with { type: "text" };
import finishText from "./nlm_finish.wgsl" with { type: "text" };
import padText from "./nlm_pad.wgsl" with { type: "text" };
import weightText from "./nlm_weight.wgsl" with { type: "text" };

/** `weight_of`, `estimate_of` and what they take. */
const weight: Lib = { file: import.meta.resolve("./nlm_weight.wgsl"), text: weightText };

/** Extends the rows of an image by mirroring. */
export const padPage: Page = definePage({
  name: "nlm_pad",
  file: import.meta.resolve("./nlm_pad.wgsl"),
  text: padText,
  libs: [border, tiles],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "padded", access: "write", layout: "rows4" },
  ],
});

/** Small patches, by shifted differences. */
export const fastPage: Page = definePage({
  name: "nlm_fast",
  file: import.meta.resolve("./nlm_fast.wgsl"),
  text: fastText,
  libs: [border, loops, tiles, weight],
  bindings: [
    { name: "padded", access: "read", layout: "rows4" },
    { name: "sigma", access: "read", layout: "linear" },
    { name: "result", access: "write", layout: "rows4" },
  ],
});

/** Patches of any size: adds to the sums of pixels and weights. */
export const definitionPage: Page = definePage({
  name: "nlm_definition",
  file: import.meta.resolve("./nlm_definition.wgsl"),
  text: definitionText,
  libs: [border, loops, tiles, weight],
  bindings: [
    { name: "padded", access: "read", layout: "rows4" },
    { name: "weights", access: "read", layout: "rows4" },
    { name: "sigma", access: "read", layout: "linear" },
    { name: "sums", access: "read_write", layout: "linear" },
    { name: "totals", access: "read_write", layout: "linear" },
  ],
});

/** Turns the sums into the result. */
export const finishPage: Page = definePage({
  name: "nlm_finish",
  file: import.meta.resolve("./nlm_finish.wgsl"),
  text: finishText,
  libs: [tiles, weight],
  bindings: [
    { name: "sigma", access: "read", layout: "linear" },
    { name: "totals", access: "read", layout: "linear" },
    { name: "sums", access: "read_write", layout: "linear" },
  ],
});
