import { type CaseRecord, counted, planes } from "../../engine/pipeline/mod.ts";
import type { CaseMeasures } from "../formats/measures/measures.ts";
import { type Html, html } from "../formats/html/html.ts";
import { labelColor } from "../formats/picture/picture.ts";
import { measure, percent, quantity } from "./numbers.ts";
import type { MeasuredCase, ShownCase } from "./page.ts";

type Picture = ShownCase["pictures"][number];

/** A case with pictures, classes and measures. */
export function caseArticle({ record, measures, pictures }: ShownCase, index: number): Html {
  const heading = `case-${index + 1}`;
  return html`
    <article aria-labelledby="${heading}">
    <header><h3 id="${heading}">${record.id}</h3>${badges(measures)}</header>
    <div class="strip">
    ${pictures.map((picture) => figure(picture, record.id, measures))}
    ${measures.class ? bars(measures) : undefined}
    </div>
    ${facts(measures)}
    ${measures.labels ? labelTable(measures.labels) : undefined}
    ${record.warnings.length > 0
      ? html`<ul class="warnings">${record.warnings.map((text) => html`<li>${text}</li>`)}</ul>`
      : undefined}
    </article>
  `;
}

/** A case as a row: id, class found, true class, pixels, Dice. */
export function caseRow({ record, measures }: MeasuredCase): Html {
  const { region, segmentation, classification } = measures;
  return html`
    <tr>
      <th scope="row">${record.id}</th>
      <td>${measures.class?.label ?? "–"}</td>
      <td>${classification?.truth ?? "–"}</td>
      <td class="number">${region ? quantity(region.pixels) : "–"}</td>
      <td class="number">${measure(segmentation?.dice)}</td>
    </tr>
  `;
}

/** A case that failed: id and reason. */
export function failedRow({ id, error }: CaseRecord): Html {
  return html`
    <tr>
      <th scope="row">${id}</th>
      <td>${error?.message ?? "unknown"}</td>
    </tr>
  `;
}

function badges({ segmentation, classification, familiarity }: CaseMeasures): Html {
  const overlap = segmentation?.dice;
  const isFalse = segmentation && (overlap === null || overlap === undefined) && segmentation.fp > 0;
  return html`<p class="badges">
${overlap === null || overlap === undefined ? undefined : html`<span class="badge">Dice ${measure(overlap)}</span>`}
${isFalse ? html`<span class="badge bad">false positive</span>` : undefined}
${
    classification
      ? html`<span class="badge ${classification.correct ? "good" : "bad"}">class ${
        classification.correct ? "right" : "wrong"
      }</span>`
      : undefined
  }
${familiarity?.unfamiliar ? html`<span class="badge bad">unfamiliar image</span>` : undefined}
</p>`;
}

const captions: Readonly<Record<Picture["name"], string>> = {
  input: "Input",
  denoised: "Denoised",
  overlay: "Region found",
  axial: "Axial",
  coronal: "Coronal",
  sagittal: "Sagittal",
  crop: "Crop",
  attention: "Where the classifier looked",
};

function figure({ name, data }: Picture, id: string, { region, views }: CaseMeasures): Html {
  const view = views?.[name];
  const caption = view === undefined ? captions[name] : `${captions[name]}, slice ${view.slice} of ${view.of}`;
  const found = region === undefined
    ? ""
    : region.pixels > 0
    ? `, ${counted(region.pixels, "pixel")}`
    : ", nothing found";
  const alt = `${caption} of ${id}${["overlay", ...planes].includes(name) ? found : ""}`;
  return html`<figure><img src="data:image/jpeg;base64,${data}" alt="${alt}" loading="lazy" decoding="async"><figcaption>${caption}</figcaption></figure>`;
}

function bars({ class: found, classification }: CaseMeasures): Html {
  const rows = Object.entries(found?.probabilities ?? {}).sort(([, a], [, b]) => b - a);
  return html`
    <table class="bars">
      <caption>Class</caption>
      <thead class="quiet">
        <tr>
          <th scope="col">Class</th>
          <th scope="col">Probability</th>
        </tr>
      </thead>
      <tbody>
    ${rows.map(([label, share]) =>
      html`
        <tr class="${label === found?.label ? "chosen" : "other"}">
          <th scope="row">${label}${label === classification?.truth
            ? html`<abbr class="true" title="true class"> ✓</abbr>`
            : undefined}</th>
          <td><span class="bar" style="--share: ${(100 * Math.min(1, Math.max(0, share))).toFixed(
            1,
          )}%"></span><span class="share">${percent(share)}</span></td>
        </tr>
      `
    )}
      </tbody>
    </table>
  `;
}

/** Extent of each label, and the image's values there. */
function labelTable(labels: NonNullable<CaseMeasures["labels"]>): Html {
  return html`
    <table class="labels">
      <caption>What was found</caption>
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col" class="number">Size</th>
          <th scope="col" class="number">Mean value</th>
          <th scope="col" class="number">Deviation</th>
          <th scope="col" class="number">Least</th>
          <th scope="col" class="number">Greatest</th>
        </tr>
      </thead>
      <tbody>
    ${Object.entries(labels).map(([name, one], at) =>
      html`
        <tr>
          <th scope="row"><span class="swatch" style="background: ${one.color ??
            labelColor(at + 1)}"></span>${name}</th>
          <td class="number">${sizeOf(one)}</td>
          ${[one.mean, one.deviation, one.least, one.greatest].map((value) =>
            html`
              <td class="number">${value === null || value === undefined ? "–" : quantity(value)}</td>
            `
          )}
        </tr>
      `
    )}
      </tbody>
    </table>
  `;
}

function facts({ region, segmentation, class: found, classification, familiarity, presence }: CaseMeasures): Html {
  const items: [string, string][] = [];
  if (found) items.push(["Class", found.label]);
  if (classification) items.push(["True class", classification.truth]);
  if (region) items.push(["Region", sizeOf(region)]);
  if (presence !== undefined) items.push(["A tumor at all", percent(presence)]);
  if (familiarity) {
    items.push(["Unfamiliarity", `${quantity(familiarity.score)} (${quantity(familiarity.threshold)} at most)`]);
  }
  if (segmentation) {
    items.push(["IoU", measure(segmentation.iou)], ["Precision", measure(segmentation.precision)], [
      "Sensitivity",
      measure(segmentation.recall),
    ]);
  }
  return html`<dl class="facts">${
    items.map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>`;
}

function sizeOf({ pixels, areaMm2, volumeMm3 }: NonNullable<CaseMeasures["region"]>): string {
  if (pixels === 0) return "none";
  if (areaMm2 !== undefined) return `${quantity(areaMm2 / 100)} cm²`;
  if (volumeMm3 !== undefined) return `${quantity(volumeMm3 / 1000)} cm³`;
  return counted(pixels, "pixel");
}
