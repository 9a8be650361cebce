import type { Classification, Run, Segmentation } from "./content.ts";
import { type Html, html } from "../formats/html/html.ts";
import { measure } from "./numbers.ts";

/** Measures against the truth; nothing where there is none. */
export function quality({ segmentation, classification }: Run["summary"]): Html | undefined {
  if (!segmentation && !classification) return undefined;
  return html`
    <section aria-labelledby="quality">
      <h2 id="quality">Against the truth</h2>
      <div class="columns">
    ${segmentation ? segmentationTables(segmentation) : undefined}
    ${classification ? classificationTables(classification) : undefined}
      </div>
    </section>
  `;
}

function segmentationTables(summary: Segmentation): Html {
  const { dice, iou, accuracy, precision, recall, specificity, cases, byClass } = summary;
  const rows: [string, number | null | undefined][] = [
    ["Mean Dice", dice.mean],
    ["Median Dice", dice.median],
    ["Mean IoU", iou],
    ["Accuracy of pixels", accuracy],
    ["Precision of pixels", precision],
    ["Sensitivity of pixels (recall)", recall],
    ["Specificity of pixels", specificity],
  ];
  const classes = Object.entries(byClass).filter(([, { dice }]) => dice.n > 0);
  return html`
    <div class="scroll">
      <table>
        <caption>Regions</caption>
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" class="number">Value</th>
          </tr>
        </thead>
        <tbody>${rows.map(([name, value]) =>
          html`
            <tr>
              <th scope="row">${name}</th>
              <td class="number">${measure(value)}</td>
            </tr>
          `
        )}</tbody>
      </table>
      <p
        class="hint">${dice.nEmpty > 0
          ? `Dice and IoU leave out ${dice.nEmpty} images without a region; something was found on ${cases.fp} of them. `
          : ""}Cases: ${cases.tp} hit, ${cases.fn} missed, ${cases.fp} false, ${cases.tn} rightly empty.</p>
    </div>
    ${classes.length > 0
      ? html`
        <div class="scroll">
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

function classificationTables({ labels, confusion, perClass, accuracy, n }: Classification): Html {
  return html`
    <div class="scroll">
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
      <p class="hint">Accuracy ${measure(accuracy)} of ${n} cases.</p>
    </div>
    <div class="scroll">
      <table>
        <caption>Each class against the others</caption>
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="number">Cases</th>
            <th scope="col" class="number">Precision</th>
            <th scope="col" class="number">Sensitivity</th>
            <th scope="col" class="number">Specificity</th>
            <th scope="col" class="number">AUC</th>
          </tr>
        </thead>
        <tbody>${Object.entries(perClass).map(([label, { n, precision, recall, specificity, auc }]) =>
          html`<tr><th scope="row">${label}</th><td class="number">${n}</td>${
            [precision, recall, specificity, auc].map((value) => html`<td class="number">${measure(value)}</td>`)
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
