import type { ClassificationSummary, SegmentationSummary, TumorSummary } from "../formats/measures/measures.ts";
import type { Run } from "./content.ts";
import { type Html, html } from "../formats/html/html.ts";
import { scrollArea } from "./scroll_area.ts";
import { barChart, curveChart, pointChart } from "./charts.ts";
import { counted } from "../../engine/pipeline/mod.ts";
import { measure, quantity } from "./numbers.ts";

/** Measures against the truth; nothing where there is none. */
export function quality({ segmentation, classification }: Run["summary"]): Html | undefined {
  if (!segmentation && !classification) return undefined;
  return html`
    <section aria-labelledby="quality">
      <h2 id="quality">Against the truth</h2>
      <div class="columns">
    ${segmentation ? segmentationTables(segmentation) : undefined}
    ${classification ? classificationTables(classification) : undefined}
    ${classification?.tumor ? tumorTable(classification.tumor) : undefined}
      </div>
    ${pictures(segmentation, classification)}
    </section>
  `;
}

function segmentationTables(summary: SegmentationSummary): Html {
  const { dice, iou, accuracy, precision, recall, specificity, mcc, hd95Mm, hd95Px, cases, byClass, intervals } =
    summary;
  const rows: Row[] = [
    ["Mean Dice (F1)", dice.mean, intervals.dice],
    ["Median Dice", dice.median],
    ["Mean IoU", iou, intervals.iou],
    ["Accuracy of pixels", accuracy, intervals.accuracy],
    ["Precision of pixels", precision, intervals.precision],
    ["Sensitivity of pixels (recall)", recall, intervals.recall],
    ["Specificity of pixels", specificity, intervals.specificity],
    ["MCC of pixels", mcc, intervals.mcc],
  ];
  const distances: Row[] = [];
  if (hd95Mm) distances.push(["95 % Hausdorff distance in mm", hd95Mm.mean, intervals.hd95Mm]);
  if (hd95Px) distances.push(["95 % Hausdorff distance in pixels", hd95Px.mean, intervals.hd95Px]);
  const classes = Object.entries(byClass).filter(([, { dice }]) => dice.n > 0);
  return html`
    ${scrollArea("Regions")}
      ${figureTable("Regions", rows, distances)}
      <p
      class="hint">${dice.nEmpty > 0
        ? `Dice and IoU leave out ${
          counted(dice.nEmpty, "image")
        } without a region; something was found on ${cases.fp} of them. `
        : ""}Cases: ${cases.tp} hit, ${cases.fn} missed, ${cases.fp} false, ${cases.tn} rightly empty.</p>
    </div>
    ${classes.length > 0
      ? html`
        ${scrollArea("Regions by true class")}
          <table>
          <caption>Regions by true class</caption>
          <thead>
            <tr>
              <th scope="col">Class</th>
              <th scope="col" class="number">Cases</th>
              <th scope="col" class="number">Mean Dice</th>
              <th scope="col" class="number">Median</th>
              <th scope="col" class="number">IoU</th>
            </tr>
          </thead>
          <tbody>${classes.map(([name, { dice, iou }]) =>
            html`
              <tr>
                <th scope="row">${name}</th>
                <td class="number">${dice.n}</td>
                <td class="number">${measure(dice.mean)}</td>
                <td class="number">${measure(dice.median)}</td>
                <td class="number">${measure(iou)}</td>
              </tr>
            `
          )}</tbody>
        </table>
        </div>
      `
      : undefined}
  `;
}

type Show = (value: number | null | undefined) => string;
type Row = [name: string, value: number | null | undefined, interval?: readonly [number, number]];

/** Figures with their 95 % intervals: measures from 0 to 1, then lengths. */
function figureTable(caption: string, measures: readonly Row[], lengths: readonly Row[] = []): Html {
  const row = (show: Show) => ([name, value, interval]: Row) =>
    html`
      <tr>
        <th scope="row">${name}</th>
        <td class="number">${show(value)}</td>
        <td class="number">${interval ? `${show(interval[0])} – ${show(interval[1])}` : ""}</td>
      </tr>
    `;
  const length: Show = (value) => value === null || value === undefined ? "–" : quantity(value);
  return html`
    <table>
      <caption>${caption}</caption>
      <thead>
        <tr>
          <th scope="col">Measure</th>
          <th scope="col" class="number">Value</th>
          <th scope="col" class="number">95 % interval</th>
        </tr>
      </thead>
      <tbody>${measures.map(row(measure))}${lengths.map(row(length))}</tbody>
    </table>
  `;
}

