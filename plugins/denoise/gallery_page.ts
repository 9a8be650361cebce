/** The page of the filter gallery. */
import { z } from "zod";
import type { CaseRecord, Measures } from "../../engine/pipeline/mod.ts";
import { Html, html } from "../formats/html/html.ts";
import style from "./gallery.css" with { type: "text" };
import type { GalleryOptions } from "./gallery.ts";

/** What a filter has come to. */
export interface GalleryResult {
  readonly filter: string;
  /** The setting that was chosen. */
  readonly chosen: Readonly<Record<string, number>>;
  /** Of one run, with its readback. */
  readonly seconds: number;
  /** Against the slice without noise, where noise was added. */
  readonly quality?: { readonly psnr: number; readonly ssim: number };
}

/** A case of the gallery. */
export interface GalleryCase {
  readonly record: CaseRecord;
  readonly results: readonly GalleryResult[];
}

const results = z.array(z.object({
  filter: z.string(),
  chosen: z.record(z.string(), z.number()),
  seconds: z.number(),
  quality: z.object({ psnr: z.number(), ssim: z.number() }).optional(),
}));

/** The results in the measures of a case; none where it has none. */
export function resultsOf(measures: Measures): readonly GalleryResult[] | undefined {
  return z.object({ gallery: z.object({ results }) }).safeParse(measures).data?.gallery.results;
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
        ${cases.map((entry) => section(entry, noise !== "none"))}
      </body>
    </html>
  `.text.trim() + "\n";
}

function section({ record, results }: GalleryCase, isTrial: boolean): Html {
  const file = (name: string) => `cases/${record.id.split("/").map(encodeURIComponent).join("/")}/gallery-${name}.png`;
  const picture = (name: string, alt: string) => html`<img src="${file(name)}" alt="${alt}">`;
  return html`
    <section>
      <h2>${record.id}</h2>
      <div class="figures">
        ${isTrial
          ? html`<figure>${picture("clean", "The slice")}${picture("noisy", "The slice with noise")}
              <figcaption><b>slice</b> and with noise</figcaption></figure>`
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
  const score = quality ? ` · PSNR ${quality.psnr.toFixed(2)} dB · SSIM ${quality.ssim.toFixed(3)}` : "";
  return `${setting}${score} · ${(1000 * seconds).toFixed(0)} ms`;
}
