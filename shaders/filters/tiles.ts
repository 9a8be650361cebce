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

/** A range as the page's param. */
export const rangeParam = ({ count, first, gap }: TileRange): number[] => [count, first, gap];

/** How the 64 invocations of a group lie: `shift` as `tile_place` takes it, and the groups that cover the tiles. */
export function groupsOver(columns: number, lines: number): { shift: number; groups: [number, number] } {
  // Eight invocations in a row fill a vector of llvmpipe; thin borders are covered along their length.
  const shift = columns < 8 ? 0 : lines < 8 ? 6 : 3;
  return { shift, groups: [Math.ceil(columns / (1 << shift)), Math.ceil(lines / (64 >> shift))] };
}
