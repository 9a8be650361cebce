/** The roofline as a picture: operations per second over operations per byte, both logarithmic. */

import type { BenchResult } from "./bench.ts";
import { escape } from "./report.ts";
import type { Roofline } from "./roofline.ts";

const width = 960;
const height = 460;
const margin = { left: 60, right: 20, top: 20, bottom: 50 };

interface Axis {
  readonly min: number;
  readonly max: number;
  at(value: number): number;
}

/** A figure of the rows that compute something: a dot for us, a ring for each peer; titles tell names and figures. */
export function rooflineFigure(rows: readonly BenchResult[], roofline: Roofline): string {
  const dots = rows.filter(({ flops, bytes }) => flops > 0 && bytes > 0);
  if (dots.length === 0) return "<p>No row declares both operations and bytes, so there is nothing to draw.</p>";
  const intensities = dots.map(({ flops, bytes }) => flops / bytes);
  const ridge = roofline.gigaflopsPerSecond / roofline.gigabytesPerSecond;
  const rates = dots.flatMap((row) => [row.ours, ...row.peers.flatMap(({ times }) => times ?? [])].map(rateOf(row)));
  const x = axis([...intensities, ridge], margin.left, width - margin.right);
  const y = axis([...rates, roofline.gigaflopsPerSecond], height - margin.bottom, margin.top);
  const marks = dots.map((row) => marksOf(row, x, y)).join("\n");
  const start = Math.max(y.min, x.min * roofline.gigabytesPerSecond);
  const roof = [
    [x.at(start / roofline.gigabytesPerSecond), y.at(start)],
    [x.at(ridge), y.at(roofline.gigaflopsPerSecond)],
    [x.at(x.max), y.at(roofline.gigaflopsPerSecond)],
  ];
  return `<figure>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Roofline: ${dots.length} rows with their peers">
${decades(x).map((value) => vertical(value, x.at(value))).join("\n")}
${decades(y).map((value) => horizontal(value, y.at(value))).join("\n")}
<polyline class="roof" points="${roof.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ")}"/>
${marks}
<text x="${width / 2}" y="${height - 10}" text-anchor="middle">operations per byte</text>
<text x="15" y="${height / 2}" text-anchor="middle" transform="rotate(-90 15 ${height / 2})">GFLOP/s</text>
</svg>
<figcaption>The line is what pages of this engine reach at most. Dots are our rows, rings their peers at the same work;
both count the operations that our form executes.</figcaption>
</figure>`;
}

/** 10^9 executed operations per second. */
const rateOf = ({ flops }: BenchResult) => ({ median }: { readonly median: number }) => flops / median / 1e6;

function marksOf(row: BenchResult, x: Axis, y: Axis): string {
  const at = x.at(row.flops / row.bytes).toFixed(1);
  const own = rateOf(row)(row.ours);
  const peers = row.peers.flatMap(({ name, times, ratio }) => {
    if (times === undefined || ratio === undefined) return [];
    const rate = rateOf(row)(times);
    const tie = `<line class="tie" x1="${at}" x2="${at}" y1="${y.at(own).toFixed(1)}" y2="${y.at(rate).toFixed(1)}"/>`;
    const title = `${row.name}, ${name}: ${rate.toFixed(1)} GFLOP/s, ratio ${ratio.toFixed(2)}`;
    return [
      `${tie}<circle class="peer" cx="${at}" cy="${y.at(rate).toFixed(1)}" r="5"><title>${
        escape(title)
      }</title></circle>`,
    ];
  });
  const title = `${row.name}: ${own.toFixed(1)} GFLOP/s`;
  const label = `<text x="${at}" dx="8" dy="4" y="${y.at(own).toFixed(1)}">${
    escape(row.name.replace(/^\w+\//, ""))
  }</text>`;
  return `${peers.join("")}<circle class="ours" cx="${at}" cy="${y.at(own).toFixed(1)}" r="5"><title>${
    escape(title)
  }</title></circle>${label}`;
}

/** A logarithmic axis over whole decades that hold all values, from pixel `from` to pixel `to`. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const min = 10 ** Math.floor(Math.log10(Math.min(...values)));
  const max = 10 ** Math.ceil(Math.log10(Math.max(...values) * 1.01));
  const at = (value: number) => from + (to - from) * Math.log10(value / min) / Math.log10(max / min);
  return { min, max, at };
}

function decades({ min, max }: Axis): number[] {
  const count = Math.round(Math.log10(max / min));
  return Array.from({ length: count + 1 }, (_, power) => min * 10 ** power);
}

function vertical(value: number, at: number): string {
  return `<line class="grid" x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${margin.top}" y2="${
    height - margin.bottom
  }"/><text x="${at.toFixed(1)}" y="${height - margin.bottom + 16}" text-anchor="middle">${tick(value)}</text>`;
}

function horizontal(value: number, at: number): string {
  return `<line class="grid" x1="${margin.left}" x2="${width - margin.right}" y1="${at.toFixed(1)}" y2="${
    at.toFixed(1)
  }"/><text x="${margin.left - 6}" y="${at.toFixed(1)}" dy="4" text-anchor="end">${tick(value)}</text>`;
}

const tick = (value: number) => String(Number(value.toPrecision(1)));
