import type { Page } from "../../shaders/contract.ts";
import type { LoadedCase } from "./case_runner.ts";
import { type Chain, proveChain } from "./chain.ts";
import type { Input, Plugin } from "./contract.ts";
import type { RunEvent } from "./events.ts";
import { fileRecord } from "./files.ts";
import { type CaseNames, listCases, readerOf } from "./loader.ts";
import type { Kept } from "./kept.ts";
import { checkMadeFor } from "./model_claims.ts";
import type { ExistingRun, RunOutput } from "./output.ts";
import { OutputFolder } from "./output_folder.ts";
import type { PipelineEngine } from "./pipeline_engine.ts";
import {
  completeChain,
  existingFor,
  newRun,
  type OfferedModels,
  OpenStages,
  proveExisting,
  proveModels,
  startRun,
} from "./preparation.ts";
import type { Pipeline } from "./pipeline_file.ts";
import { adapterOf } from "./provenance.ts";
import type { RunRecord } from "./record.ts";
import { createRegistry } from "./registry.ts";
import { Results } from "./results.ts";
import { differences, missingCases, refuseDifferences } from "./resume.ts";
import { Run } from "./run.ts";

/** How to run a pipeline. */
export interface RunOptions {
  /** An open engine, or a function that opens one once the chain is proved, which the runner then closes. */
  readonly engine: PipelineEngine | (() => Promise<PipelineEngine & Partial<AsyncDisposable>>);
  /** Where the sources, stages and writers come from. */
  readonly plugins: readonly Plugin[];
  /** Files and folders by their paths, or files by their bytes. */
  readonly inputs: readonly Input[];
  /** Where `run.json`, `cases/` and the stages' files go: a folder by its path, or a `MemoryOutput`. */
  readonly output: string | RunOutput;
  /** The folder with the truth. */
  readonly truth?: string;
  /** What to do where the output holds a run. Default `refuse`. */
  readonly existing?: ExistingRun;
  /** Accept cases of a modality that a model was not made for, with a warning. */
  readonly force?: boolean;
  /** Stop at the first case that fails. */
  readonly failFast?: boolean;
  /** The models that an untrusted pipeline may name: folders by their names. Default: any model, by its path. */
  readonly models?: OfferedModels;
  /** What sources keep for later runs that are given the same; without it they end what they began. */
  readonly kept?: Kept;
  /** What cases are called. Default `paths`. */
  readonly caseNames?: CaseNames;
  /** Name of the built-in study, if the inputs are one. An earlier run of the same study is replaced. */
  readonly study?: string;
  /** Told of progress. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends the run; what is done is kept. */
  readonly signal?: AbortSignal;
}

/** The outcome of a run. */
export interface RunOutcome {
  /** What `run.json` holds. */
  readonly run: RunRecord;
  /** Exit status: 0 all done, 1 a bug in this program, 3 the device, 5 some inputs failed, 130 interrupted. */
  readonly status: number;
  /** What ended the run, where it did not complete. */
  readonly error?: unknown;
}

/**
 * Runs a pipeline over all cases of the inputs and writes the results. What is wrong before the first case is thrown
 * (`UsageError`, `ModelError`, `DeviceError`, `InputError`) and leaves the output as it was; later errors are in the outcome.
 */
export async function runPipeline(pipeline: Pipeline, options: RunOptions): Promise<RunOutcome> {
  const signal = options.signal ?? new AbortController().signal;
  const proved = proveChain(pipeline, createRegistry(options.plugins));
  const models = await proveModels(proved, options.models);
  const chain = completeChain(proved, models);
  const output = typeof options.output === "string" ? new OutputFolder(options.output) : options.output;
  await output.proveApart?.(pathsOf(options));
  await using _held = await output.hold();
  const results = new Results(output);
  const start = newRun(chain, models, options);
  const existing = await existingFor(results, options);
  const before = await proveExisting(results, existing, start);
  const { part, options: sourceOptions } = chain.source;
  const { inputs, truth, kept } = options;
  const noted: ReturnType<typeof fileRecord>[] = [];
  const note = (path: string, content: Uint8Array) => void noted.push(fileRecord(path, content));
  const progress = (files: number) => options.onEvent?.({ type: "listing", files });
  const source = await part.open({ inputs, truth, signal, kept, note, progress }, sourceOptions as never);
  try {
    const refs = await listCases(source, inputs, options.caseNames ?? "paths");
    const listed = { ...start, inputs: await Promise.all(noted) };
    const intact = await results.prove(refs.map(({ id }) => id), filesOf(chain), before);
    if (before && existing === "resume") {
      const ids = refs.map(({ id }) => id);
      const lost = missingCases(await results.doneCases(), ids);
      refuseDifferences(results.name, [...differences(before, listed), ...lost]);
    }
    const opened = typeof options.engine === "function" ? await options.engine() : undefined;
    await using _closed = { [Symbol.asyncDispose]: async () => await opened?.[Symbol.asyncDispose]?.() };
    const engine = opened ?? options.engine as PipelineEngine;
    const run: RunRecord = { ...listed, adapter: adapterOf(engine) };
    if (before && existing === "resume") refuseDifferences(results.name, differences(before, run));
    using stages = await OpenStages.open(chain, models, engine, signal);
    const onEvent = options.onEvent ?? (() => {});
    const onStage = (id: string, stage: string) => onEvent({ type: "stage", id, stage });
    const onProgress = (id: string, stage: string, share: number) => onEvent({ type: "progress", id, stage, share });
    const prove = ({ ref, loaded, warnings }: LoadedCase) =>
      checkMadeFor(models.values(), loaded.header, {
        source: ref.source,
        forced: options.force ?? false,
        warn: (line) => void warnings.push(line),
      });
    const shared = {
      engine,
      stages: stages.stages,
      waves: chain.waves,
      signal,
      prove,
      onStage,
      onProgress,
      pages: new Set<Page>(),
    };
    const opening = await startRun(results, existing, before, run);
    const given = { source, name: part.name, read: readerOf(inputs) };
    return await new Run(shared, given, refs, results, opening, options, onEvent)
      .work(existing === "resume" ? intact : new Map());
  } finally {
    source.close?.();
  }
}

/** Paths of what a run reads that is the user's. */
function pathsOf({ inputs, truth }: RunOptions): string[] {
  const paths = inputs.flatMap((input) => typeof input === "string" ? [input] : []);
  // The folder of the truth often holds that of the images, and is a place to write results to.
  return truth === undefined ? paths : [...paths, `${truth}/masks`, `${truth}/index.csv`];
}

/** The files that the run as a whole writes. */
function filesOf(chain: Chain): string[] {
  return [...new Set(chain.stages.flatMap(({ part }) => part.files ?? []))];
}
