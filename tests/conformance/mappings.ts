/** What a case of a filter manifest means in our terms: from its parameters to our operations and their options. */
import { filters, metrics, type Operation, type Recorder, type Value } from "../../shaders/mod.ts";
import type { Tolerance } from "./tolerance.ts";
import type { FloatArray } from "../npy.ts";

/** A case as the manifest writes it. */
export interface ManifestCase {
  readonly id: string;
  readonly filter: string;
  readonly input: string;
  readonly output?: string;
  /** A number in place of an output. */
  readonly value?: number;
  /** The losses of a calibration, and the parameters of the least. */
  readonly losses?: readonly number[];
  readonly chosen?: Readonly<Record<string, unknown>>;
  /** The image without noise. */
  readonly clean?: string;
  readonly shape?: readonly number[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly border: string | null;
  readonly tolerance: Tolerance;
}

/** What is to be done for a case, or why it can't be. */
export type Work =
  | { readonly skipped: string }
  /** Computed by the host alone. */
  | { readonly values: () => ArrayLike<number> }
  /** Recorded with the input and, after it, `images` (files) or `tables`. */
  | {
    readonly images?: readonly string[];
    readonly tables?: readonly FloatArray[];
    readonly record: (r: Recorder, image: Value, others: readonly Value[]) => readonly Value[];
  }
  /** A grid of an operation's options, and how its chosen candidate reads in the manifest's terms. */
  | {
    // deno-lint-ignore no-explicit-any -- operations differ in their options
    readonly calibrate: Operation<any>;
    readonly grid: Readonly<Record<string, readonly number[]>>;
    readonly options: Readonly<Record<string, unknown>>;
    readonly stride: number;
    readonly chosen: (chosen: Readonly<Record<string, number>>) => Readonly<Record<string, number>>;
  };

type Params = Readonly<Record<string, never>>;

const borders = ["reflect", "mirror", "nearest", "constant", "wrap"] as const;

/** What a case means. */
export function meaningOf(entry: ManifestCase): Work {
  const meaning = meanings[entry.filter];
  if (!meaning) return { skipped: `there is no filter ${entry.filter} yet` };
  const open = Object.keys(entry.params).filter((name) => !meaning.parameters.includes(name));
  if (open.length > 0) return { skipped: `${entry.filter} has no parameter ${open.join(", ")} yet` };
  return meaning.work(entry, entry.params as Params);
}

interface Meaning {
  readonly parameters: readonly string[];
  work(entry: ManifestCase, params: Params): Work;
}

const meanings: Readonly<Record<string, Meaning>> = {
  mean: windowed((r, image, options) => filters.mean(r, image, options)),
  median: windowed((r, image, options) => filters.median(r, image, options)),
  gaussian: {
    parameters: ["sigma", "truncate", "order", "cval"],
    work: (entry, { sigma, truncate = 4, order = 0 as const }) =>
      bordered(entry, (border) => (r, image) => [
        filters.gaussian(r, image, { sigmaPx: sigma, truncate, order, ...border }),
      ]),
  },
  bilateral: {
    parameters: ["d", "sigmaColor", "sigmaSpace", "window", "colorDistance", "spacing", "cval"],
    work: (entry, { d, sigmaColor, sigmaSpace, window, colorDistance = "", spacing }) =>
      bordered(entry, (border) => (r, image) => [
        filters.bilateral(r, image, {
          radius: Math.floor(d / 2),
          sigmaColor,
          ...(spacing === undefined ? { sigmaSpacePx: sigmaSpace } : { sigmaSpaceMm: sigmaSpace, spacing }),
          window,
          colorDistance: /^sum/.test(colorDistance) ? "sum" : "euclidean",
          ...border,
        }),
      ]),
  },
  nlm: {
    parameters: ["patch", "distance", "h", "sigma", "patchWeights", "rician"],
    work: ({ border }, { patch, distance, h, sigma, patchWeights, rician = false }) => {
      if (patch % 2 === 0) return { skipped: "nlm has no patches of an even size" };
      const searchWindow = /clipped/.test(border ?? "") ? "clipped" : "mirror";
      const options = { patchRadius: (patch - 1) / 2, searchRadius: distance, h, sigma, patchWeights, rician };
      return { record: (r, image) => [filters.nlm(r, image, { ...options, searchWindow })] };
    },
  },
  wavelet: {
    parameters: ["transform", "wavelet", "level", "levels", "method", "threshold", "sigma", "cycleSpin"],
    work: ({ border }, { transform, wavelet, level, levels, method, threshold, sigma, cycleSpin = 0 }) => {
      if (border !== "symmetric" && border !== "periodization") return { skipped: `wavelet has no border ${border}` };
      if (transform === "dwt") {
        return { record: (r, image) => r.apply(filters.dwt, [image], { wavelet, levels: level, border }) };
      }
      const options = { wavelet, method, threshold, sigma, cycleSpin, border } as const;
      const depth = typeof levels === "number" ? { levels } : {};
      return { record: (r, image) => [filters.wavelet(r, image, { ...options, ...depth })] };
    },
  },
  wiener: {
    parameters: ["size", "noise", "psf", "balance", "unsupervised", "richardsonLucy"],
    work: (entry, { size, noise, psf, balance, unsupervised, richardsonLucy }) => {
      if (psf === undefined) {
        const known = noise === null || noise === undefined ? {} : { noisePower: noise };
        return bordered(entry, (border) => (r, image) => [
          filters.wiener(r, image, { ...radiusOf(size), ...known, ...border }),
        ]);
      }
      const tables = [gaussianPsf(psf)];
      if (richardsonLucy !== undefined) {
        const options = { iterations: richardsonLucy };
        return { tables, record: (r, image, [psf]) => [filters.richardsonLucy(r, image, psf, options)] };
      }
      const options = { balance: unsupervised ? "auto" as const : balance };
      return { tables, record: (r, image, [psf]) => [filters.deconvolve(r, image, psf, options)] };
    },
  },
  gabor: {
    parameters: [
      ...["kernel", "frequency", "theta", "bandwidth", "sigmaX", "sigmaY", "nStds", "offset", "result", "bank"],
      ...["sigma", "strength", "cval"],
    ],
    work: (entry, params) => {
      const { kernel, bank, frequency, theta, bandwidth = 1, sigmaX, sigmaY, nStds, offset } = params;
      if (bank) {
        const { sigma = 0.1, strength = 1.5 } = params;
        return { record: (r, image) => [filters.gaborBank(r, image, { sigma, strength, border: "wrap" })] };
      }
      const isGiven = sigmaX !== undefined || sigmaY !== undefined;
      const sigmaPx = isGiven
        ? { sigmaPx: [sigmaX, sigmaY].map((sigma) => sigma ?? filters.gaborSigma(frequency, bandwidth)) }
        : {};
      const options = given({ frequency, theta, bandwidth, nStds, offset, ...sigmaPx });
      if (kernel) {
        return {
          values: () => {
            const { real, imaginary } = filters.gaborKernel(options);
            return [...real, ...imaginary];
          },
        };
      }
      return bordered(
        entry,
        (border) => (r, image) =>
          (["real", "imaginary"] as const).map((part) => filters.gabor(r, image, { ...options, part, ...border })),
      );
    },
  },
  anisotropic: {
    parameters: ["kappa", "steps", "dt", "option", "spacing"],
    work: (_, { kappa, steps, dt, option, spacing }) => {
      const conductance = option === 1 ? "exponential" as const : "rational" as const;
      const options = given({ kappa, steps, dt, conductance, spacing });
      return { record: (r, image) => [filters.anisotropic(r, image, options)] };
    },
  },
  estimateSigma: {
    parameters: [],
    work: () => ({ record: (r, image) => [filters.estimateSigma(r, image)] }),
  },
  metrics: {
    parameters: ["metric", "test"],
    work: (_, { metric, test }) => {
      const measure = metricOf(metric);
      if (measure === undefined) return { skipped: `there is no metric ${metric} yet` };
      return { images: [test], record: (r, image, [other]) => [measure(r, image, other)] };
    },
  },
  calibrate: {
    parameters: ["filter", "grid", "stride", "approximateLoss"],
    work: (_, { filter, grid, stride, approximateLoss }) => {
      if (!approximateLoss) return { skipped: "calibration has the approximate loss only" };
      const [[parameter, values]] = Object.entries(grid) as [string, number[]][];
      const option = calibrated[filter];
      if (typeof option === "string") return { skipped: option };
      if (option === undefined) return { skipped: `there is no filter ${filter} yet` };
      const [name, ours, theirs] = option.parameter;
      return {
        calibrate: option.operation,
        grid: { [name]: values.map(ours) },
        options: option.options ?? {},
        stride,
        chosen: (chosen) => ({ [parameter]: theirs(chosen[name]) }),
      };
    },
  },
};

/** The filters that a manifest calibrates: our option for its parameter, with the way there and back. */
interface Calibrated {
  // deno-lint-ignore no-explicit-any -- operations differ in their options
  readonly operation: Operation<any>;
  readonly parameter: readonly [name: string, ours: (value: number) => number, theirs: (value: number) => number];
  readonly options?: Readonly<Record<string, unknown>>;
}

const same = (value: number) => value;

const calibrated: Readonly<Record<string, Calibrated | string>> = {
  gaussian: { operation: filters.gaussian, parameter: ["sigmaPx", same, same] },
  median: { operation: filters.median, parameter: ["radius", (size) => (size - 1) / 2, (radius) => 2 * radius + 1] },
  wavelet: {
    operation: filters.wavelet,
    parameter: ["sigma", same, same],
    options: { wavelet: "db2", levels: 3, method: "BayesShrink", threshold: "soft" },
  },
  nlm: "the reference is scikit-image's fast form, whose patches are (patch-1)^2 off-center pixels: not the definition",
};

function metricOf(name: string): ((r: Recorder, image: Value, test: Value) => Value) | undefined {
  const uniform = /^ssim_uniform(\d*)$/.exec(name);
  if (uniform) {
    const size = Number(uniform[1] || 7);
    return (r, a, b) => metrics.structuralSimilarity(r, a, b, { dataRange: 1, window: "uniform", size });
  }
  const kinds: Record<string, (r: Recorder, a: Value, b: Value) => Value> = {
    mse: (r, a, b) => metrics.meanSquaredError(r, a, b),
    psnr: (r, a, b) => metrics.peakSignalNoiseRatio(r, a, b, { dataRange: 1 }),
    nrmse_euclidean: (r, a, b) => metrics.normalizedRootMse(r, a, b, { normalization: "euclidean" }),
    nrmse_minmax: (r, a, b) => metrics.normalizedRootMse(r, a, b, { normalization: "minmax" }),
    nrmse_mean: (r, a, b) => metrics.normalizedRootMse(r, a, b, { normalization: "mean" }),
    ssim_gauss: (r, a, b) =>
      metrics.structuralSimilarity(r, a, b, { dataRange: 1, window: "gaussian", useSampleCovariance: false }),
  };
  return kinds[name];
}

type Bordered = { border: typeof borders[number]; cval: number };

/** Work of a filter that has the borders of scipy. */
function bordered(
  entry: ManifestCase,
  make: (border: Bordered) => (r: Recorder, image: Value) => readonly Value[],
): Work {
  const border = borders.find((name) => name === (entry.border ?? "reflect"));
  if (border === undefined) return { skipped: `${entry.filter} has no border ${entry.border}` };
  return { record: make({ border, cval: Number(entry.params.cval ?? 0) }) };
}

function windowed(filter: (r: Recorder, image: Value, options: Bordered & { radius: number | number[] }) => Value) {
  return {
    parameters: ["size", "cval"],
    work: (entry: ManifestCase, { size }: Params): Work => {
      if ([size].flat().some((one) => one % 2 === 0)) {
        return { skipped: `${entry.filter} has no windows of an even size` };
      }
      return bordered(entry, (border) => (r, image) => [filter(r, image, { ...radiusOf(size), ...border })]);
    },
  };
}

/** A window's size, one or one per axis, as a radius. */
function radiusOf(size: number | readonly number[]): { radius: number | number[] } {
  return { radius: typeof size === "number" ? (size - 1) / 2 : size.map((one) => (one - 1) / 2) };
}

/** The point spread function that `gauss_psf(SIZE, SIGMA[, AXES])` means: an outer product of sum 1. */
function gaussianPsf(text: string): FloatArray {
  const [size, sigma, axes = 2] = text.match(/[\d.]+/g)!.map(Number);
  const line = Array.from({ length: size }, (_, i) => Math.exp(-((i - Math.floor(size / 2)) ** 2) / (2 * sigma ** 2)));
  let values = [1];
  for (let axis = 0; axis < axes; axis++) values = values.flatMap((value) => line.map((weight) => value * weight));
  const sum = values.reduce((total, value) => total + value, 0);
  return { shape: new Array(axes).fill(size), data: Float32Array.from(values, (value) => value / sum) };
}

/** What is defined of a record. */
function given<T extends Record<string, unknown>>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
