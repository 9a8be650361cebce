/** A gallery of the filters: a slice with noise, and what each filter makes of it at its calibrated setting. */
import { z } from "npm:zod@4.6.7";
import {
  calibrate,
  defineStage,
  type HostCopy,
  type Json,
  optionsOf,
  type PipelineEngine,
  type Stage,
  type Tensor,
} from "../../engine/pipeline/mod.ts";
import { metrics } from "../../shaders/mod.ts";
import {
  bytesOf,
  type DisplayRange,
  displayRange,
  grayOf,
  type Picture,
  sliceToShow,
} from "../formats/picture/picture.ts";
import { encodePng } from "../formats/png/png.ts";
import { type Denoiser, denoisers } from "./denoisers.ts";
import { contactSheet } from "./contact_sheet.ts";
import { type GalleryCase, galleryPage, type GalleryResult, measuredOf, type Quality } from "./gallery_page.ts";
import { type TrialNoise, withNoise } from "./noise.ts";

/** Options of the stage. */
export interface GalleryOptions {
  /** The noise that is added to the slice, which then stands for the clean one. `none`: it is taken as it is. */
  readonly noise: TrialNoise | "none";
  /** Standard deviation of the noise, as a share of the greatest pixel. */
  readonly level: number;
  /** The same seed gives the same noise. */
  readonly seed: number;
}

/** How much a difference picture enlarges the difference. */
const enlargement = 4;

/**
 * `gallery`: pictures of each filter's result and its difference to the slice it was given, and `gallery.html` with all of
 * them; `gallery.png` shows the first case's results side by side. Of a volume the middle slice, of channels the first.
 */
export const gallery: Stage = defineStage({
  name: "gallery",
  description: "Shows what each filter makes of a noisy slice, at the setting that calibration chose.",
  needs: ["image"],
  uses: [],
  gives: ["measures"],
  reads: ["image"],
  files: ["gallery.html", "gallery.png"],
  options: optionsOf<GalleryOptions>(z.strictObject({
    noise: z.enum(["gaussian", "rician", "none"]).default("rician").describe("The noise that is added to the slice"),
    level: z.number().min(0).max(1).default(0.05).describe("Its standard deviation as a share of the greatest pixel"),
    seed: z.int().default(1).describe("The same seed gives the same noise"),
  })),
  open: ({ engine, signal }, options) => ({
    run: async ({ host, write, progress }) => {
      const clean = sliceOf(host.image.tensor);
      const greatest = clean.data.reduce((most, value) => Math.max(most, value), 0);
      const pixels = options.noise === "none"
        ? clean.data
        : withNoise(clean.data, options.noise, options.level * greatest, options.seed);
      const range = displayRange(clean, host.image.geometry);
      const show = (name: string, picture: Picture) => write(`gallery-${name}.png`, pngOf(picture));
      await show("clean", grayOf(clean, range));
      await show("noisy", grayOf({ ...clean, data: pixels }, range));
      using image = engine.tensor(pixels, clean.shape);
      using reference = engine.tensor(clean.data, clean.shape);
      const isTrial = options.noise !== "none";
      const score = (tensor: Tensor) => isTrial ? qualityOf(engine, reference, tensor, greatest) : undefined;
      const noisy = await score(image);
      const results: GalleryResult[] = [];
      for (const [name, denoiser] of Object.entries(denoisers)) {
        signal.throwIfAborted();
        const { values, ...result } = await trial(engine, name, denoiser, image, score);
        results.push(result);
        await show(name, grayOf({ ...clean, data: values }, range));
        await show(`${name}-difference`, differenceOf(values, pixels, clean.shape, range));
        progress(results.length / Object.keys(denoisers).length);
      }
      return { measures: { gallery: { ...options, noisy, results } as unknown as Json } };
    },
    finish: async ({ cases, read }) => {
      const shown = cases.flatMap((record): GalleryCase[] => {
        const measured = measuredOf(record.measures);
        return measured === undefined ? [] : [{ record, ...measured }];
      });
      const files: Record<string, Uint8Array> = {
        "gallery.html": new TextEncoder().encode(galleryPage(shown, options)),
      };
      if (shown.length > 0) files["gallery.png"] = await sheetOf(shown[0], read);
      return { files };
    },
  }),
});

/** The slice that is shown, as an image of one channel. */
function sliceOf(image: HostCopy): HostCopy & { readonly data: Float32Array } {
  const [height, width] = image.shape.slice(-2);
  const first = sliceToShow(image.shape) * height * width;
  const data = Float32Array.from({ length: height * width }, (_, at) => Number(image.data[first + at]));
  return { dtype: "f32", shape: [1, height, width], data };
}

/** Calibrates a filter, runs it once more for the time, and measures it. */
async function trial(
  engine: PipelineEngine,
  name: string,
  { filter, grid, presumed }: Denoiser,
  image: Tensor,
  score: (tensor: Tensor) => Promise<Quality> | undefined,
): Promise<GalleryResult & { readonly values: Float32Array }> {
  const { chosen, options } = await calibrate(engine, filter, image, { grid: grid(2), options: presumed?.({}) });
  const start = performance.now();
  using result = engine.run((r) => filter(r, image, options));
  const [values] = await engine.read([result]) as [Float32Array];
  const seconds = (performance.now() - start) / 1000;
  return { filter: name, chosen: chosen as Record<string, number>, seconds, quality: await score(result), values };
}

async function qualityOf(
  engine: PipelineEngine,
  reference: Tensor,
  result: Tensor,
  dataRange: number,
): Promise<Quality> {
  using scores = new DisposableStack();
  const tensors = engine.run((r) => [
    metrics.peakSignalNoiseRatio(r, reference, result, { dataRange }),
    metrics.structuralSimilarity(r, reference, result, { dataRange }),
  ]);
  tensors.forEach((tensor) => scores.use(tensor));
  const [psnr, ssim] = (await engine.read(tensors)).map((array) => Number(array[0]));
  return { psnr, ssim };
}

/** What was taken away, enlarged, about middle gray. */
function differenceOf(
  values: Float32Array,
  pixels: Float32Array,
  shape: readonly number[],
  { low, high }: DisplayRange,
): Picture {
  const factor = enlargement / (high > low ? high - low : 1);
  const data = Float64Array.from(pixels, (pixel, at) => {
    return Math.min(1, Math.max(0, 0.5 + (pixel - values[at]) * factor));
  });
  return { dtype: "f32", shape, data };
}

function pngOf(picture: Picture): Uint8Array {
  return encodePng(bytesOf(picture), picture.shape, { bits: 8 });
}

async function sheetOf(
  { record, results }: GalleryCase,
  read: (id: string, name: string) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const names = ["noisy", ...results.map(({ filter }) => filter)];
  return contactSheet(await Promise.all(names.map((name) => read(record.id, `gallery-${name}.png`))));
}
