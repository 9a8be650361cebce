/** The transform of a real image along x by subgroups, which make whole rows without storing them between passes. */
import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import type { Extents } from "../extents.ts";
import { firstCount, lanes, rootsLib } from "./line.ts";
import { root } from "./line_transform.ts";
import { halfOf } from "./spectrum.ts";
import { tableOf, type Texels } from "./transform.ts";
import lanesText from "./fourier_lanes.wgsl" with { type: "text" };

const lanesPage: Page = definePage({
  name: "fourier_lanes",
  file: import.meta.resolve("./fourier_lanes.wgsl"),
  text: lanesText,
  libs: [rootsLib],
  bindings: [
    { name: "columns", access: "read", layout: "rows4" },
    { name: "table", access: "read", layout: "rows4" },
    { name: "parts", access: "write", layout: "rows4" },
  ],
  subgroups: true,
});

/**
 * A tensor `shape` of [2, ...], of all columns or those up to half the width, from half the transform of a real image along
 * y (see `transformColumns`).
 */
export function transformLanes(
  r: Recorder,
  columns: Texels,
  { channels, depth, height, width }: Extents,
  shape: readonly number[],
): Value {
  const parts = r.temporary({ dtype: "f32", shape });
  const subs = width / 256;
  const isHalf = shape.at(-1)! < width;
  const table = tableOf(r, `lanes ${width}`, () => r.constant(laneTable(width), [2, 4 * lanes * firstCount / 2]));
  const layers = channels * depth;
  r.dispatch(lanesPage, {
    bind: { columns: columns.value, table, parts },
    params: { height, layers },
    tune: { SUBS: subs, HALF: Number(isHalf) },
    groups: [Math.ceil(halfOf(height) * subs / 4), 1, layers],
    iterations: 0,
  });
  return parts;
}

/** The factors of fourier_lanes.wgsl, two c per texel: of a lane for its numbers, and of the four numbers of any lane. */
function laneTable(width: number): Float32Array {
  const texels = lanes * firstCount / 2;
  const rowLanes = width / 128;
  const table = new Float32Array(2 * 4 * texels);
  for (let c = 0; c < firstCount; c++) {
    for (let lane = 0; lane < lanes; lane++) {
      const at = 4 * (lanes * Math.floor(c / 2) + lane) + 2 * (c % 2);
      table.set(root(4 * (lane % rowLanes) * c, width), at);
    }
    for (let i = 0; i < 4; i++) table.set(root(i * c, width), 4 * texels + 2 * (firstCount * i + c));
  }
  return table;
}
