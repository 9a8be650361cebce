/** What the Worker of `process` may do: read what it is given and its own code, write results and cache. No more. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProcessArguments } from "./process_arguments.ts";

/** The folder of this program. */
const program = fileURLToPath(new URL("../../", import.meta.url));

/** The permissions for a run. `cache` is the folder where this program keeps what it makes once. */
export async function permissionsFor(
  asked: ProcessArguments,
  cache: string | undefined,
): Promise<Deno.PermissionOptionsObject> {
  const kept = cache === undefined ? [] : [cache];
  return {
    read: granted("read", [
      program,
      ...asked.inputs.flatMap(withNeighbors),
      ...asked.truth === undefined ? [] : [asked.truth],
      ...asked.pipeline === undefined ? [] : [asked.pipeline],
      ...asked.plugins.map((path) => dirname(path)),
      ...await modelsOf(asked),
      asked.output,
      ...kept,
    ]),
    write: granted("write", [asked.output, ...kept]),
    env: false,
    ffi: false,
    net: false,
    run: false,
    sys: false,
  };
}

/** An input, and its folder where the file tells of others beside it: headers apart from their data, and a DICOMDIR. */
function withNeighbors(input: string): string[] {
  return /(\.(mhd|nhdr|hdr|img)(\.gz)?|(^|[/\\])DICOMDIR)$/i.test(input) ? [input, dirname(input)] : [input];
}

/** What the main thread may do itself; a Worker can't be given more. What it lacks is said when it is missed. */
function granted(name: "read" | "write", paths: readonly string[]): string[] {
  return paths.filter((path) => Deno.permissions.querySync({ name, path }).state === "granted");
}

/** Paths of models that settings and the pipeline's file give: options of the name `model`. */
async function modelsOf({ settings, pipeline }: ProcessArguments): Promise<string[]> {
  const set = settings.flatMap((setting) => /^[^.=]+\.model=(.+)$/s.exec(setting)?.[1] ?? []);
  if (pipeline === undefined) return set;
  try {
    const { stages } = JSON.parse(await Deno.readTextFile(pipeline)) as {
      stages: readonly { readonly options?: { readonly model?: unknown } }[];
    };
    return [...set, ...stages.flatMap(({ options }) => typeof options?.model === "string" ? [options.model] : [])];
  } catch {
    // What is wrong with the file is said when it is used.
    return set;
  }
}
