/** A run of the bench as one self-contained page: the roofline with each kernel beside its peers, losses first. */

import type { BenchResult, Contender } from "./bench.ts";
import type { Roofline } from "./roofline.ts";
import { rooflineFigure } from "./roofline_figure.ts";

/** What `bench --json` prints. */
export interface BenchRun {
  readonly adapter: string;
  readonly name: string;
  readonly rounds: number;
  readonly roofline: Roofline;
  readonly rows: readonly BenchResult[];
}

/** The page. It loads nothing from elsewhere. */
export function reportPage(run: BenchRun): string {
  const { roofline } = run;
  const rows = [...run.rows].sort((a, b) => worstRatio(a) - worstRatio(b));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bench on ${escape(run.name)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Bench on ${escape(run.name)}</h1>
<p>Adapter ${escape(run.adapter)}. At most ${roofline.gigabytesPerSecond.toFixed(1)} GB/s and ${
    roofline.gigaflopsPerSecond.toFixed(0)
  } GFLOP/s were measured. Medians of ${run.rounds} samples with 95 % intervals by bootstrap. A ratio is the other's
median over ours: above 1 in our favor. Rows with the greatest loss come first.</p>
${rooflineFigure(rows, roofline)}
<div class="wide" tabindex="0" role="region" aria-label="Rows">
<table>
<caption>Rows</caption>
<thead><tr><th scope="col">Row</th><th scope="col">Ours, ms</th><th scope="col">Bandwidth</th><th scope="col">Arithmetic</th>
<th scope="col">Cold, ms</th><th scope="col">Host, ms</th><th scope="col">Beside it, ms</th><th scope="col">Ratio</th></tr></thead>
<tbody>
${rows.map(tableRows).join("\n")}
</tbody>
</table>
</div>
<h2>Ceilings</h2>
<table>
<caption>What pages of this engine reach at most</caption>
<thead><tr><th scope="col">Page</th><th scope="col">Rate</th></tr></thead>
<tbody>
${roofline.bandwidth.map(({ name, rate }) => ceilingRow(name, `${rate.toFixed(2)} GB/s`)).join("\n")}
${roofline.arithmetic.map(({ name, rate }) => ceilingRow(name, `${rate.toFixed(1)} GFLOP/s`)).join("\n")}
</tbody>
</table>
</main>
</body>
</html>
`;
}

/** The least ratio to a peer; rows without peers come last. */
function worstRatio({ peers }: BenchResult): number {
  return Math.min(Infinity, ...peers.flatMap(({ ratio }) => ratio ?? []));
}

function tableRows(row: BenchResult): string {
  const others = [...row.peers, ...row.variants];
  const span = Math.max(1, others.length);
  const cell = (text: string) => `<td rowspan="${span}">${text}</td>`;
  const { median, interval, outliers } = row.ours;
  const own = [
    `<th scope="row" rowspan="${span}">${escape(row.name)}<small>${escape(row.work)}</small></th>`,
    cell(
      `${median.toFixed(2)}<small>${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}, ${outliers} outliers</small>`,
    ),
    cell(share(row.shareOfBandwidth)),
    cell(share(row.shareOfArithmetic)),
    cell(row.coldMs.toFixed(0)),
    cell(row.hostMs?.toFixed(2) ?? ""),
  ].join("");
  const cells = others.length === 0 ? ["<td>none</td><td></td>"] : others.map(contenderCells);
  return cells.map((text, index) => `<tr>${index === 0 ? own : ""}${text}</tr>`).join("\n");
}

function contenderCells({ name, times, ratio, interval, missing }: Contender): string {
  if (times === undefined || ratio === undefined || interval === undefined) {
    return `<td>${escape(name)}<small>missing: ${escape(missing ?? "")}</small></td><td></td>`;
  }
  const range = `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`;
  return `<td>${escape(name)}<small>${times.median.toFixed(2)}</small></td><td class="${ratio < 1 ? "loss" : "gain"}">${
    ratio.toFixed(2)
  }<small>${range}</small></td>`;
}

function ceilingRow(name: string, rate: string): string {
  return `<tr><th scope="row">${escape(name)}</th><td>${rate}</td></tr>`;
}

function share(value: number | undefined): string {
  return value === undefined ? "" : `${(value * 100).toFixed(0)} %`;
}

/** Text for a page. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1b1b1b, #e8e8e8); --faint: light-dark(#595959, #a8a8a8);
  --line: light-dark(#c9c9c9, #4a4a4a); --ours: light-dark(#0a5cad, #7cc0ff); --peer: light-dark(#a34700, #ffb37a); }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: light-dark(#ffffff, #161616); margin: 2rem; }
main { max-width: 70rem; margin: auto; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; border-top: 1px solid var(--line); font-weight: 400; }
td { font-variant-numeric: tabular-nums; }
small { display: block; color: var(--faint); }
.loss { color: var(--peer); font-weight: 600; }
.gain { color: var(--ours); font-weight: 600; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline: 2px solid var(--ours); }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; fill: var(--ink); }
svg .grid { stroke: var(--line); stroke-width: 1; }
svg .roof { stroke: var(--ink); stroke-width: 2; fill: none; }
svg .ours { fill: var(--ours); }
svg .peer { fill: none; stroke: var(--peer); stroke-width: 2; }
svg .tie { stroke: var(--faint); stroke-width: 1; }
figure { margin: 1rem 0; }
`;
