import { definePage, type Page, type Recorder, type Value } from "../../contract.ts";
import { laneShare, loops, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { planReduction } from "../passes/reduction.ts";
import bayesSquaresText from "./bayes_squares.wgsl" with { type: "text" };
import bayesText from "./bayes.wgsl" with { type: "text" };
import { type Band, recordSure } from "./sure/sure.ts";
import universalText from "./universal.wgsl" with { type: "text" };

/** How thresholds are chosen. */
export type ShrinkMethod = "VisuShrink" | "BayesShrink" | "SureShrink";

const sigma = { name: "sigma", access: "read", layout: "linear" } as const;
const thresholds = { name: "thresholds", access: "write", layout: "linear" } as const;
const parts = { name: "parts", access: "read", layout: "linear" } as const;

const universalPage: Page = definePage({
  name: "universal",
  file: import.meta.resolve("./universal.wgsl"),
  text: universalText,
  bindings: [sigma, thresholds],
});
const bayesSquaresPage: Page = definePage({
  name: "bayes_squares",
  file: import.meta.resolve("./bayes_squares.wgsl"),
  text: bayesSquaresText,
  libs: [loops, workgroup, laneShare],
  bindings: [{ name: "band", access: "read", layout: "rows4" }, { ...parts, access: "write" }],
});
const bayesPage: Page = definePage({
  name: "bayes",
  file: import.meta.resolve("./bayes.wgsl"),
  text: bayesText,
  libs: [loops, workgroup],
  bindings: [{ name: "bands", access: "read", layout: "linear", element: "u32" }, parts, sigma, thresholds],
});

/** What thresholds are made of. */
export interface ThresholdInputs {
  readonly bands: readonly Band[];
  readonly channels: number;
  /** Noise levels, one for each `sharing` channels. */
  readonly sigma: Value;
  readonly sharing: number;
  /** Multiplies the noise levels. */
  readonly strength: number;
  /** Pixels of a channel. */
  readonly pixels: number;
}

/** Records the thresholds of each band and channel, f32 `[bands, C]`. */
export function recordThresholds(r: Recorder, method: ShrinkMethod, inputs: ThresholdInputs): Value {
  const { bands, channels, sigma, sharing, strength, pixels } = inputs;
  switch (method) {
    case "VisuShrink":
      return recordUniversal(r, inputs, strength * Math.sqrt(2 * Math.log(pixels)));
    case "BayesShrink":
      return recordBayes(r, inputs);
    case "SureShrink":
      return recordSure(r, bands, channels, sigma, strength, sharing);
  }
}

function recordUniversal(r: Recorder, { bands, channels, sigma, sharing }: ThresholdInputs, factor: number): Value {
  const count = bands.length * channels;
  const thresholds = r.temporary({ dtype: "f32", shape: [bands.length, channels] });
  r.dispatch(universalPage, {
    bind: { sigma, thresholds },
    params: { factor, count, channels, sharing },
    groups: [Math.ceil(count / 64), 1, 1],
    iterations: 0,
  });
  return thresholds;
}

/** Texels that a lane adds up: their number bounds the rounding of sums. */
const longestSum = 256;

function recordBayes(r: Recorder, { bands, channels, sigma, sharing, strength }: ThresholdInputs): Value {
  const plans = bands.map(({ extents }) => planReduction(extents, longestSum));
  const offsets: number[] = [];
  const size = plans.reduce((sum, { groups }) => (offsets.push(sum), sum + channels * groups), 0);
  const parts = r.temporary({ dtype: "f32", shape: [size] });
  const table = bands.flatMap(({ extents: { depth, height, width } }, index) => {
    const { groups, columns, iterations } = plans[index];
    r.dispatch(bayesSquaresPage, {
      bind: { band: bands[index].value, parts },
      params: { width, depth, columns, offset: offsets[index] },
      groups: [groups, 1, channels],
      iterations: iterations + workgroupIterations,
    });
    return [offsets[index], groups, depth * height * width];
  });
  const thresholds = r.temporary({ dtype: "f32", shape: [bands.length, channels] });
  r.dispatch(bayesPage, {
    bind: { bands: r.constant(Uint32Array.from(table), [bands.length, 3]), parts, sigma, thresholds },
    params: { strength, channels, sharing },
    groups: [1, bands.length, channels],
    iterations: Math.ceil(Math.max(...plans.map(({ groups }) => groups)) / 64) + workgroupIterations,
  });
  return thresholds;
}
