import { parseArgs } from "@std/cli";
import { type AdapterChoice, parseChoice } from "../device/mod.ts";
import { UsageError } from "../errors.ts";
import type { ExistingRun } from "../pipeline/mod.ts";

/** What `process` is asked to do, as plain data that can go to a Worker. */
export interface ProcessArguments {
  /** Files and folders; none is the built-in demonstration study. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** The file of a pipeline, where one is named. */
  readonly pipeline?: string;
  /** The names of a pipeline's stages, where these are given. */
  readonly stages?: readonly string[];
  /** The gallery of filters in place of a pipeline. */
  readonly gallery: boolean;
  /** Settings `STAGE.OPTION=VALUE`. */
  readonly settings: readonly string[];
  readonly truth?: string;
  readonly adapter?: AdapterChoice;
  /** Modules of plugins, as paths. */
  readonly plugins: readonly string[];
  readonly existing: ExistingRun;
  readonly force: boolean;
  readonly failFast: boolean;
  readonly json: boolean;
  readonly schema: boolean;
  readonly help: boolean;
}

/** What `process --help` prints. */
export const usage = `deno task process [INPUT...] [OPTION...]

Takes images from files to results: run.json, report.html and a folder for each case.
Without INPUT it processes a built-in demonstration study, which is a phantom.

  INPUT                     files and folders
  --output DIR              where the results go (default: results, with --gallery: gallery)
  --pipeline FILE           the stages and their options, as JSON
  --stages A,B,C            the stages by name
  --gallery                 shows what each filter makes of a slice: gallery.html
  --set STAGE.OPTION=VALUE  sets an option; may be repeated
  --truth DIR               the known truth: DIR/masks/STEM.* and DIR/index.csv
  --unfamiliar WHAT         warn about (default) or refuse images unlike those that the networks were trained on
  --adapter NAME            auto, gpu, lavapipe, swiftshader or opengl (default: auto)
  --plugin FILE             adds the plugin of a module; may be repeated
  --force                   accepts cases of a modality that the models were not made for
  --keep-identity           lets export write names, identifiers, dates and UIDs of the patient
  --fail-fast               stops at the first case that fails
  --resume                  continues the run that the output folder holds
  --overwrite               replaces the run that the output folder holds
  --json                    prints one JSON event per line
  --schema                  prints the JSON schema of pipelines

Exit status: 0 all done, 1 a bug in this program, 2 wrong command or pipeline, 3 no usable device or out of its memory,
4 a model is missing or broken, 5 some inputs could not be processed, 74 the output cannot be written, 129 hung up,
130 interrupted, 141 the reader of the output is gone.`;

const texts = ["pipeline", "stages", "set", "output", "truth", "unfamiliar", "adapter", "plugin"] as const;
const flags = [
  "gallery",
  "force",
  "keep-identity",
  "fail-fast",
  "resume",
  "overwrite",
  "json",
  "schema",
  "help",
] as const;

/** Reads the arguments of `process`. Throws a `UsageError` that names what is wrong and what there is. */
export function parseProcessArguments(args: readonly string[]): ProcessArguments {
  const parsed = parseArgs(args, {
    string: texts,
    boolean: flags,
    collect: ["set", "plugin"],
    unknown: (argument, key) => {
      if (key === undefined) return true;
      const known = [...texts, ...flags].map((name) => `--${name}`).join(", ");
      throw new UsageError(`Cannot use ${argument} as process has no such option: it has ${known}`);
    },
  });
  for (const name of texts) {
    if ([parsed[name]].flat().includes("")) throw new UsageError(`Cannot use --${name} as it has no value: give one`);
  }
  exclude(parsed, "pipeline", "stages");
  exclude(parsed, "gallery", "pipeline");
  exclude(parsed, "gallery", "stages");
  exclude(parsed, "resume", "overwrite");
  const remote = (parsed.plugin as string[]).find((path) => /^[a-z][a-z\d+.-]+:/i.test(path));
  if (remote !== undefined) {
    throw new UsageError(
      `Cannot use --plugin ${remote.slice(0, 80)} as it isn't a file: keep the module in a file, and name its path`,
    );
  }
  const inputs = parsed._.map(String);
  const text = (name: typeof texts[number]) => parsed[name] as string | undefined;
  if (text("truth") !== undefined && inputs.length === 0) {
    throw new UsageError(
      "Cannot use --truth without inputs as the demonstration study has its own: name files or folders",
    );
  }
  return {
    inputs,
    output: text("output") ?? (parsed.gallery === true ? "gallery" : "results"),
    pipeline: text("pipeline"),
    stages: text("stages")?.split(",").map((name) => name.trim()).filter((name) => name !== ""),
    gallery: parsed.gallery === true,
    settings: [
      ...parsed.set as string[],
      ...parsed["keep-identity"] === true ? ["export.keepIdentity=true"] : [],
      ...text("unfamiliar") === undefined ? [] : [`evaluate.unfamiliar=${text("unfamiliar")}`],
    ],
    truth: text("truth"),
    adapter: text("adapter") === undefined ? undefined : parseChoice(text("adapter")!, "--adapter"),
    plugins: parsed.plugin as string[],
    existing: parsed.resume ? "resume" : parsed.overwrite ? "overwrite" : "refuse",
    force: parsed.force === true,
    failFast: parsed["fail-fast"] === true,
    json: parsed.json === true,
    schema: parsed.schema === true,
    help: parsed.help === true,
  };
}

function exclude(parsed: Readonly<Record<string, unknown>>, one: string, other: string): void {
  if (parsed[one] && parsed[other]) {
    throw new UsageError(`Cannot use --${one} with --${other} as they contradict each other: give one of them`);
  }
}
