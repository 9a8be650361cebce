import type { Facts, Recorder, Tune, Value } from "../../contract.ts";
import { borderRule } from "../border.ts";
import { groupsOver, overLayers } from "../tiles.ts";
import type { NlmOptions } from "./nlm.ts";
import { definitionPage, fastPage, finishPage, padPage } from "./nlm_pages.ts";
import type { NlmWindows } from "./nlm_windows.ts";

/** What search positions beyond the border are compared with where they count. */
const boundless = 1 << 24;

/** Iterations of one dispatch: within the 60,000 that every driver runs. */
const mostIterations = 50_000;

/** Rows that an invocation of `nlm_definition` makes. */
const definitionRows = 4;

/** Whether `nlm_fast` serves the patch: its sums are expanded, so that only small ones compile in reasonable time. */
export function isSmall({ patch }: NlmWindows): boolean {
  return patch.x <= 3 && patch.y <= 3 && patch.z <= 1;
}

/** Dispatches a filter's heavy page over tiles of one texel and some rows, in slabs that reach as far as its windows. */
function gridOf({ extents, patch, search }: NlmWindows, columns: number, rows: number, whole: readonly string[]) {
  const layers = extents.channels * extents.depth;
  const { shift, groups } = groupsOver(columns, rows);
  return { shift, call: overLayers(groups, layers, { halo: patch.z + search.z, whole }) };
}

/** By how many texels before and beyond its rows an image is extended, and by how many rows above and below. */
interface Margins {
  readonly before: number;
  readonly after: number;
  readonly above: number;
  readonly below: number;
}

function pad(r: Recorder, image: Value, windows: NlmWindows, { before, after, above, below }: Margins): Value {
  const { width, height } = windows.extents;
  const texels = before + Math.ceil(width / 4) + after;
  const rows = above + height + below;
  const padded = r.temporary({ dtype: "f32", shape: [...image.shape.slice(0, -2), rows, 4 * texels] });
  const { shift, call } = gridOf({ ...windows, patch: none, search: none }, texels, rows, []);
  r.dispatch(padPage, {
    bind: { image, padded },
    params: {
      border_x: borderRule("mirror", width),
      border_y: borderRule("mirror", height),
      before,
      above,
      shift,
    },
    ...call,
    iterations: 0,
  });
  return padded;
}

const none = { z: 0, y: 0, x: 0 };

/** Params that both heavy pages take. */
function commonParams({ extents, h, strength }: NlmWindows, options: NlmOptions) {
  const { depth, height, width } = extents;
  const clipped = options.searchWindow === "clipped";
  return {
    border_z: borderRule("mirror", depth),
    low: clipped ? [0, 0, 0] : [-boundless, -boundless, -boundless],
    high: clipped ? [width - 1, height - 1, depth - 1] : [boundless, boundless, boundless],
    depth,
    h,
    strength,
  };
}

/** Most search positions along x that are expanded at once unless POSITIONS says so; more go by chunks of whole texels. */
const longestChunk = 7;
const chunkOfMany = 4;
/** Most search positions along x that POSITIONS says. */
const mostPositions = 11;

/**
 * Rows that an invocation makes, a multiple of 4. More rows share more sums, but GPUs have only some 250 registers for them, and
 * the page compiles for longer: lavapipe gains 13 % by 16 rows, for half a second, and another 7 % by 8 rows with up to 11
 * search positions at once, for one and a half. 12 rows of them would gain 3 % more, for one second more.
 */
export function fastTunes({ extents, patch, search }: NlmWindows, { adapter }: Facts): Tune[] {
  if (patch.z > 0) return [{ ROWS: 4 }];
  if (adapter === "gpu") return [{ ROWS: 4 }, { ROWS: 8 }];
  const pixels = extents.height * extents.width;
  const rows = pixels < largeImage ? 8 : 16;
  const byRows = [{ ROWS: rows }, { ROWS: 24 - rows }];
  const positions = 2 * search.x + 1;
  const isWorth = positions > longestChunk && positions <= mostPositions && Math.max(patch.x, patch.y) <= 2;
  if (adapter !== "lavapipe" || !isWorth) return byRows;
  const byPositions = { ROWS: 8, POSITIONS: mostPositions };
  return pixels < largestImage ? [...byRows, byPositions] : [byPositions, ...byRows];
}

/** Pixels of a slice from which on the compiler's time is well spent: for more rows, and for all positions of a row at once. */
const largeImage = 2 ** 16;
const largestImage = 2 ** 19;

