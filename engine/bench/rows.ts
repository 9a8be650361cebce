/** The rows of the bench: what is run, on which shapes, beside which peer. */

import type { Cost, Operation, Recorder, Spec, Value } from "../../shaders/contract.ts";
import { variantOf } from "../../shaders/forms.ts";
import { filters, nn } from "../../shaders/mod.ts";
import type { Engine, Tensor } from "../mod.ts";
import { noise } from "./noise.ts";

/** A work of a Python peer (a script of `TEST_DATA` or of `tests/bench`), or one ONNX node or a whole ONNX file for onnxruntime. */
export type PeerWork =
  | {
    readonly kind: "python";
    readonly work: string;
    readonly size: number;
    readonly script: "filters_peer.py" | "fourier_peer.py" | "chain_peer.py";
  }
  | {
    readonly kind: "onnx";
    readonly operator: string;
    readonly inputs: readonly (readonly number[])[];
    readonly attributes?: Readonly<Record<string, number | readonly number[]>>;
  }
  | { readonly kind: "model"; readonly file: string };

/** The least cost of a row, by what its form executes. */
export interface RowCost extends Cost {
  /** Operations by the definition where the form executes fewer, as Winograd's products do. */
  readonly directFlops?: number;
}

/**
 * Work that is recorded; or work that can't be recorded at once, which runs, reads its answers and is timed by the
 * clock.
 */
export type Timed = { readonly record: (r: Recorder) => Value } | { readonly run: () => Promise<void> };

/** A row on an engine, ready to be timed. */
export type Prepared = Timed & PreparedParts;

/** What a prepared row has besides its work. */
export interface PreparedParts extends AsyncDisposable {
  /** Milliseconds from nothing to the first answer, where the preparation has run the work already. */
  readonly coldMs?: number;
  /** The same work replayed by a plan, whose host time is then given instead of that of recording. */
  readonly replay?: () => Promise<readonly Tensor[]>;
  /** The same work done in other ways, timed side by side. */
  readonly variants?: readonly { readonly name: string; readonly record: (r: Recorder) => Value }[];
  /** The result, row-major, and how far it may be off in terms of the greatest value. */
  readonly expected?: { readonly values: ArrayLike<number>; readonly bound: number };
  /** Bytes and operations of one run. */
  readonly cost: () => RowCost;
}

/** One row. */
export interface BenchRow {
  /** `FAMILY/NAME`, by which `bench NAME` finds it. */
  readonly name: string;
  /** What is computed, for the reader. */
  readonly work: string;
  /** Makes its inputs on the device. */
  readonly prepare: (engine: Engine) => Prepared | Promise<Prepared>;
  /** The peers that it is compared with. Default none. */
  readonly peers?: readonly PeerWork[];
}

/** A row of one operation on f32 inputs of the given shapes, which hold noise of -0.5 to 0.5. */
export function benchOperation<O>(
  name: string,
  work: string,
  operation: Operation<O>,
  shapes: readonly (readonly number[])[],
  options: Partial<O>,
  peers: readonly PeerWork[] = [],
): BenchRow {
  const specs: Spec[] = shapes.map((shape) => ({ dtype: "f32", shape }));
  return {
    name,
    work,
    peers,
    prepare: (engine) => {
      const inputs = shapes.map((shape, index) => engine.tensor(noise(shape, index + 1), shape));
      return {
        record: (r) => r.apply(operation, inputs, options)[0],
        cost: () => costOn(engine, operation, specs, operation.options.parse(options)),
        [Symbol.asyncDispose]: () => {
          inputs.forEach((tensor) => tensor.dispose());
          return Promise.resolve();
        },
      };
    },
  };
}

/** The cost of the form that is chosen on an engine, with that of the definition beside it where they differ. */
function costOn<O>(engine: Engine, operation: Operation<O>, specs: readonly Spec[], options: O): RowCost {
  const cost = operation.cost(specs, options);
  const form = operation.forms?.[variantOf(operation, specs, options, engine.facts).form];
  return form?.cost === undefined ? cost : { ...form.cost(specs, options), directFlops: cost.flops };
}

const side = 1024;

function filter<O>(
  name: string,
  work: string,
  operation: Operation<O>,
  options: Partial<O>,
  ...peers: string[]
): BenchRow {
  const script = "filters_peer.py";
  const works = peers.map((peer): PeerWork => ({ kind: "python", work: peer, size: side, script }));
  return benchOperation(`filters/${name}`, `${work}, ${side} x ${side}`, operation, [[1, side, side]], options, works);
}

/** Convolution of `[1, channels, ...size]` by kernels of `taps` an axis; the output is as large as the input over the stride. */
function convolution(
  name: string,
  work: string,
  { channels, to = channels, size, taps, stride = 1, groups = 1 }: {
    channels: number;
    to?: number;
    size: readonly number[];
    taps: number;
    stride?: number;
    groups?: number;
  },
): BenchRow {
  const each = (value: number) => size.map(() => value);
  const inputs = [[1, channels, ...size], [to, channels / groups, ...each(taps)]];
  const pads = each((taps - 1) / 2), strides = each(stride);
  const attributes = { pads: [...pads, ...pads], strides, group: groups };
  const peer: PeerWork = { kind: "onnx", operator: "Conv", inputs, attributes };
  const options = { padsBegin: pads, padsEnd: pads, strides, groups };
  return benchOperation(`nn/convolution-${name}`, `${work}, ${size.join(" x ")}`, nn.convolution, inputs, options, [
    peer,
  ]);
}

