/**
 * Measures how well the filters denoise, beside the reference programs at the best setting of their grids, and writes the
 * table into `shaders/README.md`. Needs `TEST_DATA`. Run: `deno run -A tests/quality.ts [--check]`; with `--check` nothing is
 * written. Exit status 1 where a filter falls behind by more than it may.
 */
import { fileURLToPath } from "node:url";
import {
  calibrate,
  type Engine,
  filters,
  metrics,
  openEngine,
  type Recorder,
  type Tensor,
  type Value,
} from "isocenter";
import { type FloatArray, readFloats } from "./npy.ts";
import { denoisers } from "../plugins/denoise/denoisers.ts";
import { testData } from "./test_data.ts";

interface Quality {
  readonly psnr: number;
  readonly ssim: number;
}

type Grid = readonly (readonly [params: string, psnr: number, ssim: number])[];

interface Row {
  readonly image: string;
  readonly crop: readonly number[];
  readonly noise: "gauss" | "rice" | "sp";
  readonly level: number;
  readonly results: Readonly<Record<string, Quality & { readonly params?: string; readonly grid?: Grid }>>;
}

/** Most dB of PSNR that a filter may fall behind the reference's best. */
const allowed: Readonly<Record<string, number>> = {
  mean: 0.05,
  median: 0.05,
  gaussian: 0.05,
  bilateral: 0.05,
  wavelet: 0.05,
  wiener: 0.05,
  nlm: 0.3,
};

const noises: Readonly<Record<Row["noise"], string>> = { gauss: "Gaussian", rice: "Rician", sp: "salt and pepper" };

type Run = (r: Recorder, image: Value) => Value;

/** What the parameters of a grid mean, by filter. */
const meanings: Readonly<Record<string, (params: string) => Run>> = {
  mean: (params) => {
    const { size } = numbers(params);
    return (r, image) => filters.mean(r, image, { radius: (size - 1) / 2 });
  },
  median: (params) => {
    const { size } = numbers(params);
    return (r, image) => filters.median(r, image, { radius: (size - 1) / 2 });
  },
  gaussian: (params) => {
    const { sigma } = numbers(params);
    return (r, image) => filters.gaussian(r, image, { sigmaPx: sigma });
  },
  wiener: (params) => {
    const { size, noise } = numbers(params);
    return (r, image) => filters.wiener(r, image, { radius: (size - 1) / 2, noisePower: noise, border: "constant" });
  },
  bilateral: (params) => {
    const { d = 0, radius = Math.floor(d / 2), sigmaColor, sigmaSpace } = numbers(params);
    const window = params.includes("square") ? "square" : "ball";
    const border = params.includes("border=mirror") ? "mirror" : "reflect";
    const options = { radius, sigmaColor, sigmaSpacePx: sigmaSpace, window, border } as const;
    return (r, image) => filters.bilateral(r, image, options);
  },
  nlm: (params) => {
    const { patch, distance, h, sigma } = numbers(params);
    const options = { patchRadius: (patch - 1) / 2, searchRadius: distance, h, sigma } as const;
    return (r, image) => filters.nlm(r, image, { ...options, patchWeights: "gauss", searchWindow: "clipped" });
  },
  anisotropic: (params) => {
    const { option, kappa, steps, dt } = numbers(params);
    const conductance = option === 1 ? "exponential" : "rational";
    return (r, image) => filters.anisotropic(r, image, { kappa, steps, dt, conductance });
  },
  gabor: (params) => {
    const { strength, sigma } = numbers(params);
    return (r, image) => filters.gaborBank(r, image, { strength, sigma, border: "wrap" });
  },
  wavelet: (params) => {
    const [wavelet, method, threshold] = params.split(" ");
    const { sigma, levels, cycleSpin = 0 } = numbers(params);
    const options = { wavelet, method, threshold, sigma, levels, cycleSpin } as never;
    return (r, image) => filters.wavelet(r, image, options);
  },
};

/** The numbers of `name=number` pairs. */
function numbers(params: string): Record<string, number> {
  return Object.fromEntries([...params.matchAll(/(\w+)=([\d.]+)/g)].map(([, name, value]) => [name, Number(value)]));
}

const folder = testData("expected/filters");
const load = (name: string) => readFloats(`${folder}/${name}`);
const normal = await load("inputs/noise_n1.npy");
const uniform = await load("inputs/noise_u.npy");
/** Along both axes. */
const reversed = { ...normal, data: normal.data.toReversed() };

/** The leading part of a field: rows and columns of an image, of a volume as many elements as it has. */
function fieldOf({ shape, data }: FloatArray, crop: readonly number[]): Float32Array {
  const count = crop.reduce((a, b) => a * b, 1);
  if (crop.length === 3) return data.subarray(0, count);
  const [, width] = crop;
  return Float32Array.from({ length: count }, (_, at) => data[Math.floor(at / width) * shape[1] + at % width]);
}