function between(interval: readonly [number, number] | undefined, show: Show): string {
  return interval ? ` (${show(interval[0])} – ${show(interval[1])})` : "";
}

/** Whether there is a tumor at all. */
function tumorTable({ tp, fp, fn, tn, intervals, ...figures }: TumorSummary): Html {
  const names = [
    ["Accuracy", "accuracy"],
    ["Precision", "precision"],
    ["Sensitivity (recall)", "recall"],
    ["Specificity", "specificity"],
    ["F1", "f1"],
    ["MCC", "mcc"],
    ["AUC", "auc"],
  ] as const;
  return html`
    ${scrollArea("Tumor or not")}
      ${figureTable("Tumor or not", names.map(([name, key]): Row => [name, figures[key], intervals[key]]))}
      <p
      class="hint">Cases: ${tp} true positive, ${tn} true negative, ${fp} false positive, ${fn} false negative.</p>
    </div>
  `;
}

/** Curves and bars; nothing where there are no points to draw. */
function pictures(segmentation?: SegmentationSummary, classification?: ClassificationSummary): Html | undefined {
  const { tumor, calibration } = classification ?? {};
  const charts: Html[] = [];
  if (segmentation?.histogram.some((count) => count > 0)) {
    charts.push(barChart({ title: "Dice of the cases", x: "Dice", y: "cases" }, segmentation.histogram));
  }
  if (tumor && tumor.roc.length > 0) {
    const text = { title: "ROC: tumor or not", x: "1 - specificity", y: "sensitivity" };
    charts.push(curveChart(text, tumor.roc, true));
  }
  if (tumor && tumor.precisionRecall.length > 0) {
    const text = { title: "Precision and recall: tumor or not", x: "recall", y: "precision" };
    charts.push(curveChart(text, tumor.precisionRecall));
  }
  if (calibration && calibration.bins.length > 0) {
    const text = { title: "Calibration of the class named", x: "probability", y: "share that is right" };
    charts.push(pointChart(text, calibration.bins));
  }
  return charts.length === 0 ? undefined : html`<div class="charts">${charts}</div>`;
}

function classificationTables(
  { labels, confusion, perClass, accuracy, n, intervals, calibration }: ClassificationSummary,
): Html {
  return html`
    ${scrollArea("Confusion of classes")}
      <table class="confusion">
      <caption>Confusion of classes</caption>
      <thead>
        <tr>
          <td></td>
          <th scope="colgroup" colspan="${labels.length}">found</th>
        </tr>
        <tr><th scope="col">true</th>${labels.map((label) => html`<th scope="col" class="number">${label}</th>`)}</tr>
      </thead>
      <tbody>${labels.map((label, row) =>
        html`<tr><th scope="row">${label}</th>${
          confusion[row].map((count, column) => cell(count, confusion[row], row === column))
        }</tr>`
      )}</tbody>
    </table>
      <p class="hint">Accuracy ${measure(accuracy)}${between(
        intervals.accuracy,
        measure,
      )} of ${counted(n, "case")}${calibration?.error === undefined || calibration.error === null
        ? ""
        : `, expected calibration error ${measure(calibration.error)}`}.</p>
    </div>
    ${scrollArea("Each class against the others")}
      <table>
      <caption>Each class against the others</caption>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col" class="number">Cases</th>
          <th scope="col" class="number">Precision</th>
          <th scope="col" class="number">Sensitivity</th>
          <th scope="col" class="number">Specificity</th>
          <th scope="col" class="number">F1</th>
          <th scope="col" class="number">MCC</th>
          <th scope="col" class="number">AUC</th>
        </tr>
      </thead>
      <tbody>${Object.entries(perClass).map(([label, { n, precision, recall, specificity, f1, mcc, auc }]) =>
        html`<tr><th scope="row">${label}</th><td class="number">${n}</td>${
          [precision, recall, specificity, f1, mcc, auc].map((value) => html`<td class="number">${measure(value)}</td>`)
        }</tr>`
      )}</tbody>
    </table>
    </div>
  `;
}

/** A count, shaded by its share of the row. */
function cell(count: number, row: readonly number[], isRight: boolean): Html {
  const total = row.reduce((sum, one) => sum + one, 0);
  const share = total === 0 ? 0 : 100 * count / total;
  return html`<td class="number ${isRight ? "right" : "wrong"}" style="--share: ${share.toFixed(0)}%">${count}</td>`;
}
