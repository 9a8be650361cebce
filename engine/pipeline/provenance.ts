import config from "../../deno.json" with { type: "json" };
import type { Json, PipelineEngine } from "./contract.ts";
import { sha256 } from "./files.ts";
import type { HashedFile, RunRecord } from "./record.ts";

/** Version of this program. */
export const version: string = config.version;

/** Versions of what runs this program, and the platform. */
export function runtimeVersions(): Record<string, string> {
  return { deno: Deno.version.deno, v8: Deno.version.v8, platform: `${Deno.build.os}-${Deno.build.arch}` };
}

/** What the engine runs on. */
export function adapterOf(engine: PipelineEngine): Record<string, string> {
  const { adapter, name, driver } = engine.info;
  return { kind: adapter, name, ...driver === undefined ? {} : { driver } };
}

/** The pages that the engine compiled, with those that they include, by their paths in this program. */
export async function hashPages(engine: PipelineEngine): Promise<HashedFile[]> {
  const texts = new Map(engine.pages.flatMap((page) => [page, ...page.libs]).map(({ file, text }) => [file, text]));
  const root = new URL("../../", import.meta.url).href;
  return await Promise.all([...texts].map(async ([file, text]) => {
    const path = file.startsWith(root) ? file.slice(root.length) : file;
    return { path, sha256: await sha256(new TextEncoder().encode(text)) };
  }));
}

/** Both lists of files without repetition, sorted by path. */
export function mergeFiles(before: readonly HashedFile[], now: readonly HashedFile[]): HashedFile[] {
  const files = new Map([...before, ...now].map((file) => [file.path, file]));
  return [...files.values()].sort((a, b) => a.path < b.path ? -1 : 1);
}

/** How a run differs from the one that it is to go on with, one line each: pipeline, options, models. */
export function differences(
  before: Pick<RunRecord, "pipeline" | "models">,
  now: Pick<RunRecord, "pipeline" | "models">,
): string[] {
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
