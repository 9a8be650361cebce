import type { Call, Page, Recorder } from "../contract.ts";

/** Tiles along an axis: how many, and from which number on how many are left out (`tile_number` in `lib/tiles.wgsl`). */
export interface TileRange {
  readonly count: number;
  readonly first: number;
  readonly gap: number;
}

/** The tiles of an axis whose windows stay inside the image, and the others. */
export interface SplitTiles {
  readonly inside: TileRange;
  readonly outside: TileRange;
}

/** No tiles. */
export const noTiles: TileRange = { count: 0, first: 0, gap: 0 };

/** All tiles of an axis. */
export const allTiles = (count: number): TileRange => ({ count, first: 0, gap: 0 });

/**
 * Splits the tiles of an axis into those whose windows stay inside the image and the others.
 *
 * @param tiles Number of tiles.
 * @param tile Pixels (or texels) of a tile.
 * @param before How far windows reach before a tile's first pixel; negative where they begin after it.
 * @param after How far windows reach beyond a tile's first pixel.
 * @param count Number of pixels (or texels) along the axis.
 */
export function splitTiles(
  tiles: number,
  tile: number,
  before: number,
  after: number,
  count: number,
): SplitTiles {
  const begin = Math.min(tiles, Math.max(0, Math.ceil(before / tile)));
  const end = Math.min(tiles, Math.max(begin, Math.floor((count - 1 - after) / tile) + 1));
  return {
    inside: { count: end - begin, first: 0, gap: begin },
    outside: { count: tiles - (end - begin), first: begin, gap: end - begin },
  };
}

/**
 * At most how many tiles along z a slab of `layers` layers touches, of `count` tiles per channel: runs of layers begin and
 * end anywhere in a tile, and a new tile begins with each channel.
 */
export function tilesOfSlab(count: number, tile: number, channels: number, depth: number): (layers: number) => number {
  return (layers) => Math.min(channels * count, Math.ceil(layers / tile) + 1 + Math.ceil(layers / depth));
}

/** A range as the page's param. */
export const rangeParam = ({ count, first, gap }: TileRange): number[] => [count, first, gap];

/** How the 64 invocations of a group lie: `shift` as `tile_place` takes it, and the groups that cover the tiles. */
export function groupsOver(columns: number, lines: number): { shift: number; groups: [number, number] } {
  const shift = shiftFor(columns, lines);
  return { shift, groups: [Math.ceil(columns / (1 << shift)), Math.ceil(lines / (64 >> shift))] };
}

/**
 * Groups lie along rows as far as few invocations are left over: on llvmpipe a copy in groups of 64x1 takes a third of
 * the time of one in groups of 8x8. Eight invocations in a row fill a vector; thin borders are covered along their length.
 */
function shiftFor(columns: number, lines: number): number {
  if (columns < 8) return 0;
  if (lines < 8) return 6;
  const fitting = [6, 5, 4].find((shift) => Math.ceil(columns / (1 << shift)) * (1 << shift) <= 1.25 * columns);
  return fitting ?? 3;
}

/** Groups of 64 invocations, the rows of a layer one after the other (`flat_place` in `lib/grid.wgsl`). */
export function flatGroups(columns: number, rows: number): [number, number] {
  const groups = Math.ceil(columns * rows / 64);
  return [Math.min(groups, 65_535), Math.ceil(groups / 65_535)];
}

/**
 * Workgroups over the layers of an image, a page of groups each, and how they are cut into runs of layers (`slab` of
 * `Call`); `halo` is 0 and nothing is `whole` where it isn't said.
 */
export function overLayers(
  groups: readonly [number, number],
  layers: number,
  reach: { readonly halo?: number; readonly whole?: readonly string[] } = {},
): { readonly groups: readonly [number, number, number]; readonly slab: NonNullable<Call["slab"]> } {
  const groupsOf = (count: number) => [...groups, count] as const;
  return { groups: groupsOf(layers), slab: { layers, halo: 0, ...reach, groups: groupsOf } };
}

/**
 * Dispatches a page over tiles of rows: those whose windows stay inside the image and, with `EDGE`, the others. `lines` are
 * its invocations along y.
 */
export function dispatchRows(
  r: Recorder,
  page: Page,
  { inside, outside }: SplitTiles,
  lines: number,
  layers: number,
  { halo = 0, whole = [], ...call }:
    & Omit<Call, "groups" | "slab">
    & { readonly halo?: number; readonly whole?: readonly string[] },
): void {
  [inside, outside].forEach((columns, edge) => {
    if (columns.count === 0) return;
    const { shift, groups } = groupsOver(columns.count, lines);
    r.dispatch(page, {
      ...call,
      params: { ...call.params, columns: rangeParam(columns), shift },
      overrides: { ...call.overrides, EDGE: edge },
      ...overLayers(groups, layers, { halo, whole }),
    });
  });
}
