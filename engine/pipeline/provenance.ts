import type { Page } from "../../shaders/contract.ts";
import config from "../../deno.json" with { type: "json" };
import { sha256 } from "./files.ts";
import type { PipelineEngine } from "./pipeline_engine.ts";
import type { HashedFile } from "./record.ts";

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

/** Pages with those that they include, by their paths in this program. */
export async function hashPages(pages: Iterable<Page>): Promise<HashedFile[]> {
  const texts = new Map([...pages].flatMap((page) => [page, ...page.libs]).map(({ file, text }) => [file, text]));
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
