/** Runs with results in folders, for tests of what lies there. */
import {
  type NamedBytes,
  pipelineOf,
  type RunOptions,
  type RunOutcome,
  runPipeline,
  type Stage,
} from "../../../engine/pipeline/mod.ts";
import { FakeEngine, fakePlugin, fakeStage } from "./fakes.ts";

/** A stage that writes a file for each case, and one for the run. */
export const picture: Stage = fakeStage("picture", {
  needs: ["image"],
  reads: ["image"],
  files: ["report.html"],
  work: (current) => current.write("deep/picture.jpg", new TextEncoder().encode(`picture of ${current.id}`)),
  finish: () => ({ files: { "report.html": new TextEncoder().encode("<p>all</p>") } }),
});

/** An input. */
export const file = (id: string, text = id): NamedBytes => ({
  name: `${id}.png`,
  bytes: new TextEncoder().encode(text),
});

/** What a run is given besides its folder. */
export interface Setup extends Partial<Omit<RunOptions, "inputs">> {
  readonly stages?: readonly Stage[];
  readonly ids?: readonly (string | NamedBytes)[];
}

/** Runs the stages on inputs of the given names. */
export async function run(
  output: string,
  { stages = [picture], ids = ["a", "b"], ...rest }: Setup = {},
): Promise<RunOutcome> {
  return await runPipeline(pipelineOf(["acquire", ...stages.map(({ name }) => name)]), {
    engine: new FakeEngine(),
    plugins: [fakePlugin(stages)],
    output,
    ...rest,
    inputs: ids.map((id) => typeof id === "string" ? file(id) : id),
  });
}

/** Does work in a folder of its own, which is gone afterwards. */
export async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All files and links by path, each with its text. */
export async function contents(folder: string, prefix = ""): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const entry of Deno.readDir(`${folder}/${prefix}`)) {
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory) Object.assign(found, await contents(folder, `${name}/`));
    else found[name] = entry.isSymlink ? "link" : await Deno.readTextFile(`${folder}/${name}`);
  }
  return found;
}

/** The paths of all files and links, in order. */
export const names = async (folder: string): Promise<string[]> => Object.keys(await contents(folder)).sort();

/** Changes a record that was written. */
export async function edit(path: string, change: (record: Record<string, unknown>) => void): Promise<void> {
  const record = JSON.parse(await Deno.readTextFile(path));
  change(record);
  await Deno.writeTextFile(path, JSON.stringify(record));
}

/** A record without its times, which differ from one run to the next. */
export const timeless = (text: string): string =>
  text.replace(/"startedAt": "[^"]*"/, "").replaceAll(/"seconds": [\d.e-]+/g, "");

/** What a run of two cases leaves. */
export const written: readonly string[] = [
  "cases/a/case.json",
  "cases/a/deep/picture.jpg",
  "cases/b/case.json",
  "cases/b/deep/picture.jpg",
  "report.html",
  "run.json",
];
