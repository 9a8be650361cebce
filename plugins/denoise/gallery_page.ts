/** The page of the filter gallery. */
import { z } from "npm:zod@4.6.7";
import type { CaseRecord, Measures } from "../../engine/pipeline/mod.ts";
import { Html, html } from "../formats/html/html.ts";
import style from "./gallery.css" with { type: "text" };
import type { GalleryOptions } from "./gallery.ts";

/** How near a picture is to the slice without noise. */
export interface Quality {
  readonly psnr: number;
  readonly ssim: number;
}

/** What a filter has come to. */
export interface GalleryResult {
  readonly filter: string;
  /** The setting that was chosen. */
  readonly chosen: Readonly<Record<string, number>>;
  /** Of one run, with its readback. */
  readonly seconds: number;
  /** Where noise was added. */
  readonly quality?: Quality;
}

/** A case of the gallery. */
export interface GalleryCase {
  readonly record: CaseRecord;
  /** The slice with noise, where it was added. */
  readonly noisy?: Quality;
  readonly results: readonly GalleryResult[];
}

const quality = z.object({ psnr: z.number(), ssim: z.number() }).optional();

const results = z.array(z.object({
  filter: z.string(),
  chosen: z.record(z.string(), z.number()),
  seconds: z.number(),
  quality,
}));

/** What the gallery's stage put into the measures of a case; nothing where it didn't. */
export function measuredOf(measures: Measures): Pick<GalleryCase, "noisy" | "results"> | undefined {
  return z.object({ gallery: z.object({ noisy: quality, results }) }).safeParse(measures).data?.gallery;
}

/** The page as a text. Its pictures are the files of the cases. */
export function galleryPage(cases: readonly GalleryCase[], { noise, level }: GalleryOptions): string {
  const added = noise === "none"
    ? "Each filter at the setting that its calibration chose, without a clean image to compare with."
    : `${noise === "rician" ? "Rician" : "Gaussian"} noise of ${
      (100 * level).toFixed(1)
    } % was added. Each filter is at the setting that its calibration chose without looking at the clean image.`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Isocenter filter gallery</title>
        <style>${new Html(style)}</style>
      </head>
      <body>
        <header>
          <h1>Filter gallery</h1>
          <p>${added} The right-hand picture is what was taken away, enlarged four times.</p>
        </header>
        <main>${cases.map(section)}</main>
      </body>
    </html>
  `.text.trim() + "\n";
}

function section({ record, noisy, results }: GalleryCase): Html {
  const file = (name: string) => `cases/${record.id.split("/").map(encodeURIComponent).join("/")}/gallery-${name}.png`;
  const picture = (name: string, alt: string) => html`<img src="${file(name)}" alt="${alt}">`;
  return html`
    <section>
      <h2>${record.id}</h2>
      <div class="figures">
        ${noisy
          ? html`<figure>${picture("clean", "The slice")}${picture("noisy", "The slice with noise")}
              <figcaption><b>slice</b> and with noise${score(noisy)}</figcaption></figure>`
          : html`<figure>${picture("noisy", "The slice")}<figcaption><b>slice</b></figcaption></figure>`}
        ${results.map((result) =>
          html`<figure>${picture(result.filter, result.filter)}${
            picture(`${result.filter}-difference`, `What ${result.filter} took away`)
          }
          <figcaption><b>${result.filter}</b> ${caption(result)}</figcaption></figure>`
        )}
      </div>
    </section>
  `;
}

function caption({ chosen, quality, seconds }: GalleryResult): string {
  const setting = Object.entries(chosen).map(([name, value]) => `${name} ${value}`).join(", ");
  return `${setting}${score(quality)} · ${(1000 * seconds).toFixed(0)} ms`;
}

function score(quality: Quality | undefined): string {
  return quality ? ` · PSNR ${quality.psnr.toFixed(2)} dB · SSIM ${quality.ssim.toFixed(3)}` : "";
}
