import { parseArgs } from "@std/cli";
import { parseChoice } from "../../engine/device/mod.ts";
import { DeviceError, UsageError } from "../../engine/errors.ts";
import { type Engine, openEngine } from "../../engine/mod.ts";
import { fileComparison } from "./files.ts";
import type { Conform, ConformanceResult } from "./result.ts";

const usage = "deno task conformance PATH [--json FILE] [--adapter auto|gpu|lavapipe|swiftshader|opengl]";

/**
 * The command `conformance`: compares what the engine computes with expected values on disk. PATH is a folder of ONNX tests
 * (`model.onnx` beside `test_data_set_0`, at any depth; `light_NAME.onnx` beside `light_NAME_output_0.pb`) or a manifest of
 * filter cases (`*.json`). Gives the exit status: 0, or 1 where a case fails. Throws a `UsageError` for a wrong path.
 */
export async function conformance(
  args: readonly string[],
  write: (line: string) => void = console.log,
): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["json", "adapter"],
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
  const ofFiles = await fileComparison(path);
  const conform: Conform = ofFiles
    ? () => ofFiles()
    : await isFolder(path)
    ? (await import("./onnx.ts")).conformOnnx
    : (await import("./filters.ts")).conformFilters;

  const results: ConformanceResult[] = [];
  const engines = new Engines(() => openEngine({ adapter }));
  try {
    for await (const result of conform(() => engines.get(), path)) results.push(result);
  } finally {
    engines.close();
  }
  if (results.length === 0) throw new UsageError(`Cannot find a conformance case in ${path}: ${usage}`);
  if (options.json !== undefined) {
    await Deno.writeTextFile(String(options.json), JSON.stringify(results, null, 2) + "\n");
  }
  for (const line of describeResults(results)) write(line);
  return results.some(({ status }) => status === "failed") ? 1 : 0;
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

/** One engine for all cases, and a fresh one after a case that the device failed at. */
class Engines {
  readonly #open: () => Promise<Engine>;
  #engine: Engine | undefined;

  constructor(open: () => Promise<Engine>) {
    this.#open = open;
  }

  async get(): Promise<Engine> {
    if (this.#engine !== undefined) {
      try {
        this.#engine.run(() => []);
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        this.close();
      }
    }
    return this.#engine ??= await this.#open();
  }

  close(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }
}
