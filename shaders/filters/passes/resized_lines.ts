import type { Call, Page, Recorder } from "../../contract.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { groupsOver, overLayers } from "../tiles.ts";

/**
 * Dispatches a page over lines that have another length in the result (`lib/resized_lines.wgsl`), tiles of `tile` places
 * of the result per invocation.
 */
export function dispatchResizedLines(
  r: Recorder,
  page: Page,
  from: Extents,
  to: Extents,
  axis: Exclude<Axis, "x">,
  tile: number,
  { whole = [], ...call }: Pick<Call, "bind" | "params" | "tune"> & { readonly whole?: readonly string[] },
): void {
  const counts = [countAlong(from, axis), countAlong(to, axis)];
  const tiles = Math.ceil(counts[1] / tile);
  const alongZ = axis === "z";
  const { shift, groups } = groupsOver(Math.ceil(to.width / 4), tiles * (alongZ ? to.channels : 1));
  r.dispatch(page, {
    ...call,
    params: { ...call.params, counts, tiles, shift },
    overrides: { ALONG_Z: Number(alongZ) },
    iterations: 0,
    // Along z the parts would be rows, which buffers can't be cut into.
    ...(alongZ ? { groups: [...groups, to.height] as const } : overLayers(groups, to.channels * to.depth, { whole })),
  });
}
