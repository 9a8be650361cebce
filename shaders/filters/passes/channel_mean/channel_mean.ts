import { definePage, type Page, type Recorder, type Value } from "../../../contract.ts";
import { loops as loopsLib, workgroup as workgroupLib, workgroupIterations } from "../../../lib/mod.ts";
import type { Extents } from "../../extents.ts";
import { overLayers } from "../../tiles.ts";
import text from "./channel_mean.wgsl" with { type: "text" };
import partialText from "./channel_mean_partial.wgsl" with { type: "text" };

const partialPage: Page = definePage({
  name: "channel_mean_partial",
  file: import.meta.resolve("./channel_mean_partial.wgsl"),
  text: partialText,
  libs: [loopsLib, workgroupLib],
  bindings: [
    { name: "image", access: "read", layout: "rows4" },
    { name: "partial", access: "write", layout: "linear" },
  ],
});
const page: Page = definePage({
  name: "channel_mean",
  file: import.meta.resolve("./channel_mean.wgsl"),
  text,
  libs: [loopsLib, workgroupLib],
  bindings: [
    { name: "partial", access: "read", layout: "linear" },
    { name: "mean", access: "write", layout: "linear" },
  ],
});

/** Sums of a layer at the first level: workgroups, and lanes of the second level. */
const partials = 64;

/** Records the mean of each channel of an image that has pixels, f32 `[C]`: to some 1e-6 of the greatest pixel. */
export function recordChannelMean(r: Recorder, image: Value, { channels, depth, height, width }: Extents): Value {
  const layers = channels * depth;
  const partial = r.temporary({ dtype: "f32", shape: [layers, partials] });
  const mean = r.temporary({ dtype: "f32", shape: [channels] });
  r.dispatch(partialPage, {
    bind: { image, partial },
    params: { width },
    iterations: Math.ceil(height / partials) * (1 + Math.ceil(width / 4 / 64)) + workgroupIterations,
    ...overLayers([partials, 1], layers),
  });
  r.dispatch(page, {
    bind: { partial, mean },
    params: { depth, count: depth * height * width },
    groups: [channels, 1, 1],
    iterations: depth + workgroupIterations,
  });
  return mean;
}
