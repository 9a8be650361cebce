/** Tiles along an axis: how many, and from which number on how many are left out (`tile_number` in `lib/tiles.wgsl`). */
export interface TileRange {
  readonly count: number;
  readonly first: number;
  readonly gap: number;
}

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
): { inside: TileRange; outside: TileRange } {
  const begin = Math.min(tiles, Math.max(0, Math.ceil(before / tile)));
  const end = Math.min(tiles, Math.max(begin, Math.floor((count - 1 - after) / tile) + 1));
  return {
    inside: { count: end - begin, first: 0, gap: begin },
    outside: { count: tiles - (end - begin), first: begin, gap: end - begin },
  };
}

/**
 * At most how many tiles along z a slab of `layers` layers touches, of `count` tiles a channel: runs of layers begin and
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
