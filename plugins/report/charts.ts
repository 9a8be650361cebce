/** Curves and bars as small pictures in the page. */
import { counted } from "../../engine/pipeline/mod.ts";
import { type Html, html } from "../formats/html/html.ts";

type Point = readonly [x: number, y: number];

const size = 200;
const left = 34;
const bottom = 30;
const top = 8;

/** What a picture shows besides its curve. */
export interface ChartText {
  readonly title: string;
  readonly x: string;
  readonly y: string;
}

/** A line through points from 0 to 1 along both axes; `diagonal` is what chance, or perfection, would be. */
export function curveChart(text: ChartText, points: readonly Point[], diagonal = false): Html {
  const line = points.map((point) => place(point)).join(" ");
  return chart(
    text,
    1,
    html`
      ${diagonal
        ? html`
          <line class="guide" x1="${left}" y1="${top + size}" x2="${left + size}" y2="${top}" />
        `
        : undefined}
      <polyline class="curve" points="${line}" />
    `,
  );
}

/** Points, the larger the more cases they stand for, against the diagonal. */
export function pointChart(text: ChartText, points: readonly (readonly [x: number, y: number, count: number])[]): Html {
  const most = Math.max(...points.map(([, , count]) => count));
  return chart(
    text,
    1,
    html`
      <line class="guide" x1="${left}" y1="${top + size}" x2="${left + size}" y2="${top}" />
            ${points.map(([x, y, count]) => {
              const [cx, cy] = place([x, y]).split(",");
              return html`
                <circle class="point" cx="${cx}" cy="${cy}" r="${(3 + 6 * Math.sqrt(count / most)).toFixed(1)}">
                  <title>${counted(count, "case")}</title>
                </circle>
              `;
            })}
    `,
  );
}

/** Bars of counts over equal bins from 0 to 1. */
export function barChart(text: ChartText, counts: readonly number[]): Html {
  const most = Math.max(1, ...counts);
  const width = size / counts.length;
  return chart(
    text,
    most,
    counts.map((count, at) => {
      const height = size * count / most;
      return html`
        <rect class="bin" x="${(left + at * width).toFixed(1)}" y="${(top + size - height).toFixed(
          1,
        )}" width="${(width - 1).toFixed(1)}" height="${height.toFixed(1)}">
          <title>${counted(count, "case")}</title>
        </rect>
      `;
    }),
  );
}

function place([x, y]: Point): string {
  return `${(left + size * x).toFixed(1)},${(top + size * (1 - y)).toFixed(1)}`;
}

function chart({ title, x, y }: ChartText, greatest: number, content: Html | readonly Html[]): Html {
  const [right, base] = [left + size, top + size];
  const middle = greatest === 1 ? "0.5" : "";
  return html`
    <figure class="chart">
      <svg viewBox="0 0 ${right + 10} ${base + bottom}" role="img" aria-label="${title}">
        <rect class="frame" x="${left}" y="${top}" width="${size}" height="${size}"/>
        ${content}
        <text x="${left}" y="${base + 13}" text-anchor="middle">0</text>
        <text x="${left + size / 2}" y="${base + 13}" text-anchor="middle">0.5</text>
        <text x="${right}" y="${base + 13}" text-anchor="middle">1</text>
        <text x="${left - 4}" y="${base}" text-anchor="end">0</text>
        <text x="${left - 4}" y="${top + size / 2 + 4}" text-anchor="end">${middle}</text>
        <text x="${left - 4}" y="${top + 8}" text-anchor="end">${greatest}</text>
        <text x="${left + size / 2}" y="${base + 26}" text-anchor="middle">${x}</text>
        <text transform="translate(10 ${top + size / 2}) rotate(-90)" text-anchor="middle">${y}</text>
      </svg>
      <figcaption>${title}</figcaption>
    </figure>
  `;
}
