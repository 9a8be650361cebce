/** How far a result of a manifest's case may lie from the reference's. */
import type { ConformanceResult } from "./result.ts";

/** A tolerance as a manifest writes it; what is given must hold, all of it. */
export interface Tolerance {
  /** Greatest absolute difference. */
  readonly max_abs?: number;
  /** Share of the elements that may exceed `max_abs`. */
  readonly outliers?: number;
  /** Greatest difference relative to the reference's value. */
  readonly rel?: number;
  /** Root of the mean squared difference, over the pixels at least `margin` from every border. */
  readonly rms?: number;
  readonly margin?: number;
  /** Greatest difference of the two results' PSNR (range 1) to the clean image, over the same pixels. */
  readonly psnr_db?: number;
  /** The calibration must choose as the reference does. */
  readonly choice?: "same";
  /** The case is compared for information only. */
  readonly info?: boolean;
  readonly why?: string;
}

/** What is compared: all arrays have `shape`, the spatial axes last. */
export interface Compared {
  readonly found: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  readonly shape: readonly number[];
  /** The image without noise, where the case names one. */
  readonly clean?: ArrayLike<number>;
  /** The reference is a random sampler's: to come nearer to the clean image is no error. */
  readonly mayBeBetter?: boolean;
}

/** Compares by a tolerance. `error` is that of the first bound that is exceeded, or of the first one that is stated. */
export function compare(
  compared: Compared,
  tolerance: Tolerance,
): Pick<ConformanceResult, "status" | "reason" | "error" | "tolerance"> {
  const { found, expected } = compared;
  if (found.length !== expected.length) {
    return { status: "failed", reason: `${found.length} elements instead of ${expected.length}` };
  }
  if (tolerance.info) {
    const reason = `for information: ${tolerance.why ?? "the reference states no bound"}`;
    return { status: "skipped", reason, error: greatest(differences(compared)) };
  }
  const bounds = boundsOf(compared, tolerance);
  if (bounds.length === 0) {
    const isClean = tolerance.psnr_db !== undefined;
    const kinds = isClean ? "psnr_db without a clean image" : Object.keys(tolerance).join(", ");
    return { status: "skipped", reason: `the kind of tolerance is not compared: ${kinds}` };
  }
  const exceeded = bounds.find(({ error, limit }) => !(error <= limit));
  const { name, error, limit } = exceeded ?? bounds[0];
  const result = { error, tolerance: limit };
  if (exceeded === undefined) return { status: "passed", ...result };
  return { status: "failed", reason: `${name} ${error.toExponential(2)} above ${limit}`, ...result };
}

interface Bound {
  readonly name: string;
  readonly error: number;
  readonly limit: number;
}

function boundsOf(compared: Compared, tolerance: Tolerance): Bound[] {
  const bounds: Bound[] = [];
  const add = (name: string, limit: number | undefined, error: () => number) => {
    if (limit !== undefined) bounds.push({ name, limit, error: error() });
  };
  add("error", tolerance.max_abs, () => {
    const sorted = differences(compared).sort((a, b) => b - a);
    return sorted[Math.floor((tolerance.outliers ?? 0) * sorted.length)] ?? 0;
  });
  add("relative error", tolerance.rel, () => {
    const { expected } = compared;
    return greatest(differences(compared).map((difference, at) => difference / Math.abs(expected[at])));
  });
  const inner = inside(compared.shape, tolerance.margin ?? 0);
  const { found, expected, clean, mayBeBetter } = compared;
  add("root of the mean squared error", tolerance.rms, () => Math.sqrt(meanSquare(found, expected, inner)));
  if (clean !== undefined) {
    const psnr = (values: ArrayLike<number>) => -10 * Math.log10(meanSquare(values, clean, inner));
    add("difference of PSNR in dB", tolerance.psnr_db, () => {
      const behind = psnr(expected) - psnr(found);
      return mayBeBetter ? Math.max(0, behind) : Math.abs(behind);
    });
  }
  return bounds;
}

/** Absolute differences; infinite where one is NaN. */
function differences({ found, expected }: Compared): number[] {
  return Array.from(found, (value, at) => {
    const difference = value === expected[at] ? 0 : Math.abs(value - expected[at]);
    return Number.isNaN(difference) ? Infinity : difference;
  });
}

const greatest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/** Flat indices of the elements that are at least `margin` from both ends of each axis. */
function inside(shape: readonly number[], margin: number): number[] {
  return shape.reduce<number[]>(
    (before, count) =>
      before.flatMap((at) =>
        Array.from({ length: Math.max(0, count - 2 * margin) }, (_, place) => at * count + place + margin)
      ),
    [0],
  );
}

function meanSquare(a: ArrayLike<number>, b: ArrayLike<number>, indices: readonly number[]): number {
  return indices.reduce((sum, at) => sum + (a[at] - b[at]) ** 2, 0) / indices.length;
}
