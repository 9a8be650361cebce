/**
 * Measures the autoencoder beside the nine filters on validation slices, each filter at the setting of its grid that was
 * best on slices of the training, and writes `denoising` of `models/quality.json`.
 *
 *     deno run -A models/training/evaluate_denoising.ts [SLICES=24]
 */
import { parseCsv } from "../../plugins/acquire/csv.ts";
import { openEngine } from "../../engine/mod.ts";
import { denoisers } from "../../plugins/denoise/denoisers.ts";
import { denoiseByNetwork, denoisingContract } from "../../plugins/denoise/network.ts";
import { type TrialNoise, withNoise } from "../../plugins/denoise/noise.ts";
import { graySlice, side } from "./evaluate_data.ts";
import { changeQuality, root } from "./evaluate_stages.ts";

const data = Deno.env.get("TEST_DATA") ?? new URL("../../../shared/data", import.meta.url).pathname;
const count = Number(Deno.args[0] ?? 24);
const levels = [0.05, 0.1];

const engine = await openEngine();
using net = await engine.loadModel(`${root}denoise_autoencoder`);
const contract = denoisingContract.parse(JSON.parse(await Deno.readTextFile(`${root}denoise_autoencoder/model.json`)));

async function slicesOf(split: string, wanted: number): Promise<Float32Array[]> {
  const rows = parseCsv(await Deno.readTextFile(`${data}/brain_tumor_t1c/index.csv`)).filter((row) =>
    row.split === split
  );
  const step = Math.max(1, Math.floor(rows.length / wanted));
  const chosen = rows.filter((_, at) => at % step === 0).slice(0, wanted);
  return await Promise.all(chosen.map(async (row) => {
    const path = `${data}/brain_tumor_t1c/images/${row.id.padStart(4, "0")}_${row.class}.png`;
    return (await graySlice(path)).map((value) => value / 255);
  }));
}

/** In dB for a range of 1. */
function psnr(found: Float32Array, clean: Float32Array): number {
  const error = found.reduce((sum, value, at) => sum + (value - clean[at]) ** 2, 0) / clean.length;
  return -10 * Math.log10(error);
}

type Filtered = (noisy: Float32Array) => Promise<Float32Array>;

/** One filter at one setting of its grid. */
function filtered(name: string, options: Record<string, unknown>): Filtered {
  return async (noisy) => {
    using image = engine.tensor(noisy, [1, side, side]);
    using result = engine.run((r) => denoisers[name].filter(r, image, options));
    return (await engine.read([result]))[0] as Float32Array;
  };
}

const byNetwork: Filtered = async (noisy) => {
  using image = engine.tensor(noisy, [1, side, side]);
  using result = engine.run((r) => denoiseByNetwork(r, image, net, contract));
  return (await engine.read([result]))[0] as Float32Array;
};

/** All combinations of a grid. */
function settings(grid: Readonly<Record<string, readonly number[]>>): Record<string, number>[] {
  return Object.entries(grid).reduce<Record<string, number>[]>(
    (all, [name, values]) => all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}

async function meanPsnr(
  clean: readonly Float32Array[],
  kind: TrialNoise,
  level: number,
  work: Filtered,
): Promise<number> {
  let sum = 0;
  for (const [at, image] of clean.entries()) sum += psnr(await work(withNoise(image, kind, level, 100 + at)), image);
  return sum / clean.length;
}

const train = await slicesOf("train", 6);
const val = await slicesOf("val", count);
const rows: Record<string, unknown>[] = [];
for (const kind of ["gaussian", "rician"] as const) {
  for (const level of levels) {
    const found: Record<string, number> = {};
    const chosen: Record<string, unknown> = {};
    for (const [name, { filter, grid, presumed }] of Object.entries(denoisers)) {
      const knows = "rician" in ((filter.options.toJSONSchema().properties ?? {}) as object);
      const basis = { ...presumed?.({}), ...kind === "rician" && knows ? { rician: true } : {} };
      let best = { mean: -Infinity, options: {} };
      for (const setting of settings(grid(2))) {
        const options = filter.options.parse({ ...basis, ...setting }) as Record<string, unknown>;
        const mean = await meanPsnr(train, kind, level, filtered(name, options));
        if (mean > best.mean) best = { mean, options: { ...basis, ...setting } };
      }
      const options = filter.options.parse(best.options) as Record<string, unknown>;
      found[name] = await meanPsnr(val, kind, level, filtered(name, options));
      chosen[name] = best.options;
    }
    const filters = Math.max(...Object.values(found));
    const noisy = await meanPsnr(val, kind, level, (image) => Promise.resolve(image));
    const autoencoder = await meanPsnr(val, kind, level, byNetwork);
    rows.push({ noise: kind, level, noisy, ...found, autoencoder, ahead: autoencoder - filters, chosen });
    console.log(JSON.stringify(rows.at(-1)));
  }
}
engine.close();
await changeQuality((quality) =>
  quality.denoising = {
    unit: "mean PSNR in dB, range 1",
    slices: val.length,
    rows: rows.map((row) =>
      JSON.parse(JSON.stringify(row, (_, value) => typeof value === "number" ? Number(value.toFixed(2)) : value))
    ),
  }
);
