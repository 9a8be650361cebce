import { InputError } from "../errors.ts";
import type { CaseRef, LoadContext, OpenSource, PipelineEngine } from "./contract.ts";
import { type LoadedCase, seconds } from "./case_runner.ts";
import { readInput, sha256 } from "./files.ts";
import { tensorsOf } from "./values.ts";

/** A case that was loaded, or why it could not be. */
export type Loading = { readonly kase: LoadedCase } | {
  readonly error: unknown;
  readonly warnings: readonly string[];
  readonly inputs: LoadedCase["inputs"];
};

/** Lists the cases of a source; a second one of the same id gets a number. Throws an `InputError` where there is none. */
export async function listCases(source: OpenSource, inputs: readonly string[]): Promise<CaseRef[]> {
  const refs: CaseRef[] = [];
  const taken = new Set<string>();
  for await (const ref of source.list()) {
    let id = ref.id;
    for (let number = 2; taken.has(id); number++) id = `${ref.id}-${number}`;
    taken.add(id);
    refs.push(id === ref.id ? ref : { ...ref, id });
  }
  if (refs.length > 0) return refs;
  throw new InputError(
    `Cannot find an image in ${inputs.join(", ") || "the inputs"}: give files, or folders that hold some`,
  );
}

/** Loads a case, and never rejects. */
export async function loadCase(
  source: OpenSource,
  name: string,
  ref: CaseRef,
  engine: PipelineEngine,
): Promise<Loading> {
  const start = performance.now();
  const warnings: string[] = [];
  const inputs: { path: string; sha256: string }[] = [];
  const context: LoadContext = {
    engine,
    read: async (path) => {
      const bytes = await readInput(path);
      inputs.push({ path, sha256: await sha256(bytes) });
      return bytes;
    },
    warn: (message) => void warnings.push(message),
  };
  try {
    const loaded = await source.load(ref, context);
    const stages = [{ name, seconds: seconds(start) }];
    return { kase: { id: ref.id, source: ref.source, loaded, inputs, warnings, stages } };
  } catch (error) {
    return { error, warnings, inputs };
  }
}

/** Gives back what a case that will not be run holds on the device. */
export function disposeLoading(loading: Loading | undefined): void {
  if (loading === undefined || !("kase" in loading)) return;
  const { geometry: _, ...values } = loading.kase.loaded;
  const tensors = Object.values(values).flatMap((value) => value === undefined ? [] : tensorsOf(value));
  for (const tensor of new Set(tensors)) tensor[Symbol.dispose]();
}
