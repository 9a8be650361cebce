import type { CaseRecord } from "../../engine/pipeline/mod.ts";
import { type Html, html } from "../formats/html/html.ts";

const parts = [
  ["host", "Host at work"],
  ["device", "Device has work of the case"],
  ["waiting", "Host waits for the device"],
] as const;

/** How long host and device had to do with a case, on average; nothing where no case says so. */
export function timeShares(cases: readonly CaseRecord[]): Html | undefined {
  const known = cases.flatMap(({ shares }) => shares ? [shares] : []);
  if (known.length === 0) return undefined;
  const means = parts.map(([part, name]) => ({
    name,
    mean: known.reduce((sum, shares) => sum + shares[part].seconds, 0) / known.length,
  }));
  const greatest = Math.max(...means.map(({ mean }) => mean), 1e-4);
  return html`
    <table class="bars">
      <caption>Seconds a case, on average; cases overlap</caption>
      <thead class="quiet">
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Seconds</th>
        </tr>
      </thead>
      <tbody>
    ${means.map(({ name, mean }) =>
      html`
        <tr class="other">
          <th scope="row">${name}</th>
          <td><span class="bar" style="--share: ${(100 * mean / greatest).toFixed(1)}%"></span><span
            class="share">${mean.toFixed(3)}</span></td>
        </tr>
      `
    )}
      </tbody>
    </table>
  `;
}
