/** Conformance cases of a filter manifest: inputs, parameters and outputs of reference programs. */
import { UsageError } from "../../engine/errors.ts";
import { calibrate, type Engine } from "../../engine/mod.ts";
import { findClean } from "./clean.ts";
import { type ManifestCase, meaningOf, type Work } from "./mappings.ts";
import type { ConformanceCase, Outcome } from "./result.ts";
import { compare } from "./tolerance.ts";
import { type FloatArray, readFloats } from "../npy.ts";

/** The cases of a manifest. Throws a `UsageError` where the file is none. */
export async function* findFilterCases(path: string): AsyncGenerator<ConformanceCase> {
  let cases: ManifestCase[];
  try {
    cases = JSON.parse(await Deno.readTextFile(path)).cases;
  } catch (error) {
    throw new UsageError(`Cannot read ${path} as a manifest: ${(error as Error).message}`);
  }
  if (!Array.isArray(cases)) throw new UsageError(`${path} is no manifest: it has no list "cases"`);
  const folder = folderOf(path);
  for (const entry of cases) {
    yield { group: entry.filter, name: entry.id, run: (engine) => runCase(engine, entry, folder) };
  }
}

/** The folder of a file with the separator at its end, or nothing. */
const folderOf = (path: string): string => path.replace(/[^/\\]*$/, "");

async function runCase(engine: () => Promise<Engine>, entry: ManifestCase, folder: string): Promise<Outcome> {
  const work = meaningOf(entry);
  if ("skipped" in work) return { status: "skipped", reason: work.skipped };
  const array = (name: string) => readFloats(`${folder}${name}`);
  if (entry.losses === undefined && entry.value === undefined && entry.output === undefined) {
    return { status: "skipped", reason: "the case states no result" };
  }
  const expected = entry.losses ?? (entry.value === undefined ? (await array(entry.output!)).data : [entry.value]);
  const clean = entry.clean === undefined ? await cleanOf(entry, work, folder) : (await array(entry.clean)).data;
  try {
    const { found, chosen } = await compute(await engine(), entry, work, array);
    const mayBeBetter = entry.params.unsupervised === true;
    const compared = { found, expected, shape: entry.shape ?? [expected.length], clean, mayBeBetter };
    const outcome = compare(compared, entry.tolerance);
    const [ours, theirs] = [chosen, entry.chosen].map((choice) => JSON.stringify(choice));
    if (outcome.status !== "passed" || entry.tolerance.choice === undefined || ours === theirs) return outcome;
    return { status: "failed", reason: `chosen is ${ours} instead of ${theirs}` };
  } catch (error) {
    return { status: "failed", reason: (error as Error).message.split("\n")[0] };
  }
}

/** The clean image where a case needs it and names none. */
async function cleanOf(entry: ManifestCase, work: Work, folder: string): Promise<Float32Array | undefined> {
  if (entry.tolerance.psnr_db === undefined || !("tables" in work) || work.tables === undefined) return undefined;
  const beside = folderOf(`${folder}${entry.input}`);
  const names = (await Array.fromAsync(Deno.readDir(beside), ({ name }) => name)).filter((name) => /\.npy$/.test(name));
  const images = await Promise.all(names.sort().map((name) => readFloats(beside + name)));
  return findClean(await readFloats(`${folder}${entry.input}`), work.tables[0], images);
}

async function compute(
  core: Engine,
  entry: ManifestCase,
  work: Exclude<Work, { skipped: string }>,
  array: (name: string) => Promise<FloatArray>,
): Promise<{ found: ArrayLike<number>; chosen?: unknown }> {
  if ("values" in work) return { found: work.values() };
  const isColor = entry.params.colorDistance !== undefined || /(^|\/)rgb/.test(entry.input);
  const upload = ({ data, shape }: FloatArray) => core.tensor(data, shape);
  const image = ({ data, shape }: FloatArray) => upload({ data, shape: isColor ? shape : [1, ...shape] });
  using held = new DisposableStack();
  const input = held.use(image(await array(entry.input)));
  if ("calibrate" in work) {
    const { grid, options, stride } = work;
    const { losses, chosen } = await calibrate(core, work.calibrate, input, { grid, options, stride });
    return { found: losses, chosen: work.chosen(chosen) };
  }
  const images = await Promise.all((work.images ?? []).map(async (name) => held.use(image(await array(name)))));
  const tables = (work.tables ?? []).map((table) => held.use(upload(table)));
  const results = core.run((r) => work.record(r, input, [...images, ...tables]));
  results.forEach((tensor) => held.use(tensor));
  const arrays = await core.read(results) as Float32Array[];
  return { found: arrays.flatMap((values) => Array.from(values)) };
}
