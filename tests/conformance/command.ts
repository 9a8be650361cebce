import { parseArgs } from "@std/cli";
import { parseChoice } from "../../engine/device/mod.ts";
import { UsageError } from "../../engine/errors.ts";
import { type EngineOptions, openEngine } from "../../engine/mod.ts";
import { Engines } from "./engines.ts";
import { fileComparison } from "./files.ts";
import { conformForms, formsAsked, type RecordedCase } from "./forms.ts";
import type { ConformanceResult, FindCases } from "./result.ts";

const usage =
  "deno task conformance PATH [--form all|OPERATION=FORM]... [--json FILE] [--adapter auto|gpu|lavapipe|swiftshader|opengl]";

/**
 * The command `conformance`: compares what the engine computes with expected values on disk. PATH is a folder of ONNX tests
 * (`model.onnx` beside `test_data_set_0`, at any depth; `light_NAME.onnx` beside `light_NAME_output_0.pb`) or a manifest of
 * filter cases (`*.json`). With `--form` the cases that pass are run again in each form that is asked for, of which the
 * table has a row: `skipped` are those that the form cannot compute. Gives the exit status: 0, or 1 where a case fails.
 * Throws a `UsageError` for a wrong path or form.
 */
export async function conformance(
  args: readonly string[],
  write: (line: string) => void = console.log,
): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["json", "adapter", "form"],
    collect: ["form"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (unknown.length > 0) throw new UsageError(`conformance has no argument ${unknown.join(" ")}: ${usage}`);
  const path = String(options._[0] ?? "");
  if (options._.length !== 1) throw new UsageError(`conformance takes one path: ${usage}`);
  const adapter = options.adapter === undefined ? undefined : parseChoice(String(options.adapter), "--adapter");
  const asked = formsAsked(options.form as string[]);
  const ofFiles = await fileComparison(path);
  if (ofFiles && asked.length > 0) throw new UsageError(`${path} has files to read, in which --form changes nothing`);
  const results: ConformanceResult[] = [];
  const lines: string[] = [];
  if (ofFiles) {
    for await (const result of ofFiles()) results.push(result);
    lines.push(...describeResults(results));
  } else {
    using engines = new Engines(() => openEngine({ adapter }));
    const recorded: RecordedCase[] = [];
    for await (const test of (await findCasesOf(path))(path)) {
      const { result, forms } = await engines.formsOf(() => test.run(() => engines.get()));
      results.push({ group: test.group, name: test.name, ...result });
      const served = new Set(forms.map((form) => form.split(" ")[0]));
      if (result.status === "passed") recorded.push({ test, outcome: result, forms: served });
    }
    lines.push(...describeResults(results));
    if (asked.length > 0) {
      const { facts } = await engines.get();
      const open = (options: EngineOptions) => openEngine({ adapter, ...options });
      const inForms = await conformForms(asked, recorded, facts, open, (form) => console.error(`done: ${form}`));
      lines.push(...inForms.left, ...describeResults(inForms.results));
      results.push(...inForms.results);
    }
  }
  if (results.length === 0) throw new UsageError(`Cannot find a conformance case in ${path}: ${usage}`);
  if (options.json !== undefined) {
    await Deno.writeTextFile(String(options.json), JSON.stringify(results, null, 2) + "\n");
  }
  for (const line of lines) write(line);
  return results.some(({ status }) => status === "failed") ? 1 : 0;
}

/** What finds the cases of a path. */
async function findCasesOf(path: string): Promise<FindCases> {
  return await isFolder(path)
    ? (await import("./onnx.ts")).findOnnxCases
    : (await import("./filters.ts")).findFilterCases;
}

/** The lines that `conformance` prints: one row per group, each failure, the reasons for skipping, and the sums at the end. */
export function describeResults(results: readonly ConformanceResult[]): string[] {
  const groups = [...new Set(results.map(({ group }) => group))].sort();
  const width = Math.max(...groups.map((group) => group.length), 8);
  const row = (name: string, cells: readonly (string | number)[]) =>
    [name.padEnd(width), ...cells.map((cell) => String(cell).padStart(8))].join(" ");
  const rows = groups.map((group) => row(group, countsOf(results.filter((result) => result.group === group))));
  const failures = results.filter(({ status }) => status === "failed").map(({ group, name, reason }) => {
    return `failed: ${group}: ${name}: ${reason}`;
  });
  const [passed, failed, skipped] = countsOf(results);
  return [
    row("", ["passed", "failed", "skipped"]),
    ...rows,
    ...skippedReasons(results),
    ...failures,
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ];
}

function countsOf(results: readonly ConformanceResult[]): [passed: number, failed: number, skipped: number] {
  const count = (status: ConformanceResult["status"]) => results.filter((result) => result.status === status).length;
  return [count("passed"), count("failed"), count("skipped")];
}

function skippedReasons(results: readonly ConformanceResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { status, reason = "no reason given" } of results) {
    if (status === "skipped") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `skipped: ${count} x ${reason}`);
}

/** A folder is a tree of ONNX tests, a file a manifest. */
async function isFolder(path: string): Promise<boolean> {
  try {
    const { isDirectory } = await Deno.stat(path);
    if (isDirectory || path.endsWith(".json")) return isDirectory;
  } catch (error) {
    throw new UsageError(
      `Cannot open ${path} (${(error as Error).message}): give a folder of ONNX tests or a manifest`,
    );
  }
  throw new UsageError(`Cannot use ${path} as it is neither a folder of ONNX tests nor a manifest (*.json): ${usage}`);
}
