import { definePage, type Lib, type Page, type Recorder, type Value } from "../../contract.ts";
import { laneShare, loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import type { Extents } from "../extents.ts";
import { planReduction } from "../passes/reduction.ts";
import chooseText from "./magnitude_choose.wgsl" with { type: "text" };
import countText from "./magnitude_count.wgsl" with { type: "text" };
import finishText from "./magnitude_finish.wgsl" with { type: "text" };
import keysText from "./magnitude_keys.wgsl" with { type: "text" };
import neighborText from "./magnitude_neighbor.wgsl" with { type: "text" };

const libs = [loops, workgroup];
/** `keys_at`: magnitudes of a band. */
const keys: Lib = { file: import.meta.resolve("./magnitude_keys.wgsl"), text: keysText };
const bandLibs = [...libs, laneShare, keys];
const band = { name: "band", access: "read", layout: "rows4" } as const;
const state = { name: "state", access: "read", layout: "linear", element: "u32" } as const;
const counts = { name: "counts", access: "read", layout: "linear", element: "u32" } as const;
const parts = { name: "parts", access: "read", layout: "linear", element: "u32" } as const;

const countPage: Page = definePage({
  name: "magnitude_count",
  file: import.meta.resolve("./magnitude_count.wgsl"),
  text: countText,
  libs: bandLibs,
  bindings: [band, state, { ...counts, access: "write" }],
});
const choosePage: Page = definePage({
  name: "magnitude_choose",
  file: import.meta.resolve("./magnitude_choose.wgsl"),
  text: chooseText,
  libs,
  bindings: [counts, state, { name: "next", access: "write", layout: "linear", element: "u32" }],
});
const neighborPage: Page = definePage({
  name: "magnitude_neighbor",
  file: import.meta.resolve("./magnitude_neighbor.wgsl"),
  text: neighborText,
  libs: bandLibs,
  bindings: [band, state, { ...parts, access: "write" }],
});
const finishPage: Page = definePage({
  name: "magnitude_finish",
  file: import.meta.resolve("./magnitude_finish.wgsl"),
  text: finishText,
  libs,
  bindings: [parts, state, { name: "level", access: "write", layout: "linear" }],
});

/**
 * Records `scale` times the median of the magnitudes other than 0 of each channel, f32 `[C]`; 0 where there is none. The
 * mean of the two middle ones where their number is even. Exact but for that mean and the scale: the bits of the median
 * are found four at a time from the highest, each time by counting what lies below 15 bounds.
 */
export function recordMedian(r: Recorder, values: Value, extents: Extents, scale: number): Value {
  const { channels, depth, width } = extents;
  const { groups, columns, iterations } = planReduction(extents);
  const params = { width, depth, columns };
  const table = (size: number) => r.temporary({ dtype: "u32", shape: [channels, size] });
  let found = r.constant(new Uint32Array(2 * channels), [channels, 2]);
  for (let shift = 28; shift >= 0; shift -= 4) {
    const counted = table(16 * groups);
    r.dispatch(countPage, {
      bind: { band: values, state: found, counts: counted },
      params: { ...params, shift },
      groups: [groups, 1, channels],
      iterations: iterations + 4 * workgroupIterations,
    });
    const next = table(2);
    r.dispatch(choosePage, {
      bind: { counts: counted, state: found, next },
      params: { parts: groups, shift },
      groups: [1, 1, channels],
      iterations: Math.ceil(groups / 64) + 4 * workgroupIterations,
    });
    found = next;
  }
  const neighbors = table(2 * groups);
  r.dispatch(neighborPage, {
    bind: { band: values, state: found, parts: neighbors },
    params,
    groups: [groups, 1, channels],
    iterations: iterations + 2 * workgroupIterations,
  });
  const level = r.temporary({ dtype: "f32", shape: [channels] });
  r.dispatch(finishPage, {
    bind: { parts: neighbors, state: found, level },
    params: { parts: groups, scale },
    groups: [1, 1, channels],
    iterations: Math.ceil(groups / 64) + 2 * workgroupIterations,
  });
  return level;
}