function matrixProduct(size: number): BenchRow {
  const inputs = [[size, size], [size, size]];
  const peer: PeerWork = { kind: "onnx", operator: "MatMul", inputs };
  return benchOperation(`nn/gemm-${size}`, `${size} x ${size} by ${size} x ${size}`, nn.gemm, inputs, {}, [peer]);
}

/** Three filters in a row, replayed by a plan: what a service's request costs the host. */
function plan(): BenchRow {
  const shape = [1, 256, 256];
  const work = (r: Recorder, image: Value) => {
    const smooth = filters.bilateral(r, filters.gaussian(r, image, { sigmaPx: 1 }), { radius: 2, sigmaColor: 0.1 });
    return filters.median(r, smooth, { radius: 1 });
  };
  return {
    name: "plans/three-filters",
    work: "gaussian, bilateral and median of 256 x 256, by a plan",
    prepare: async (engine) => {
      const image = engine.tensor(noise(shape, 1), shape);
      const plan = await engine.compile((r, [image]) => work(r, image), [image]);
      const bytes = 2 * 4 * 256 * 256;
      return {
        record: (r) => work(r, image),
        replay: () => Promise.resolve([plan.run([image])]),
        cost: () => ({ bytes, flops: 0 }),
        [Symbol.asyncDispose]: () => {
          plan.dispose();
          image.dispose();
          return Promise.resolve();
        },
      };
    },
  };
}

/** All rows. */
export const benchRows: readonly BenchRow[] = [
  filter("gaussian", "sigma 2 (17 taps)", filters.gaussian, { sigmaPx: 2 }, "gaussian17"),
  filter("mean", "radius 4 (9 x 9)", filters.mean, { radius: 4 }, "mean"),
  filter("median", "radius 2 (5 x 5)", filters.median, { radius: 2, border: "nearest" }, "median"),
  filter(
    "bilateral",
    "radius 4 in a ball",
    filters.bilateral,
    { radius: 4, sigmaColor: 0.1, sigmaSpacePx: 3, window: "ball", border: "mirror" },
    "bilateral",
  ),
  filter(
    "nlm",
    "patches 5 x 5, search 11 x 11",
    filters.nlm,
    { patchRadius: 2, searchRadius: 5, h: 0.04, sigma: 0.05, patchWeights: "box" },
    "nlm_cv",
    "nlm_skimage",
  ),
  filter(
    "anisotropic",
    "20 steps of Perona and Malik",
    filters.anisotropic,
    { kappa: 0.1, steps: 20, dt: 0.2, conductance: "exponential" },
    "anisotropic",
    "anisotropic_cv",
  ),
  filter(
    "gabor",
    "8 orientations, 21 x 21",
    filters.gabor,
    { frequency: 1 / 6, theta: [0, 1, 2, 3, 4, 5, 6, 7].map((k) => Math.PI * k / 8), sigmaPx: 3, nStds: 3.3 },
    "gabor",
  ),
  filter(
    "wavelet",
    "db4, BayesShrink",
    filters.wavelet,
    { wavelet: "db4", method: "BayesShrink", threshold: "soft", sigma: 0.05 },
    "wavelet",
  ),
  filter("wiener", "radius 2 (5 x 5)", filters.wiener, { radius: 2, noisePower: 0.0025 }, "wiener"),
  benchOperation(
    "filters/fourier",
    `transform of a real image, half the columns, ${side} x ${side}`,
    filters.fourier,
    [[1, side, side]],
    { half: true },
    [{ kind: "python", work: "rfft2", size: side, script: "fourier_peer.py" }],
  ),
  plan(),
  matrixProduct(1024),
  convolution("64", "3x3, 64 to 64 channels", { channels: 64, size: [128, 128], taps: 3 }),
  convolution("256", "3x3, 256 to 256 channels", { channels: 256, size: [32, 32], taps: 3 }),
  convolution("first", "3x3, 3 to 32 channels", { channels: 3, to: 32, size: [256, 256], taps: 3 }),
  convolution("stem", "7x7 of stride 2, 3 to 64 channels", {
    channels: 3,
    to: 64,
    size: [224, 224],
    taps: 7,
    stride: 2,
  }),
  convolution("1x1", "1x1, 256 to 256 channels", { channels: 256, size: [64, 64], taps: 1 }),
  convolution("depthwise", "3x3 of 256 channels each", { channels: 256, size: [64, 64], taps: 3, groups: 256 }),
  convolution("3d", "3x3x3, 32 to 32 channels", { channels: 32, size: [64, 64, 64], taps: 3 }),
];
