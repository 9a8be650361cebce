/**
 * Measures what denoising is worth: region and class of validation slices with noise, as they are, after each of the nine
 * filters and after the autoencoder, and writes `noise` of `models/quality.json`.
 *
 *     deno run -A models/training/evaluate_noise.ts [SLICES=24]
 *
 * Each filter has the setting that `evaluate_denoising.ts` found best on slices of the training. The networks are the
 * defaults of the stages.
 */
import { openEngine, type Tensor } from "../../engine/mod.ts";
import classifyPlugin from "../../plugins/classify/classify.ts";
import { denoisers } from "../../plugins/denoise/denoisers.ts";
import { denoiseByNetwork, denoisingContract } from "../../plugins/denoise/network.ts";
import { withNoise } from "../../plugins/denoise/noise.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import { side, type Slice, validationSlices } from "./evaluate_data.ts";
import { changeQuality, classified, openStage, readQuality, root, segmented } from "./evaluate_stages.ts";

/** What the noise's level is a share of: the slices are scaled to it. */
const range = 255;
const levels = [0, 0.05, 0.1];

const count = Number(Deno.args[0] ?? 24);
const data = Deno.env.get("TEST_DATA") ?? new URL("../../../shared/data", import.meta.url).pathname;
const { denoising } = await readQuality();
const engine = await openEngine();
using autoencoder = await engine.loadModel(`${root}denoise_autoencoder`);
const contract = denoisingContract.parse(JSON.parse(await Deno.readTextFile(`${root}denoise_autoencoder/model.json`)));
const modelOf = (stage: typeof segmentPlugin) =>
  (stage.stages![0].options.parse({}) as { model: string }).model.replace("models/", "");
const names = { segmentation: modelOf(segmentPlugin), classification: modelOf(classifyPlugin) };
const segment = await openStage(engine, segmentPlugin.stages![0], names.segmentation);
const classify = await openStage(engine, classifyPlugin.stages![0], names.classification);

const all = await validationSlices(`${data}/brain_tumor_t1c`);
const step = Math.max(1, Math.floor(all.length / count));
const slices = all.filter((_, at) => at % step === 0).slice(0, count);

type Work = (image: Tensor) => Tensor;

/** By name: what is done to a slice of the range of 1 before the networks see it. */
function treatments(level: number): Map<string, Work | undefined> {
  const found = new Map<string, Work | undefined>([["nothing", undefined]]);
  const row = denoising.rows.find((one: { noise: string; level: number }) =>
    one.noise === "rician" && one.level === level
  );
  if (row === undefined) return found;
  for (const [name, { filter }] of Object.entries(denoisers)) {
    const options = filter.options.parse(row.chosen[name]) as Record<string, unknown>;
    found.set(name, (image) => engine.run((r) => filter(r, image, options)));
  }
  return found.set("autoencoder", (image) => engine.run((r) => denoiseByNetwork(r, image, autoencoder, contract)));
}

async function treated(pixels: Float32Array, work: Work | undefined): Promise<Float32Array> {
  if (work === undefined) return pixels;
  using image = engine.tensor(pixels, [1, side, side]);
  using result = work(image);
  return (await engine.read([result]))[0] as Float32Array;
}

const rows: { level: number; treatment: string; dice: number; typeNamed: number }[] = [];
for (const level of levels) {
  const noisy = slices.map(({ pixels }, at) =>
    level === 0
      ? pixels.map((value) => value / range)
      : withNoise(pixels.map((x) => x / range), "rician", level, 500 + at)
  );
  for (const [treatment, work] of treatments(level)) {
    let [dice, right] = [0, 0];
    for (const [at, slice] of slices.entries()) {
      const pixels = (await treated(noisy[at], work)).map((value) => value * range);
      const seen: Slice = { ...slice, pixels };
      const { measures, box } = await segmented(engine, segment, seen);
      dice += measures.segmentation?.dice ?? 0;
      const { classification } = await classified(engine, classify, seen, box, slice.label);
      if (classification?.correct) right++;
    }
    rows.push({ level, treatment, dice: rounded(dice / slices.length), typeNamed: rounded(right / slices.length) });
    console.log(JSON.stringify(rows.at(-1)));
  }
}
engine.close();
await changeQuality((quality) => quality.noise = { kind: "rician", slices: slices.length, ...names, rows });

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
