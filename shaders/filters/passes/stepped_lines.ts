import type { Call, Page, Recorder } from "../../contract.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { groupsOver, overLayers, rangeParam, splitTiles } from "../tiles.ts";

/**
 * Dispatches a page over lines along y or z (`lib/stepped_lines.wgsl`), tiles of `tile` texels per invocation: those whose
 * windows, which reach from `first` to `last` pixels further on, stay inside the image and, with `EDGE`, the others.
 * Buffers are cut into runs of layers where `cuts` says that results along y lie as the image does; along z never, as the
 * parts would be rows.
 */
export function dispatchSteppedLines(
  r: Recorder,
  page: Page,
  extents: Extents,
  axis: Axis,
  { tile, first, last, cuts = true }: {
    readonly tile: number;
    readonly first: number;
    readonly last: number;
    readonly cuts?: boolean;
  },
  call: Omit<Call, "groups" | "slab">,
): void {
  const { channels, depth, height, width } = extents;
  const count = countAlong(extents, axis);
  const alongZ = axis === "z";
  const outer = alongZ ? height : channels * depth;
  const { inside, outside } = splitTiles(Math.ceil(count / tile), tile, -first, last + tile - 1, count);
  [inside, outside].forEach((range, edge) => {
    if (range.count === 0) return;
    const tiles = range.count * (alongZ ? channels : 1);
    const { shift, groups } = groupsOver(Math.ceil(width / 4), tiles);
    r.dispatch(page, {
      ...call,
      params: {
        ...call.params,
        lines: rangeParam(range),
        count,
        tiles,
        step: alongZ ? [0, 0, 1] : [0, 1, 0],
        outer: alongZ ? [0, 1, 0] : [0, 0, 1],
        inner: [0, 0, alongZ ? depth : 0],
        shift,
      },
      overrides: { ...call.overrides, EDGE: edge },
      ...overLayers(groups, outer, { halo: !alongZ && cuts ? 0 : outer, whole: ["weights"] }),
    });
  });
}
