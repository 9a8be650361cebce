import { definePage, type Lib, type Page, type Recorder, type Value } from "../../../contract.ts";
import { double, grid, loops } from "../../../lib/mod.ts";
import type { Extents } from "../../extents.ts";
import countText from "./sure_count.wgsl" with { type: "text" };
import finishText from "./sure_finish.wgsl" with { type: "text" };
import keysText from "./sure_keys.wgsl" with { type: "text" };
import leastText from "./sure_least.wgsl" with { type: "text" };
import offsetsText from "./sure_offsets.wgsl" with { type: "text" };
import runsText from "./sure_runs.wgsl" with { type: "text" };
import scatterText from "./sure_scatter.wgsl" with { type: "text" };
import sumsText from "./sure_sums.wgsl" with { type: "text" };

const words = (name: string) => ({ name, access: "read", layout: "linear", element: "u32" }) as const;
const written = (name: string) => ({ name, access: "write", layout: "linear", element: "u32" }) as const;
const floats = (name: string) => ({ name, access: "read", layout: "linear" }) as const;
const tables = [words("segments"), words("blocks")];

/** `run_of`: which keys a lane has. */
const runs: Lib = { file: import.meta.resolve("./sure_runs.wgsl"), text: runsText };

const keysPage: Page = definePage({
  name: "sure_keys",
  file: import.meta.resolve("./sure_keys.wgsl"),
  text: keysText,
  bindings: [{ name: "band", access: "read", layout: "rows4" }, written("keys")],
});
const countPage: Page = definePage({
  name: "sure_count",
  file: import.meta.resolve("./sure_count.wgsl"),
  text: countText,
  libs: [grid, runs],
  bindings: [...tables, words("keys"), written("counts")],
});
const offsetsPage: Page = definePage({
  name: "sure_offsets",
  file: import.meta.resolve("./sure_offsets.wgsl"),
  text: offsetsText,
  libs: [loops],
  bindings: [words("segments"), words("counts"), written("offsets")],
});
const scatterPage: Page = definePage({
  name: "sure_scatter",
  file: import.meta.resolve("./sure_scatter.wgsl"),
  text: scatterText,
  libs: [grid, runs],
  bindings: [...tables, words("keys"), words("offsets"), written("sorted")],
});
const sumsPage: Page = definePage({
  name: "sure_sums",
  file: import.meta.resolve("./sure_sums.wgsl"),
  text: sumsText,
  libs: [grid, double, runs],
  bindings: [...tables, words("sorted"), { ...floats("sums"), access: "write" }],
});
const leastPage: Page = definePage({
  name: "sure_least",
  file: import.meta.resolve("./sure_least.wgsl"),
  text: leastText,
  libs: [grid, double, runs],
  bindings: [...tables, words("sorted"), floats("sums"), floats("sigma"), written("least")],
});
const finishPage: Page = definePage({
  name: "sure_finish",
  file: import.meta.resolve("./sure_finish.wgsl"),
  text: finishText,
  libs: [double],
  bindings: [words("segments"), words("least"), floats("sigma"), {
    name: "thresholds",
    access: "write",
    layout: "linear",
  }],
});

/** A band of coefficients. */
export interface Band {
  readonly value: Value;
  readonly extents: Extents;
}

/**
 * Records the thresholds of SureShrink, f32 `[bands, C]`: of the magnitudes of each band and channel the one of least risk
 * by Stein's estimate. They are sorted, four bits at a time and each band and channel for itself; risks are computed in
 * twice the precision of f32, as neighbors differ by little.
 */
export function recordSure(
  r: Recorder,
  bands: readonly Band[],
  channels: number,
  sigma: Value,
  strength: number,
  sharing: number,
): Value {
  const plan = planSegments(bands, channels);
  const segments = r.constant(Uint32Array.from(plan.segments.flat()), [plan.segments.length, 6]);
  const blocks = r.constant(Uint32Array.from(plan.blocks.flat()), [plan.blocks.length, 2]);
  const table = (size: number) => r.temporary({ dtype: "u32", shape: [size] });
  let keys = table(plan.keys);
  bands.forEach(({ value, extents: { depth, height, width } }, index) => {
    const layers = channels * depth;
    const groups = (count: number) => [Math.ceil(width / 32), Math.ceil(height / 8), count] as const;
    r.dispatch(keysPage, {
      bind: { band: value, keys },
      params: { width, offset: plan.segments[index * channels][0] },
      groups: groups(layers),
      iterations: 4,
      slab: { layers, halo: 0, groups, whole: ["keys"] },
    });
  });
  for (let shift = 0; shift < 32; shift += 4) {
    const [counts, offsets, sorted] = [table(plan.counts), table(plan.counts), table(plan.keys)];
    const groups = plan.blocks.length;
    r.dispatch(countPage, {
      bind: { segments, blocks, keys, counts },
      params: { shift },
      groups,
      iterations: plan.longestRun,
    });
    r.dispatch(offsetsPage, {
      bind: { segments, counts, offsets },
      groups: [plan.segments.length, 1, 1],
      iterations: 32 * plan.mostBlocks + 64,
    });
    r.dispatch(scatterPage, {
      bind: { segments, blocks, keys, offsets, sorted },
      params: { shift },
      groups,
      iterations: plan.longestRun,
    });
    keys = sorted;
  }
  const sums = r.temporary({ dtype: "f32", shape: [plan.blocks.length, 65, 2] });
  r.dispatch(sumsPage, {
    bind: { segments, blocks, sorted: keys, sums },
    groups: plan.blocks.length,
    iterations: plan.longestRun + 64,
  });
  const least = table(3 * plan.blocks.length);
  r.dispatch(leastPage, {
    bind: { segments, blocks, sorted: keys, sums, sigma, least },
    params: { strength, channels, sharing },
    groups: plan.blocks.length,
    iterations: plan.longestRun + plan.mostBlocks + 64,
  });
  const thresholds = r.temporary({ dtype: "f32", shape: [bands.length, channels] });
  r.dispatch(finishPage, {
    bind: { segments, least, sigma, thresholds },
    params: { strength, segments: plan.segments.length, channels, sharing },
    groups: [Math.ceil(plan.segments.length / 64), 1, 1],
    iterations: plan.mostBlocks,
  });
  return thresholds;
}

/** Keys that a lane takes at most while there are few enough blocks for one workgroup to add up their counts. */
const usualRun = 128;
const manyBlocks = 1500;

/** Where the keys of each band and channel lie, and how they are shared out to workgroups of 64 lanes. */
function planSegments(bands: readonly Band[], channels: number) {
  // First key, number of keys, keys a lane, blocks, first count, first block.
  const segments: [number, number, number, number, number, number][] = [];
  // Segment and number within it.
  const blocks: [number, number][] = [];
  let keys = 0;
  let counts = 0;
  for (const { extents: { depth, height, width } } of bands) {
    const count = depth * height * width;
    const run = Math.max(Math.min(usualRun, Math.ceil(count / 64)), Math.ceil(count / 64 / manyBlocks));
    const own = Math.ceil(count / 64 / run);
    for (let channel = 0; channel < channels; channel++) {
      const segment = segments.length;
      segments.push([keys, count, run, own, counts, blocks.length]);
      for (let number = 0; number < own; number++) blocks.push([segment, number]);
      keys += count;
      counts += 16 * 64 * own;
    }
  }
  const longestRun = Math.max(...segments.map(([, , run]) => run));
  const mostBlocks = Math.max(...segments.map(([, , , own]) => own));
  return { segments, blocks, keys, counts, longestRun, mostBlocks };
}
