import { type CaseRecord, counted } from "../../engine/pipeline/mod.ts";
import { caseArticle, caseRow, failedRow } from "./cases.ts";
import type { CaseMeasures } from "../formats/measures/measures.ts";
import type { Run } from "./content.ts";
import { Html, html } from "../formats/html/html.ts";
import { scrollArea } from "./scroll_area.ts";
import { measure, moment, percent } from "./numbers.ts";
import { provenance } from "./provenance.ts";
import { quality } from "./quality.ts";
import type { PictureName } from "./report.ts";
import style from "./style.css" with { type: "text" };

/** A case with its measures. */
export interface MeasuredCase {
  readonly record: CaseRecord;
  readonly measures: CaseMeasures;
}

/** A case with its pictures, JPEG files in base64. */
export interface ShownCase extends MeasuredCase {
  readonly pictures: readonly { readonly name: PictureName; readonly data: string }[];
}

/** What the page is made of. */
export interface Content {
  readonly run: Run;
  readonly cases: readonly CaseRecord[];
  /** Cases with pictures, then those without, in the order of the page. */
  readonly shown: readonly ShownCase[];
  readonly others: readonly MeasuredCase[];
  readonly failed: readonly CaseRecord[];
}

/** The page as a text. It needs no other file, no network and no scripts. */
export function pageOf(content: Content): string {
  const { run, cases, shown, others, failed } = content;
  const title = `${counted(cases.length, "case")}, ${moment(run.startedAt)}`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Isocenter report: ${title}</title>
        <style>${new Html(style)}</style>
      </head>
      <body>
        <header class="top">
    <p class="brand">Isocenter</p>
    <h1>Report</h1>
    <p class="lead">${counted(cases.length, "case")} · <time datetime="${run.startedAt}">${moment(
      run.startedAt,
    )}</time></p>
    ${notices(run)}
        </header>
        <main>
    ${tiles(content)}
    ${quality(run.summary)}
    ${failed.length > 0 ? failures(failed) : undefined}
    ${shown.length > 0 ? caseSection(content) : undefined}
    ${others.length > 0 ? otherCases(others) : undefined}
    ${provenance(run, cases)}
        </main>
        <footer>
          <p>Made by Isocenter ${run.isocenter}. Not a medical device: not for diagnosis or treatment.</p>
        </footer>
      </body>
    </html>
  `.text;
}

function notices(run: Run): Html {
  const phantom =
    html`<p><strong>The images are a phantom.</strong> They were drawn by a procedure for this demonstration:
no person was scanned, and the figures say nothing about patients.</p>`;
  return html`<div class="notice" role="note">
${run.study === undefined ? undefined : phantom}
<p><strong>Not a medical device.</strong> For research and demonstration only; what is shown here must not be used for
diagnosis or treatment.</p>
</div>`;
}

function tiles({ run, cases, failed }: Content): Html {
  const { segmentation, classification } = run.summary;
  const items: [string, string, string][] = [
    ["Cases done", `${cases.length - failed.length}`, failed.length > 0 ? `${failed.length} failed` : "none failed"],
  ];
  if (segmentation) {
    const { dice, iou, cases } = segmentation;
    items.push(["Mean Dice", measure(dice.mean), `median ${measure(dice.median)}, IoU ${measure(iou)}`]);
    items.push(["Regions hit", `${cases.tp} of ${cases.tp + cases.fn}`, `${counted(cases.fp, "false positive")}`]);
  }
  if (classification) {
    const { accuracy, n } = classification;
    items.push([
      "Classes right",
      accuracy === null || accuracy === undefined ? "–" : percent(accuracy),
      `of ${counted(n, "case")}`,
    ]);
  }
  return html`
    <section aria-label="Overview">
      <dl class="tiles">
    ${items.map(([name, value, note]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value}<small>${note}</small></dd>
        </div>
      `
    )}
      </dl>
    </section>
  `;
}

function caseSection({ shown, run }: Content): Html {
  const order = run.summary.segmentation || run.summary.classification
    ? "The worst first."
    : "In the order of the inputs.";
  const legend = shown.some(({ measures }) => measures.segmentation)
    ? html` In overlays <span class="key found">red</span> is what was found and <span class="key truth">cyan</span> the outline
of the truth.`
    : html`
      In overlays <span class="key found">red</span> is what was found.
    `;
  return html`<section aria-labelledby="cases"><h2 id="cases">Cases</h2>
<p class="hint">${order}${legend}</p>
${shown.map(caseArticle)}
</section>`;
}

function otherCases(others: readonly MeasuredCase[]): Html {
  return html`
    <section aria-labelledby="others">
      <h2 id="others">Further cases</h2>
      ${scrollArea("Further cases")}
        <table>
          <caption>${counted(others.length, "case")} without pictures, in the same order.</caption>
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Class found</th>
              <th scope="col">True class</th>
              <th scope="col" class="number">Pixels</th>
              <th scope="col" class="number">Dice</th>
            </tr>
          </thead>
          <tbody>
    ${others.map(caseRow)}
          </tbody>
        </table>
      </div>
    </section>
  `;
}

function failures(failed: readonly CaseRecord[]): Html {
  return html`
    <section aria-labelledby="failed">
      <h2 id="failed">Failed</h2>
      ${scrollArea("Failed cases")}
        <table>
          <caption>${counted(failed.length, "case")} could not be processed.</caption>
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Reason</th>
            </tr>
          </thead>
          <tbody>
    ${failed.map(failedRow)}
          </tbody>
        </table>
      </div>
    </section>
  `;
}
