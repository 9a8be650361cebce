/** Conformance cases of a filter manifest: inputs, parameters and outputs of reference programs. */

import { filters } from "../../shaders/mod.ts";
import type { Recorder, Value } from "../../shaders/contract.ts";
import { UsageError } from "../errors.ts";
import type { Engine } from "../mod.ts";
import type { ConformanceResult } from "./conformance_result.ts";
import { readNpy } from "./npy.ts";

/** A case as the manifest writes it. */
interface ManifestCase {
  readonly id: string;
  readonly filter: string;
  readonly input: string;
  readonly output?: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly border: string | null;
  readonly tolerance: { readonly max_abs?: number; readonly info?: boolean; readonly why?: string };
}

/** Runs a filter with the options that a case's parameters mean, or tells why it can't. */
type Mapped = { run: (r: Recorder, image: Value) => Value } | { skipped: string };

const borders = ["reflect", "mirror", "nearest", "constant", "wrap"] as const;

/** From a manifest's parameters to our options, by filter and parameter. */
const mappings: Readonly<Record<string, (entry: ManifestCase) => Mapped>> = {
  mean: (entry) =>
    mapped(entry, ["size"], (border) => (r, image) => filters.mean(r, image, { ...radiusOf(entry), ...border })),
  median: (entry) =>
    mapped(entry, ["size"], (border) => (r, image) => filters.median(r, image, { ...radiusOf(entry), ...border })),
  gaussian: (entry) =>
    mapped(entry, ["sigma", "truncate", "order"], (border) => {
      const { sigma, truncate, order } = entry.params as { sigma: number; truncate?: number; order?: 0 };
      const options = { sigmaPx: sigma, truncate: truncate ?? 4, order: order ?? 0, ...border };
      return (r, image) => filters.gaussian(r, image, options);
    }),
};

function mapped(
  entry: ManifestCase,
  known: readonly string[],
  make: (border: { border: typeof borders[number]; cval: number }) => (r: Recorder, image: Value) => Value,
): Mapped {
  const open = Object.keys(entry.params).filter((name) => !known.includes(name) && name !== "cval");
  if (open.length > 0) return { skipped: `${entry.filter} has no parameter ${open.join(", ")} yet` };
  const border = borders.find((name) => name === (entry.border ?? "reflect"));
  if (border === undefined) return { skipped: `${entry.filter} has no border ${entry.border}` };
  const sizes = [entry.params.size ?? 1].flat() as number[];
  if (sizes.some((size) => size % 2 === 0)) return { skipped: `${entry.filter} has no windows of an even size` };
  return { run: make({ border, cval: Number(entry.params.cval ?? 0) }) };
}

/** A window's size, one or one an axis, as a radius. */
function radiusOf(entry: ManifestCase): { radius: number | number[] } {
  const size = entry.params.size as number | number[];
  return { radius: Array.isArray(size) ? size.map((one) => (one - 1) / 2) : (size - 1) / 2 };
}

/** Runs the cases of a manifest. Throws a `UsageError` where the file is none. */
export async function* conformFilters(
  engine: () => Promise<Engine>,
  path: string,
): AsyncGenerator<ConformanceResult> {
  let cases: ManifestCase[];
  try {
    cases = JSON.parse(await Deno.readTextFile(path)).cases;
  } catch (error) {
    throw new UsageError(`Cannot read ${path} as a manifest: ${(error as Error).message}`);
  }
  if (!Array.isArray(cases)) throw new UsageError(`${path} is no manifest: it has no list "cases"`);
  for (const entry of cases) {
    yield {
      group: entry.filter,
      name: entry.id,
      ...await runCase(engine, entry, folderOf(path)),
    };
  }
}

/** The folder of a file with the separator at its end, or nothing. */
const folderOf = (path: string): string => path.replace(/[^/\\]*$/, "");

/** Greatest absolute difference; infinite where one is NaN. */
function greatestDifference(values: Float32Array, expected: Float32Array): number {
  let greatest = 0;
  values.forEach((value, at) => {
    const difference = Math.abs(value - expected[at]);
    greatest = Math.max(greatest, Number.isNaN(difference) ? Infinity : difference);
  });
  return greatest;
}

async function runCase(
  engine: () => Promise<Engine>,
  entry: ManifestCase,
  folder: string,
): Promise<Pick<ConformanceResult, "status" | "reason" | "error" | "tolerance">> {
  const skipped = (reason: string) => ({ status: "skipped" as const, reason });
  const mapping = mappings[entry.filter];
  if (!mapping) return skipped(`there is no filter ${entry.filter} yet`);
  const result = mapping(entry);
  if ("skipped" in result) return skipped(result.skipped);
  const { max_abs: tolerance, info, why } = entry.tolerance;
  if (entry.output === undefined || (tolerance === undefined && !info)) {
    return skipped(`the kind of tolerance is not compared yet: ${Object.keys(entry.tolerance).join(", ")}`);
  }
  const input = await readNpy(`${folder}${entry.input}`);
  const expected = await readNpy(`${folder}${entry.output}`);
  const core = await engine();
  const shape = input.shape.length < 4 ? [1, ...input.shape] : input.shape;
  using image = core.tensor(input.data as Float32Array, shape);
  using filtered = core.run((r) => result.run(r, image));
  const values = await filtered.read() as Float32Array;
  if (values.length !== expected.data.length) {
    return { status: "failed", reason: `${values.length} elements instead of ${expected.data.length}` };
  }
  const error = greatestDifference(values, expected.data as Float32Array);
  if (info) return { ...skipped(`for information: ${why}`), error };
  if (error <= tolerance!) return { status: "passed", error, tolerance };
  return { status: "failed", reason: `error ${error.toExponential(2)} above ${tolerance}`, error, tolerance };
}
