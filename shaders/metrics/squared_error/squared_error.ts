import { definePage, type Page, type Recorder, type Spec, type Value } from "../../contract.ts";
import { checkFloat, checkSame } from "../../checks.ts";
import { groupsOver, overLayers } from "../../filters/tiles.ts";
import { tiles, workgroup, workgroupIterations } from "../../lib/mod.ts";
import { sizeOf, texelsOf } from "../../shape.ts";
import { kindOf, partialsOf, recordScore, type Score } from "../score.ts";
import text from "./squared_error_partial.wgsl" with { type: "text" };

/** Adds up squared differences, and squares, values or extremes of the reference. */
export const squaredErrorPartial: Page = definePage({
  name: "squared_error_partial",
  file: import.meta.resolve("./squared_error_partial.wgsl"),
  text,
  libs: [tiles, workgroup],
  bindings: [
    { name: "reference", access: "read", layout: "rows4" },
    { name: "test", access: "read", layout: "rows4" },
    { name: "partials", access: "write", layout: "linear" },
  ],
});

/** Rows that an invocation adds up: ROWS of the page. */
const rows = 16;

/** One f32 for two images of the same shape, or an error. */
export function scoreOutput(metric: string, [reference, test]: readonly Spec[]): Spec[] {
  checkFloat(metric, "reference", reference);
  checkFloat(metric, "test", test);
  checkSame(metric, ["reference", "test"], reference, test);
  return [{ dtype: "f32", shape: [1] }];
}

/** The least work: both images are read once. */
export function scoreCost([reference]: readonly Spec[]): { bytes: number; flops: number } {
  return { bytes: 8 * sizeOf(reference.shape), flops: 3 * sizeOf(reference.shape) };
}

/** Records the first level: partial results `[n, 4]`, those of a layer together. */
export function recordSquaredErrors(r: Recorder, reference: Value, test: Value, score: Score = "mean"): Value {
  const [columns, lines, layers] = texelsOf("rows4", reference.shape);
  const { shift, groups } = groupsOver(columns, Math.ceil(lines / rows));
  const partials = partialsOf(r, groups[0] * groups[1] * layers);
  r.dispatch(squaredErrorPartial, {
    bind: { reference, test, partials },
    params: { width: reference.shape.at(-1) ?? 1, shift },
    overrides: { KIND: kindOf(score) },
    iterations: 2 * workgroupIterations,
    ...overLayers(groups, layers, { whole: ["partials"] }),
  });
  return partials;
}

/** Records a score of the squared differences of two images, f32 `[1]`; NaN of images without pixels. */
export function recordErrorScore(
  r: Recorder,
  [reference, test]: readonly Value[],
  score: Score,
  dataRange?: number,
): Value[] {
  const pixels = sizeOf(reference.shape);
  if (pixels === 0) return [r.constant(Float32Array.of(NaN), [1])];
  const partials = recordSquaredErrors(r, reference, test, score === "decibels" ? "mean" : score);
  return [recordScore(r, partials, pixels, score, dataRange)];
}
