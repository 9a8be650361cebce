import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../errors.ts";
import { type Chain, fullPipeline } from "./chain.ts";
import type { OpenStage, StageContext } from "./contract.ts";
import type { RunStage } from "./case_runner.ts";
import { type ModelFile, readModelFile } from "./model_file.ts";
import { proveModel } from "./model_proof.ts";
import type { ExistingRun } from "./output.ts";
import type { Net, PipelineEngine } from "./pipeline_engine.ts";
import { runtimeVersions, version } from "./provenance.ts";
import { type RunRecord, schemaVersion } from "./record.ts";
import type { Results } from "./results.ts";
import { differences, refuseDifferences } from "./resume.ts";

/** Folders of models, by the names that options give them. */
export type OfferedModels = Readonly<Record<string, string>>;

/** Where models are looked for: the current folder, then that of the program, if it is one. */
const modelRoots = [".", ...programFolder()];

function programFolder(): string[] {
  const url = new URL("../../", import.meta.url);
  return url.protocol === "file:" ? [fileURLToPath(url).replace(/[/\\]$/, "")] : [];
}

/**
 * Reads the models that the stages' options name and proves that they fit. Throws a `ModelError`, and a `UsageError` for one that
 * isn't among the `offered` ones, whose file isn't looked for; without `offered` a name is a path.
 */
export async function proveModels(chain: Chain, offered?: OfferedModels): Promise<ReadonlyMap<string, ModelFile>> {
  const models = new Map<string, ModelFile>();
  for (const { part: stage, options } of chain.stages) {
    for (const path of stage.models?.(options as never) ?? []) {
      const model = models.get(path) ?? await readModelFile(path, placesOf(path, stage.name, offered));
      models.set(path, model);
      for (const each of [model, ...model.folds]) await proveModel(each, stage, options);
    }
  }
  return models;
}

/** Folders that a model may lie in. */
function placesOf(path: string, stage: string, offered: OfferedModels | undefined): readonly string[] {
  if (offered === undefined) return isAbsolute(path) ? [path] : modelRoots.map((root) => `${root}/${path}`);
  if (Object.hasOwn(offered, path)) return [offered[path]];
  const known = Object.keys(offered).sort().join(", ") || "none";
  throw new UsageError(`Cannot use model ${path} in stage ${stage} as only these are offered here: ${known}`);
}

/**
 * The chain with options that stages take from the models of others filled in, such as how a crop was cut for the training of
 * the network that will see it.
 */
export function completeChain(chain: Chain, models: ReadonlyMap<string, ModelFile>): Chain {
  const contracts = chain.stages.map(({ part, options }) => {
    return (part.models?.(options as never) ?? []).map((path) => models.get(path)!.contract);
  });
  const stages = chain.stages.map((link, at) => {
    // What comes after sees what the stage gives.
    const nearest = [...contracts.slice(at), ...contracts.slice(0, at)].flat();
    const options = link.part.complete?.(link.options as never, nearest) ?? link.options;
    return { ...link, options: options as Record<string, unknown> };
  });
  return { ...chain, stages };
}

/** What `run.json` says before the first case. */
export function newRun(
  chain: Chain,
  models: ReadonlyMap<string, ModelFile>,
  { study, truth, force = false }: { readonly study?: string; readonly truth?: string; readonly force?: boolean },
): RunRecord {
  return {
    schemaVersion,
    isocenter: version,
    runtime: runtimeVersions(),
    adapter: {},
    ...study === undefined ? {} : { study },
    pipeline: fullPipeline(chain) as RunRecord["pipeline"],
    ...truth === undefined ? {} : { truth },
    inputs: [],
    ...force ? { forced: true } : {},
    models: [...models.values()].flatMap((model) => [model, ...model.folds]).map(({ path, sha256 }) => ({
      path,
      sha256,
    })),
    shaders: [],
    status: "running",
    startedAt: new Date().toISOString(),
    seconds: 0,
    summary: {},
    files: [],
    outputs: [],
    cases: [],
  };
}

/** Checks that the run may go there, without changing anything. Gives the run that is there. */
export async function proveExisting(
  results: Results,
  existing: ExistingRun,
  run: RunRecord,
): Promise<RunRecord | undefined> {
  const before = await results.readRun();
  if (before === undefined) return undefined;
  if (existing === "refuse") {
    throw new UsageError(
      `Cannot write to ${results.name} as it holds the run of ${before.startedAt}: ` +
        "continue it with --resume, replace it with --overwrite, or choose another --output",
    );
  }
  if (existing === "resume") refuseDifferences(results.name, differences(before, run));
  return before;
}

/** The built-in study replaces its own earlier output. */
export async function existingFor(
  results: Results,
  options: { readonly existing?: ExistingRun; readonly study?: string },
): Promise<ExistingRun> {
  const existing = options.existing ?? "refuse";
  if (existing !== "refuse" || options.study === undefined) return existing;
  return (await results.readRun())?.study === options.study ? "overwrite" : existing;
}

/** Removes a run that is to be replaced, and writes the first `run.json`. */
export async function startRun(
  results: Results,
  existing: ExistingRun,
  before: RunRecord | undefined,
  run: RunRecord,
): Promise<RunRecord> {
  try {
    if (before && existing === "overwrite") await results.removeRun(before);
    const kept = before && existing === "resume" ? { shaders: before.shaders, outputs: before.outputs } : {};
    const first = { ...run, ...kept };
    await results.writeRun(first);
    return first;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message, { cause: error });
  }
}

/** Stages that are open, with the networks loaded for them. */
export class OpenStages implements Disposable {
  readonly stages: RunStage[] = [];
  readonly #held: Disposable[] = [];

  /** Opens all stages of a chain, in order; what is open already is closed if one fails. */
  static async open(
    chain: Chain,
    models: ReadonlyMap<string, ModelFile>,
    engine: PipelineEngine,
    signal: AbortSignal,
  ): Promise<OpenStages> {
    const all = new OpenStages();
    try {
      for (const { part: stage, options, writers } of chain.stages) {
        signal.throwIfAborted();
        const context: StageContext = {
          engine,
          signal,
          writer: (name) => {
            const writer = writers.get(name);
            if (writer) return writer;
            throw new TypeError(`Stage ${stage.name} writes ${name}, which it doesn't declare in writers`);
          },
          loadModel: (path) => all.#loadModel(stage.name, path, models, engine),
        };
        all.stages.push({ stage, open: await stage.open(context, options as never) });
      }
      return all;
    } catch (error) {
      all[Symbol.dispose]();
      throw error;
    }
  }

  /** Closes the stages and disposes of their networks. */
  [Symbol.dispose](): void {
    const open: OpenStage[] = this.stages.map((stage) => stage.open);
    for (const stage of open.reverse()) stage.close?.();
    for (const held of this.#held.splice(0)) held[Symbol.dispose]();
  }

  async #loadModel(stage: string, path: string, models: ReadonlyMap<string, ModelFile>, engine: PipelineEngine) {
    const model = models.get(path);
    if (!model) throw new TypeError(`Stage ${stage} loads model ${path}, which it doesn't declare in models`);
    const nets: Net[] = [];
    for (const { file } of [model, ...model.folds]) {
      const net = await engine.loadModel(file);
      this.#held.push(net);
      nets.push(net);
    }
    const [net, ...folds] = nets;
    return { net, folds, contract: model.contract };
  }
}
