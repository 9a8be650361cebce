import { type CaseRecord, counted } from "../../engine/pipeline/mod.ts";
import type { Run } from "./content.ts";
import { type Html, html } from "../formats/html/html.ts";
import { scrollArea } from "./scroll_area.ts";
import { timeShares } from "./time.ts";

/** What the figures came from: program, device, pipeline, models, shaders. */
export function provenance(run: Run, cases: readonly CaseRecord[]): Html {
  const facts: [string, string][] = [
    ["Program", `Isocenter ${run.isocenter}`],
    ["Runtime", Object.entries(run.runtime).map(([name, version]) => `${name} ${version}`).join(", ")],
    ["Adapter", Object.values(run.adapter).join(", ")],
    ["Started", run.startedAt],
  ];
  return html`<section aria-labelledby="provenance"><h2 id="provenance">Provenance</h2>
<dl class="facts wide">${
    facts.map(([name, value]) =>
      html`
        <div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>
      `
    )
  }</dl>
${scrollArea("Pipeline")}<table>
<caption>Pipeline</caption>
<thead><tr><th scope="col">Stage</th><th scope="col">Options</th></tr></thead>
<tbody>${
    run.pipeline.stages.map(({ stage, options }) =>
      html`
        <tr>
          <th scope="row">${stage}</th>
          <td>${optionText(options)}</td>
        </tr>
      `
    )
  }</tbody></table></div>
${timeShares(cases)}
${run.models.length > 0 ? hashTable("Models", run.models) : undefined}
${
    run.shaders.length > 0
      ? html`<details><summary>${counted(run.shaders.length, "shader")}</summary>${
        hashTable("Shaders", run.shaders)
      }</details>`
      : undefined
  }
<p class="hint">The SHA-256 of each input and all measures are in <code>run.json</code> beside this page.</p>
</section>`;
}

function optionText(options: Readonly<Record<string, unknown>>): Html {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return html`<span class="none">none</span>`;
  return html`${
    entries.map(([name, value]) =>
      html`
        <span class="option"><code>${name}</code> ${typeof value === "string" ? value : JSON.stringify(value)}</span>
      `
    )
  }`;
}

function hashTable(caption: string, files: Run["models"]): Html {
  return html`
    ${scrollArea(caption)}
      <table>
      <caption>${caption}</caption>
      <thead>
        <tr>
          <th scope="col">File</th>
          <th scope="col">SHA-256</th>
        </tr>
      </thead>
      <tbody>${files.map(({ path, sha256 }) =>
        html`
          <tr>
            <th scope="row">${path}</th>
            <td><code class="hash">${sha256}</code></td>
          </tr>
        `
      )}</tbody>
    </table>
    </div>
  `;
}