/** The noisy image of a row, as the data's README defines it: clipped to 0 to 1. */
function noisy(clean: Float32Array, { crop, noise, level }: Row): Float32Array {
  const n1 = fieldOf(normal, crop);
  const n2 = fieldOf(reversed, crop);
  const q = fieldOf(uniform, crop);
  const formulas = {
    gauss: (u: number, at: number) => u + level * n1[at],
    rice: (u: number, at: number) => Math.hypot(u + level * n1[at], level * n2[at]),
    sp: (u: number, at: number) => q[at] < level / 2 ? 0 : q[at] > 1 - level / 2 ? 1 : u,
  };
  return clean.map((u, at) => Math.min(1, Math.max(0, formulas[noise](u, at))));
}

function leading({ shape, data }: FloatArray, crop: readonly number[]): Float32Array {
  const [depth, height, width] = [...new Array<number>(3 - crop.length).fill(1), ...crop];
  const [rows, columns] = shape.slice(-2);
  return Float32Array.from({ length: depth * height * width }, (_, at) => {
    const [x, y, z] = [at % width, Math.floor(at / width) % height, Math.floor(at / (width * height))];
    return data[(z * rows + y) * columns + x];
  });
}

async function measure(engine: Engine, clean: Tensor, image: Tensor, runs: readonly Run[]): Promise<Quality[]> {
  const results: Quality[] = [];
  for (const run of runs) {
    using scores = new DisposableStack();
    const values = engine.run((r) => {
      const filtered = run(r, image);
      return [
        metrics.peakSignalNoiseRatio(r, clean, filtered, { dataRange: 1 }),
        metrics.structuralSimilarity(r, clean, filtered, {
          dataRange: 1,
          window: "gaussian",
          useSampleCovariance: false,
        }),
      ];
    });
    values.forEach((value) => scores.use(value));
    const [psnr, ssim] = (await engine.read(values)).map(Number);
    results.push({ psnr, ssim });
  }
  return results;
}

interface Line {
  readonly filter: string;
  readonly noise: string;
  readonly level: number;
  readonly axes: number;
  readonly none: Quality;
  readonly reference: Quality;
  readonly ours: Quality;
  readonly calibrated: Quality;
}

async function linesOf(engine: Engine, row: Row): Promise<Line[]> {
  const pixels = leading(await load(row.image), row.crop);
  using clean = engine.tensor(pixels, [1, ...row.crop]);
  using image = engine.tensor(noisy(pixels, row), [1, ...row.crop]);
  const lines: Line[] = [];
  for (const [filter, reference] of Object.entries(row.results)) {
    if (filter === "none" || !reference.grid) continue;
    const qualities = await measure(engine, clean, image, reference.grid.map(([params]) => meanings[filter](params)));
    const ours = qualities.reduce((best, quality) => quality.psnr > best.psnr ? quality : best);
    const denoiser = denoisers[filter];
    const { options } = await calibrate(engine, denoiser.filter, image, {
      grid: denoiser.grid(row.crop.length),
      options: denoiser.presumed?.({}),
    });
    const [calibrated] = await measure(engine, clean, image, [(r, x) => denoiser.filter(r, x, options)]);
    const { noise, level, crop: { length: axes } } = row;
    lines.push({ filter, noise, level, axes, none: row.results.none, reference, ours, calibrated });
    const behind = reference.psnr - ours.psnr;
    if (behind > (allowed[filter] ?? Infinity)) {
      failures.push(`${filter}, ${row.image}, ${noise} ${level}: ${behind.toFixed(3)} dB behind ${reference.psnr}`);
    }
  }
  return lines;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The table: the mean over the images of each noise and number of axes. */
function tableOf(lines: readonly Line[]): string {
  const cell = (qualities: readonly Quality[]) =>
    `${mean(qualities.map(({ psnr }) => psnr)).toFixed(2)} / ${mean(qualities.map(({ ssim }) => ssim)).toFixed(3)}`;
  const groups = Object.entries(
    Object.groupBy(lines, ({ axes, noise, level, filter }) => `${axes}-D|${noise}|${level}|${filter}`),
  );
  const rows = groups.map(([key, group = []]) => {
    const [axes, noise, level, filter] = key.split("|");
    const cells = (["none", "reference", "ours", "calibrated"] as const).map((kind) =>
      cell(group.map((line) => line[kind]))
    );
    return `| ${axes} | ${noises[noise as Row["noise"]]} ${level} | ${filter} | ${cells.join(" | ")} |`;
  });
  return [
    "| images | noise | filter | noisy | reference's best of grid | ours, same grid | ours, calibrated |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

const failures: string[] = [];
const lines: Line[] = [];
const { rows }: { rows: readonly Row[] } = JSON.parse(await Deno.readTextFile(`${folder}/quality_dev.json`));
await using engine = await openEngine();
for (const row of rows) {
  lines.push(...await linesOf(engine, row));
  console.error(`${row.image}, ${row.noise} ${row.level}`);
}
const table = tableOf(lines);
if (Deno.args.includes("--check")) {
  console.log(table);
} else {
  const readme = new URL("../shaders/README.md", import.meta.url);
  const text = await Deno.readTextFile(readme);
  const [begin, end] = ["<!-- quality: written by tests/quality.ts -->", "<!-- end of quality -->"];
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  await Deno.writeTextFile(readme, `${before}${begin}\n\n${table}\n\n${end}${after}`);
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", fileURLToPath(readme)] }).output();
}
for (const failure of failures) console.error(failure);
if (failures.length > 0) Deno.exit(1);
