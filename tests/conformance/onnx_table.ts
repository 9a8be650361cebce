/**
 * Writes the table of operators in `shaders/nn/README.md` from the results of a run:
 * `deno task conformance FOLDER --json FILE`, then `deno run -A tests/conformance/onnx_table.ts FILE`.
 */
import { newestOpset, operators } from "../../engine/graph/mod.ts";
import type { ConformanceResult } from "./result.ts";

const begin = "<!-- operators: written by tests/conformance/onnx_table.ts -->";
const end = "<!-- end of operators -->";

/** The table's lines: for each operator the versions whose rules are followed, and how its tests end. */
export function tableOf(results: readonly ConformanceResult[]): string[] {
  const groups = new Set(results.map(({ group }) => group));
  const names = [...new Set([...Object.keys(operators), ...groups])].sort();
  const rows = names.map((name) => {
    const own = results.filter(({ group }) => group === name);
    const count = (status: ConformanceResult["status"]) => own.filter((result) => result.status === status).length;
    const opsets = operators[name]?.opsets;
    const versions = opsets === undefined ? "" : `${opsets[0]} to ${opsets[1] ?? newestOpset}`;
    return [
      name,
      versions,
      ...[count("passed"), count("skipped"), count("failed")].map(String),
    ];
  });
  const head = ["operator", "versions", "passed", "skipped", "failed"];
  const total = (status: ConformanceResult["status"]) => results.filter((result) => result.status === status).length;
  const sums = ["all", "", ...(["passed", "skipped", "failed"] as const).map((status) => String(total(status)))];
  const lines = [head, ...rows, sums];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), line(sums)];
}

if (import.meta.main) {
  const results: ConformanceResult[] = JSON.parse(await Deno.readTextFile(Deno.args[0]));
  const readme = new URL("../../shaders/nn/README.md", import.meta.url);
  const text = await Deno.readTextFile(readme);
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${readme.pathname} has no lines "${begin}" and "${end}"`);
  await Deno.writeTextFile(readme, `${before}${begin}\n\n${tableOf(results).join("\n")}\n\n${end}${after}`);
}
