import { InputError } from "../errors.ts";
import type { FileRecord } from "./case_record.ts";
import { type LoadedCase, seconds } from "./case_runner.ts";
import { tensorsOf } from "./case_values.ts";
import type { CaseRef, Input, LoadContext, OpenSource } from "./contract.ts";
import { uniqueIds } from "./case_id.ts";
import { fileRecord, readInput } from "./files.ts";
import type { PipelineEngine } from "./pipeline_engine.ts";

/** A case that was loaded, or why it could not be. */
export type Loading = { readonly loadedCase: LoadedCase } | {
  readonly error: unknown;
  readonly warnings: readonly string[];
  readonly inputs: LoadedCase["inputs"];
};

/**
 * How cases are named: by the paths of their files, or `case-1`, `case-2` and so on, which say nothing about whose they
 * are.
 */
export type CaseNames = "paths" | "numbers";

/** Lists the cases of a source under ids that are fit and unique. Throws an `InputError` where there is none. */
export async function listCases(
  source: OpenSource,
  inputs: readonly Input[],
  names: CaseNames,
): Promise<CaseRef[]> {
  const refs = await Array.fromAsync(source.list());
  if (refs.length === 0) {
    const named = inputs.map(nameOf).join(", ") || "the inputs";
    throw new InputError(`Cannot find an image in ${named}: give files, or folders that hold some`);
  }
  const ids = await uniqueIds(refs.map(({ id }, at) => names === "paths" ? id : `case-${at + 1}`));
  return refs.map((ref, at) => ref.id === ids[at] ? ref : { ...ref, id: ids[at] });
}

/** What messages call an input. */
export function nameOf(input: Input): string {
  return typeof input === "string" ? input : input.name;
}

/** Reads inputs: files by their paths, and those that were handed in by their names. */
export function readerOf(inputs: readonly Input[]): (path: string) => Promise<Uint8Array> {
  const given = new Map(inputs.flatMap((input) => typeof input === "string" ? [] : [[input.name, input.bytes]]));
  return (path) => {
    const bytes = given.get(path);
    return bytes === undefined ? readInput(path) : Promise.resolve(bytes);
  };
}

/** Loads a case, and never rejects. */
export async function loadCase(
  source: OpenSource,
  name: string,
  ref: CaseRef,
  engine: PipelineEngine,
  read: (path: string) => Promise<Uint8Array>,
): Promise<Loading> {
  const start = performance.now();
  const warnings: string[] = [];
  const inputs: FileRecord[] = [];
  const context: LoadContext = {
    engine,
    read: async (path) => {
      const bytes = await read(path);
      inputs.push(await fileRecord(path, bytes));
      return bytes;
    },
    warn: (message) => void warnings.push(message),
  };
  try {
    const loaded = await source.load(ref, context);
    const stages = [{ name, seconds: seconds(start) }];
    return { loadedCase: { ref, loaded, inputs, warnings, stages } };
  } catch (error) {
    return { error, warnings, inputs };
  }
}

/** Gives back what a case that will not be run holds on the device. */
export function disposeLoading(loading: Loading | undefined): void {
  if (loading === undefined || !("loadedCase" in loading)) return;
  const tensors = Object.values(loading.loadedCase.loaded).flatMap(tensorsOf);
  for (const tensor of new Set(tensors)) tensor[Symbol.dispose]();
}
