/** Whether a run may go on with what an earlier one has left: nothing is believed that can be compared. */
import { UsageError } from "../errors.ts";
import { told } from "./aliases.ts";
import type { CaseRecord, FileRecord } from "./case_record.ts";
import type { CaseRef } from "./contract.ts";
import { sha256 } from "./files.ts";
import type { HashedFile, RunRecord } from "./record.ts";
import type { Json } from "./values.ts";

/** Throws a `UsageError` that names each way in which a run differs from the one that it is to go on with. */
export function refuseDifferences(output: string, differences: readonly string[]): void {
  if (differences.length === 0) return;
  throw new UsageError(
    `Cannot resume the run in ${output} as ${differences.join("; ")}: ` +
      "use what it had, replace it with --overwrite, or choose another --output",
  );
}

/** Whether a case that is done came from the files that its inputs are now, byte for byte. */
export async function isUnchanged(
  { source, inputs }: CaseRecord,
  ref: CaseRef,
  read: (path: string) => Promise<Uint8Array>,
): Promise<boolean> {
  const paths = new Map(ref.sources.map((path) => [told(path, ref), path]));
  if (source !== told(ref.source, ref)) return false;
  if ([...paths.keys()].some((path) => inputs.every((file) => file.path !== path))) return false;
  for (const { path, bytes, sha256: hash } of inputs) {
    try {
      const content = await read(paths.get(path) ?? path);
      if (content.length !== bytes || await sha256(content) !== hash) return false;
    } catch {
      // What can't be read any more is said when the case is loaded again.
      return false;
    }
  }
  return true;
}

/**
 * How a run differs from the one that it is to go on with, one line each: program, pipeline, options, models, truth,
 * adapter. Nothing is said of what isn't known yet: the adapter before a device is open.
 */
export function differences(before: RunRecord, now: RunRecord): string[] {
  const { isocenter, truth, adapter } = before;
  return [
    ...isocenter === now.isocenter ? [] : [`the program was ${isocenter} and is ${now.isocenter}`],
    ...pipelineDifferences(before, now),
    ...truth === now.truth ? [] : [`the truth was ${truth ?? "not given"} and is ${now.truth ?? "not given"}`],
    ...fileDifferences(before.inputs, now.inputs),
    ...before.forced === now.forced
      ? []
      : [`it was ${before.forced ? "" : "not "}forced and now is${now.forced ? "" : " not"}`],
    ...Object.keys(now.adapter).length === 0 ? [] : ["kind", "name"]
      .filter((part) => adapter[part] !== now.adapter[part])
      .map((part) => `the adapter's ${part} was ${adapter[part]} and is ${now.adapter[part]}`),
  ];
}

/** Cases that an earlier run has done and this one hasn't among its inputs, in words. */
export function missingCases(done: Iterable<string>, ids: readonly string[]): string[] {
  const lost = [...done].filter((id) => !ids.includes(id));
  return lost.length === 0
    ? []
    : [`the inputs had ${lost.slice(0, 3).join(", ")}${lost.length > 3 ? " and others" : ""} and no longer have`];
}

function pipelineDifferences(before: RunRecord, now: RunRecord): string[] {
  const names = (run: Pick<RunRecord, "pipeline">) => run.pipeline.stages.map((entry) => entry.stage).join(", ");
  if (names(before) !== names(now)) return [`the stages were ${names(before)} and are ${names(now)}`];
  const options = before.pipeline.stages.flatMap((entry, index) =>
    optionDifferences(entry.stage, entry.options, now.pipeline.stages[index].options)
  );
  return [...options, ...modelDifferences(before.models, now.models)];
}

function optionDifferences(path: string, before: Json | undefined, now: Json | undefined): string[] {
  if (isRecord(before) && isRecord(now)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
    return keys.flatMap((key) => optionDifferences(`${path}.${key}`, before[key], now[key]));
  }
  const [was, is] = [JSON.stringify(before) ?? "not given", JSON.stringify(now) ?? "not given"];
  return was === is ? [] : [`${path} was ${was} and is ${is}`];
}

function fileDifferences(before: readonly FileRecord[], now: readonly FileRecord[]): string[] {
  return now.flatMap(({ path, sha256 }) => {
    const was = before.find((other) => other.path === path);
    return was === undefined || was.sha256 === sha256 ? [] : [`${path} has changed`];
  });
}

function modelDifferences(before: readonly HashedFile[], now: readonly HashedFile[]): string[] {
  return now.flatMap((model) => {
    const hash = before.find((other) => other.path === model.path)?.sha256;
    return hash === model.sha256
      ? []
      : [`model ${model.path} had the SHA-256 ${hash ?? "of none"} and has ${model.sha256}`];
  });
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
