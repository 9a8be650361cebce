import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import { countAlong, type Extents } from "../../filters/extents.ts";
import { groupsOver } from "../../filters/tiles.ts";
import { loops, tiles, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { partialsOf, recordScore } from "../score.ts";
import linesText from "./ssim_lines.wgsl" with { type: "text" };
import rowsText from "./ssim_rows.wgsl" with { type: "text" };

const weightsBinding = { name: "weights", access: "read", layout: "rows4" } as const;

/** Moments of windows along x. */
export const ssimRows: Page = definePage({
  name: "ssim_rows",
  file: import.meta.resolve("./ssim_rows.wgsl"),
  text: rowsText,
  libs: [loops, tiles],
  bindings: [
    { name: "reference", access: "read", layout: "rows4" },
    { name: "test", access: "read", layout: "rows4" },
    weightsBinding,
    { name: "moments", access: "write", layout: "rows4" },
  ],
});

/** Moments of windows along y or z, and what becomes of them. */
export const ssimLines: Page = definePage({
  name: "ssim_lines",
  file: import.meta.resolve("./ssim_lines.wgsl"),
  text: linesText,
  libs: [loops, tiles, workgroup],
  bindings: [
    { name: "moments", access: "read", layout: "rows4" },
    weightsBinding,
    { name: "result", access: "write", layout: "rows4" },
    { name: "partials", access: "write", layout: "linear" },
  ],
});

/** Lines that an invocation makes: LINES of the page. */
const lines = 4;

/** Bytes that the moments of a run of layers may take, unless a single layer takes more. */
const runBytes = 40 * 2 ** 20;

/** What variances are multiplied by, and the constants beside means and variances. */
export interface SimilarityConstants {
  readonly norm: number;
  readonly c1: number;
  readonly c2: number;
}

/** Layers whose moments are made together, and the layers along z that these complete. */
interface Run {
  readonly begin: number;
  readonly end: number;
  /** The first layer of the run's channel. */
  readonly origin: number;
  readonly complete: readonly [begin: number, end: number];
}

/**
 * Records the mean similarity, f32 `[1]`. Layers go in runs, so that the moments take little memory; along z a run needs
 * the last moments of the one before, which a ring of layers keeps.
 */
export function recordSimilarity(
  r: Recorder,
  [reference, test]: readonly Value[],
  extents: Extents,
  weights: Float64Array,
  constants: SimilarityConstants,
): Value {
  const { channels, depth, height, width, axes } = extents;
  const deep = axes.length === 3;
  const size = weights.length;
  const radius = (size - 1) / 2;
  const columns = Math.ceil(width / 4);
  const count = deep ? depth : channels * depth;
  const room = Math.min(runBytes / (80 * columns * height), r.facts.maxTextureLayers / 5 - 2 * radius);
  const run = Math.min(count, Math.max(1, Math.floor(room)));
  const ring = Math.min(count, run + 2 * radius);
  const runs = runsOf(deep ? channels : 1, count, run, radius);

  const moments = r.temporary({ dtype: "f32", shape: [5 * run, height, width] });
  const kept = deep ? r.temporary({ dtype: "f32", shape: [5 * ring, height, width] }) : null;
  const rowTable = rowWeights(r, weights);
  const lineTable = lineWeights(r, weights);
  const alongY = groupsOver(columns, Math.ceil((height - 2 * radius) / lines));
  const alongZ = (layers: number) => groupsOver(columns, Math.ceil(layers / lines));
  const groupsOfLast = ({ begin, end, complete }: Run): [number, number, number] =>
    deep ? [...alongZ(complete[1] - complete[0]).groups, height - 2 * radius] : [...alongY.groups, end - begin];
  const sums = runs.map((run) => groupsOfLast(run).reduce((product, groups) => product * groups));
  const partials = partialsOf(r, sums.reduce((total, one) => total + one, 0));

  const shared = {
    begin_x: radius,
    end_x: width - radius,
    begin_y: radius,
    end_y: height - radius,
    begin_z: 0,
    end_z: 0,
    last_z: 0,
    depth: run,
    depth_result: ring,
    first_result: 0,
    first_partial: 0,
    radius,
    taps: size + lines - 1,
    shift: alongY.shift,
    ...constants,
  };
  const iterations = size + lines - 1 + workgroupIterations;
  let firstPartial = 0;
  runs.forEach((run, index) => {
    recordRows(r, { reference, test, moments }, extents, run, rowTable);
    const [begin, end] = run.complete;
    if (kept !== null) {
      r.dispatch(ssimLines, {
        bind: { moments, weights: lineTable, result: kept, partials: null },
        params: { ...shared, first_result: run.begin - run.origin },
        overrides: { ALONG_Z: 0, LAST: 0 },
        groups: [...alongY.groups, run.end - run.begin],
        iterations,
      });
      if (end > begin) {
        r.dispatch(ssimLines, {
          bind: { moments: kept, weights: lineTable, result: null, partials },
          params: {
            ...shared,
            begin_z: begin,
            end_z: end,
            last_z: run.end - run.origin - 1,
            depth: ring,
            first_partial: firstPartial,
            shift: alongZ(end - begin).shift,
          },
          overrides: { ALONG_Z: 1, LAST: 1 },
          groups: groupsOfLast(run),
          iterations,
        });
      }
    } else {
      r.dispatch(ssimLines, {
        bind: { moments, weights: lineTable, result: null, partials },
        params: { ...shared, first_partial: firstPartial },
        overrides: { ALONG_Z: 0, LAST: 1 },
        groups: groupsOfLast(run),
        iterations,
      });
    }
    firstPartial += sums[index];
  });
  const windows = axes.map((axis) => countAlong(extents, axis) - 2 * radius).reduce((product, along) =>
    product * along
  );
  return recordScore(r, partials, windows * (deep ? channels : count));
}

/** Runs of at most `run` layers of each block of `count` layers. */
function runsOf(blocks: number, count: number, run: number, radius: number): Run[] {
  const runs: Run[] = [];
  for (let origin = 0; origin < blocks * count; origin += count) {
    for (let at = 0; at < count; at += run) {
      const end = Math.min(count, at + run);
      const complete = [Math.max(radius, at - radius), Math.max(radius, end - radius)] as const;
      runs.push({ begin: origin + at, end: origin + end, origin, complete });
    }
  }
  return runs;
}

/** Records the moments along x of a run. */
function recordRows(
  r: Recorder,
  values: { readonly reference: Value; readonly test: Value; readonly moments: Value },
  { channels, depth, height, width }: Extents,
  { begin, end }: Run,
  { table, first, taps }: ReturnType<typeof rowWeights>,
): void {
  const columns = Math.ceil(width / 4);
  const { shift, groups } = groupsOver(columns, height);
  // What exceeds textures lies in buffers, of which only some layers can be bound at once: all are visited then.
  const { maxTextureSize, maxTextureLayers } = r.facts;
  const all = channels * depth;
  const visitsAll = Math.max(columns, height) > maxTextureSize || all > maxTextureLayers;
  r.dispatch(ssimRows, {
    bind: { ...values, weights: table },
    params: {
      width,
      first,
      taps,
      layer: visitsAll ? 0 : begin,
      begin,
      end,
      depth: values.moments.shape[0] / 5,
      shift,
    },
    groups: [...groups, visitsAll ? all : end - begin],
    iterations: taps,
    slab: visitsAll
      ? { layers: all, halo: 0, groups: (layers) => [...groups, layers], whole: ["weights", "moments"] }
      : undefined,
  });
}

/**
 * The weights along x as the page takes them: of the pixel `4 * first + q` further on than an output's texel, for the
 * output `o` in it, at `q - o + 3`.
 */
function rowWeights(r: Recorder, weights: Float64Array): { table: Value; first: number; taps: number } {
  const radius = (weights.length - 1) / 2;
  const first = Math.floor(-radius / 4);
  const lead = -radius - 4 * first;
  const taps = Math.floor((lead + 2 * radius + 3) / 4) + 1;
  const data = new Float32Array(4 * (taps + 1));
  data.set(weights, lead + 3);
  return { table: r.constant(data, [1, data.length]), first, taps };
}

/** The weights along y or z as the page takes them: a texel has those of one line for the LINES outputs in turn. */
function lineWeights(r: Recorder, weights: Float64Array): Value {
  const data = new Float32Array(lines * (weights.length + lines - 1));
  weights.forEach((weight, index) => {
    for (let output = 0; output < lines; output++) data[lines * (index + output) + output] = weight;
  });
  return r.constant(data, [1, data.length]);
}