/** Small patches: all search positions in one dispatch. */
export function recordFast(
  r: Recorder,
  image: Value,
  sigma: Value,
  windows: NlmWindows,
  options: NlmOptions,
  { ROWS, POSITIONS = longestChunk }: Tune,
): Value {
  const { extents, patch, search, weights, sum } = windows;
  const positions = 2 * search.x + 1;
  const chunk = positions <= POSITIONS ? positions : chunkOfMany;
  const chunks = Math.ceil(positions / chunk);
  const start = -search.x - patch.x;
  const before = Math.ceil(-start / 4);
  const after = Math.ceil((search.x + chunks * chunk - positions + patch.x) / 4);
  const above = search.y + patch.y;
  const below = Math.ceil(extents.height / ROWS) * ROWS - extents.height + above;
  const padded = pad(r, image, windows, { before, after, above, below });
  const result = r.temporary({ dtype: "f32", shape: image.shape });
  const { shift, call } = gridOf(windows, Math.ceil(extents.width / 4), Math.ceil(extents.height / ROWS), ["sigma"]);
  const beside = (list: readonly number[]) => [1, 2, 3].map((distance) => list[distance] ?? 0);
  r.dispatch(fastPage, {
    bind: { padded, sigma, result },
    params: {
      ...commonParams(windows, options),
      chunks,
      search: [search.y, search.z],
      first: -search.x,
      before,
      weights_x: beside(weights.x),
      weights_y: beside(weights.y),
      weights_z: beside(weights.z),
      sum,
      shift,
    },
    tune: {
      ROWS,
      RADIUS_X: patch.x,
      RADIUS_Y: patch.y,
      RADIUS_Z: patch.z,
      CHUNK: chunk,
      OFFSET: ((start % 4) + 4) % 4,
      WEIGHTED: Number(options.patchWeights === "gauss" || patch.x === 0 || patch.y === 0),
      RICIAN: Number(options.rician),
    },
    ...call,
    iterations: (2 * search.z + 1) * (1 + (2 * search.y + 1) * (1 + chunks)),
  });
  return result;
}

/** Any patch: as many dispatches as the bound of iterations asks for, each adding to the sums of those before. */
export function recordDefinition(
  r: Recorder,
  image: Value,
  sigma: Value,
  windows: NlmWindows,
  options: NlmOptions,
): Value {
  const { extents, patch, search } = windows;
  const reach = Math.ceil(patch.x / 4);
  const taps = 2 * reach + 1;
  const before = reach + Math.ceil(search.x / 4);
  const padded = pad(r, image, windows, { before, after: before + 2, above: 0, below: 0 });
  const weights = patchTable(r, windows, reach);
  const sums = r.temporary({ dtype: "f32", shape: image.shape });
  const totals = r.temporary({ dtype: "f32", shape: image.shape });
  const whole = ["weights", "sigma"];
  const { width, height } = extents;
  const grid = gridOf(windows, Math.ceil(width / 4), Math.ceil(height / definitionRows), whole);
  const lines = definitionRows + 2 * patch.y;
  const perPosition = 1 + definitionRows + (2 * patch.z + 1) * (1 + lines * (1 + taps));
  const positions = (2 * search.x + 1) * (2 * search.y + 1) * (2 * search.z + 1);
  const most = Math.max(1, Math.floor(mostIterations / perPosition));
  for (let begin = 0; begin < positions; begin += most) {
    const count = Math.min(most, positions - begin);
    r.dispatch(definitionPage, {
      bind: { padded, weights, sigma, sums, totals },
      params: {
        ...commonParams(windows, options),
        width,
        border_y: borderRule("mirror", height),
        search: [search.x, search.y, search.z],
        before,
        begin,
        count,
        taps,
        radius_y: patch.y,
        radius_z: patch.z,
        rician: Number(options.rician),
        shift: grid.shift,
      },
      ...grid.call,
      iterations: count * perPosition + definitionRows * 5,
    });
  }
  const pixels = gridOf({ ...windows, patch: none, search: none }, width, height, ["sigma"]);
  r.dispatch(finishPage, {
    bind: { sigma, totals, sums },
    params: { width, height, depth: extents.depth, rician: Number(options.rician), shift: pixels.shift },
    ...pixels.call,
    iterations: 0,
  });
  return sums;
}

/**
 * The weights of `nlm_definition`, with sum 1. Row 0: along x, from a whole number of texels before the middle. Row 1: a
 * texel for each line, its weights in the patches of the four rows. Row 2: a texel for each layer.
 */
function patchTable(r: Recorder, { patch, weights, sum }: NlmWindows, reach: number): Value {
  const lines = definitionRows + 2 * patch.y;
  const texels = Math.max(2 * reach + 1, lines, 2 * patch.z + 1);
  const table = new Float32Array(3 * 4 * texels);
  for (let index = 0; index < 4 * (2 * reach + 1); index++) {
    table[index] = weights.x[Math.abs(index - 4 * reach)] ?? 0;
  }
  for (let line = 0; line < lines; line++) {
    for (let row = 0; row < definitionRows; row++) {
      table[4 * (texels + line) + row] = weights.y[Math.abs(line - row - patch.y)] ?? 0;
    }
  }
  for (let layer = 0; layer <= 2 * patch.z; layer++) {
    table[4 * (2 * texels + layer)] = weights.z[Math.abs(layer - patch.z)] / sum;
  }
  return r.constant(table, [1, 3, 4 * texels]);
}
