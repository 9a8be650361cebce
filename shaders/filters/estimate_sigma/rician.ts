import { definePage, type Lib, type Page, type Recorder, type Value } from "../../contract.ts";
import { loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import type { Extents } from "../extents.ts";
import rayleighText from "./rayleigh.wgsl" with { type: "text" };
import densityText from "./rician_density.wgsl" with { type: "text" };
import finishText from "./rician_finish.wgsl" with { type: "text" };
import windowsText from "./rician_windows.wgsl" with { type: "text" };

const rayleigh: Lib = { file: import.meta.resolve("./rayleigh.wgsl"), text: rayleighText };
const image = { name: "image", access: "read", layout: "rows4" } as const;
const windows = { name: "windows", access: "read", layout: "linear" } as const;
const level = { name: "level", access: "read", layout: "linear" } as const;
const parts = { name: "parts", access: "read", layout: "linear" } as const;

const windowsPage: Page = definePage({
  name: "rician_windows",
  file: import.meta.resolve("./rician_windows.wgsl"),
  text: windowsText,
  bindings: [image, { ...windows, access: "write" }],
});
const densityPage: Page = definePage({
  name: "rician_density",
  file: import.meta.resolve("./rician_density.wgsl"),
  text: densityText,
  libs: [rayleigh],
  bindings: [windows, level, { ...parts, access: "write" }],
});
const finishPage: Page = definePage({
  name: "rician_finish",
  file: import.meta.resolve("./rician_finish.wgsl"),
  text: finishText,
  libs: [rayleigh, loops, workgroup],
  bindings: [windows, parts, level, { name: "noise", access: "write", layout: "linear" }],
});

/** Pixels of a window along x, which is a texel, and along y. */
export const windowSize = [4, 6] as const;

/** Windows are so many at most, unless every row of them has more: rows of windows lie further apart then. */
const mostWindows = 16_384;

/** The windows of a channel: how many in a row, in a slice, in all, and the rows from one to the next. */
export function planWindows({ depth, height, width }: Extents) {
  const across = Math.floor(width / windowSize[0]);
  const rows = Math.max(0, height - windowSize[1] + 1);
  const step = Math.max(1, Math.ceil(across * rows * depth / mostWindows));
  const slice = across * Math.ceil(rows / step);
  return { across, slice, step, count: slice * depth };
}

/** Windows that a workgroup takes. */
const run = 1024;

/** Records the noise level of magnitudes, f32 `[C]`: from the background if there is any, else `gaussian`. */
export function recordRician(r: Recorder, values: Value, extents: Extents, gaussian: Value): Value {
  const { channels, depth } = extents;
  const { across, slice, step, count } = planWindows(extents);
  if (count === 0) return gaussian;
  const layers = channels * depth;
  const found = r.temporary({ dtype: "f32", shape: [channels, count, 2] });
  r.dispatch(windowsPage, {
    bind: { image: values, windows: found },
    params: { across, slice, step },
    groups: [Math.ceil(slice / 64), 1, layers],
    iterations: 0,
    slab: { layers, halo: 0, groups: (count) => [Math.ceil(slice / 64), 1, count], whole: ["windows"] },
  });
  const groups = Math.ceil(count / run);
  const densities = r.temporary({ dtype: "f32", shape: [channels, groups, 64] });
  r.dispatch(densityPage, {
    bind: { windows: found, level: gaussian, parts: densities },
    params: { count, run },
    groups: [groups, 1, channels],
    iterations: run,
  });
  const noise = r.temporary({ dtype: "f32", shape: [channels] });
  r.dispatch(finishPage, {
    bind: { windows: found, parts: densities, level: gaussian, noise },
    params: { count, groups },
    groups: [1, 1, channels],
    iterations: groups + 64 + 8 * (1 + Math.ceil(count / 64) + workgroupIterations),
  });
  return noise;
}
