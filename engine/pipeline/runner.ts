import { DeviceError, MemoryError } from "../errors.ts";
import { told, toldFiles } from "./aliases.ts";
import type { CaseRecord, Finish } from "./case_record.ts";
import { CaseRun, type LoadedCase, type RunStages, seconds } from "./case_runner.ts";
import { type Chain, proveChain } from "./chain.ts";
import type { CaseRef, Input, OpenSource, Plugin } from "./contract.ts";
import type { RunEvent } from "./events.ts";
import { exitStatus, failedStatus, interruptedStatus } from "./exit_status.ts";
import { fileRecord } from "./files.ts";
import { type CaseNames, disposeLoading, listCases, loadCase, type Loading, readerOf } from "./loader.ts";
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
import { adapterOf, hashPages, mergeFiles } from "./provenance.ts";
import type { RunRecord } from "./record.ts";
import { createRegistry } from "./registry.ts";
import { type CaseResults, Results } from "./results.ts";
import { differences, isUnchanged, missingCases, refuseDifferences } from "./resume.ts";

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
    const shared = { engine, stages: stages.stages, waves: chain.waves, signal, prove, onStage, onProgress };
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

/** A case whose work was submitted and read, or why not. */
interface Begun {
  readonly ref: CaseRef;
  readonly loading: Loading;
  readonly results?: CaseResults;
  readonly run?: CaseRun;
  readonly error?: unknown;
}

class Run {
  readonly #start = performance.now();
  readonly #records: CaseRecord[] = [];
  readonly #errors: unknown[] = [];
  #prefetched: Loading | undefined;
  #run: RunRecord;
  #pages = 0;
  /** What ends the run before its last case. */
  #cause: unknown;

  constructor(
    readonly shared: RunStages,
    readonly source: {
      readonly source: OpenSource;
      readonly name: string;
      readonly read: (path: string) => Promise<Uint8Array>;
    },
    readonly refs: readonly CaseRef[],
    readonly results: Results,
    run: RunRecord,
    readonly options: RunOptions,
    readonly onEvent: (event: RunEvent) => void,
  ) {
    this.#run = run;
  }

  /** Runs all cases but those that are done. */
  async work(intact: ReadonlyMap<string, CaseRecord>): Promise<RunOutcome> {
    const done = await this.#unchanged(intact);
    this.onEvent({
      type: "start",
      cases: this.refs.length,
      doneBefore: done.size,
      stages: this.#run.pipeline.stages.map((entry) => entry.stage),
      adapter: Object.values(this.#run.adapter).slice(0, 2).reverse().join(", "),
      output: this.results.name,
    });
    let end: Pick<RunOutcome, "status" | "error"> & { state: RunRecord["status"] };
    try {
      await this.#runCases(done);
      await this.#finish();
      end = { state: "done", status: failedStatus(this.#errors) };
    } catch (error) {
      end = this.shared.signal.aborted
        ? { state: "interrupted", status: interruptedStatus, error }
        : { state: "stopped", status: exitStatus(error), error };
      this.#run = { ...this.#run, summary: this.#summary() };
    } finally {
      disposeLoading(this.#prefetched);
    }
    return await this.#end(end);
  }

  /** Those of the cases that are done whose inputs are still what they were. */
  async #unchanged(intact: ReadonlyMap<string, CaseRecord>): Promise<ReadonlyMap<string, CaseRecord>> {
    const done = new Map<string, CaseRecord>();
    for (const ref of this.refs) {
      const record = intact.get(ref.id);
      if (record && await isUnchanged(record, ref, this.source.read)) done.set(ref.id, record);
    }
    return done;
  }

  /** Each case is begun on the device before the host stages of the one before are run: results are written behind. */
  async #runCases(done: ReadonlyMap<string, CaseRecord>): Promise<void> {
    const waiting = this.refs.filter((ref) => !done.has(ref.id));
    const results = new Map(done);
    let behind: Promise<void> = Promise.resolve();
    try {
      for (const [index, ref] of waiting.entries()) {
        this.shared.signal.throwIfAborted();
        const start = performance.now();
        const begun = await this.#begin(ref, waiting[index + 1], behind);
        if (this.#cause !== undefined) {
          await this.#drop(begun);
          break;
        }
        behind = this.#endLater(begun).then((record) => {
          results.set(ref.id, record);
          const { id, status, error, warnings } = record;
          this.onEvent({ type: "case", id, status, error, warnings, seconds: seconds(start), through: results.size });
        }, (error) => void (this.#cause ??= error));
      }
    } finally {
      await behind;
      for (const { id } of this.refs) {
        const record = results.get(id);
        if (record) this.#records.push(record);
      }
    }
    if (this.#cause !== undefined) throw this.#cause;
  }

  /**
   * A case from its load to its readback. As the device works, the host does what is left of the case before (`behind`) and the next
   * case is loaded. Where there was no memory for two cases, this one is begun again alone.
   */
  async #begin(ref: CaseRef, next: CaseRef | undefined, behind: Promise<void>): Promise<Begun> {
    let begun = await this.#submit(ref, await this.#takeLoading(ref));
    if (begun.error instanceof MemoryError && begun.run) {
      await behind;
      begun = await this.#submit(ref, await this.#load(ref));
    }
    const ahead = next && this.#load(next);
    await behind;
    this.#prefetched = await ahead;
    if (begun.error !== undefined || begun.run === undefined) return begun;
    try {
      await begun.run.read();
      return begun;
    } catch (error) {
      return { ...begun, error };
    }
  }

  async #submit(ref: CaseRef, loading: Loading): Promise<Begun> {
    if (!("loadedCase" in loading)) return { ref, loading, error: loading.error };
    const results = this.results.openCase(ref.id);
    const run = new CaseRun(this.shared, loading.loadedCase, results);
    try {
      await run.begin();
      return { ref, loading, results, run };
    } catch (error) {
      run[Symbol.dispose]();
      return { ref, loading, results, run, error };
    }
  }

  /** The host stages of a case and its folder, once the work of the next case is submitted. */
  async #endLater({ ref, loading, results, run, error: failure }: Begun): Promise<CaseRecord> {
    const { inputs, warnings } = "loadedCase" in loading ? loading.loadedCase : loading;
    const record = () => ({
      id: ref.id,
      source: told(ref.source, ref),
      inputs: toldFiles(inputs, ref),
      warnings: warnings.map((line) => told(line, ref)),
    });
    try {
      if (failure !== undefined || run === undefined || results === undefined) throw failure;
      // Stages that only submit work take turns of promises: a timer comes behind them.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const outcome = await run.end();
      await this.#noteShaders();
      return await results.commit({ ...record(), ...outcome, status: "done" });
    } catch (error) {
      await discard(results);
      if (this.shared.signal.aborted) throw error;
      if (error instanceof Error) error.message = told(error.message, ref);
      this.#errors.push(error);
      const lost = error instanceof DeviceError && !(error instanceof MemoryError);
      if (lost || this.options.failFast) this.#cause ??= error;
      const stages = "loadedCase" in loading ? loading.loadedCase.stages : [];
      const nothing = { measures: {}, readbacks: 0, readbackBytes: 0, files: [], outputs: [] };
      return { ...record(), ...nothing, status: "failed", error: describe(error), stages };
    } finally {
      run?.[Symbol.dispose]();
    }
  }

  /** Leaves a case that will not be run to its end. */
  async #drop({ results, run }: Begun): Promise<void> {
    run?.[Symbol.dispose]();
    await discard(results);
  }

  /** `run.json` names what was compiled before a case is done by it: so it does if the run is killed. */
  async #noteShaders(): Promise<void> {
    const pages = this.shared.engine.pages.length;
    if (pages === this.#pages) return;
    this.#pages = pages;
    const shaders = mergeFiles(this.#run.shaders, await hashPages(this.shared.engine));
    this.#run = { ...this.#run, shaders };
    await this.results.writeRun(this.#run);
  }

  /** What was loaded ahead; where that was out of memory, the case before is gone now. */
  async #takeLoading(ref: CaseRef): Promise<Loading> {
    const ahead = this.#prefetched;
    this.#prefetched = undefined;
    const tooEarly = ahead && "error" in ahead && ahead.error instanceof MemoryError;
    return ahead && !tooEarly ? ahead : await this.#load(ref);
  }

  #load(ref: CaseRef): Promise<Loading> {
    return loadCase(this.source.source, this.source.name, ref, this.shared.engine, this.source.read);
  }

  /** What the stages add at the end: summary and files of the run. */
  async #finish(): Promise<void> {
    this.#run = { ...this.#run, summary: this.#summary() };
    for (const { stage, open } of this.shared.stages) {
      if (!open.finish) continue;
      this.shared.signal.throwIfAborted();
      this.shared.onStage("", stage.name);
      const { cases: _, ...head } = { ...this.#run, status: "done", seconds: seconds(this.#start) };
      const finish: Finish = {
        cases: this.#records,
        run: head as unknown as Finish["run"],
        read: (id, name) => this.results.readCaseFile(id, name),
      };
      const { summary = {}, files = {} } = await open.finish(finish);
      const strange = Object.keys(files).filter((name) => !stage.files?.includes(name));
      if (strange.length > 0) {
        throw new TypeError(
          `Stage ${stage.name} gave the files ${strange.join(", ")}, which it doesn't declare in files`,
        );
      }
      this.#run = { ...this.#run, summary: { ...this.#run.summary, ...summary } };
      if (Object.keys(files).length > 0) this.#run = await this.results.writeFiles(files, this.#run);
    }
  }

  #summary(): RunRecord["summary"] {
    const done = this.#records.filter((record) => record.status === "done");
    const readbacks = done.map((record) => record.readbacks);
    const cases = { done: done.length, failed: this.#records.length - done.length };
    if (done.length === 0) return { cases };
    const mean = readbacks.reduce((sum, count) => sum + count, 0) / done.length;
    return { cases, readbacksPerCase: { max: Math.max(...readbacks), mean } };
  }

  async #end(
    { state, ...end }: Pick<RunOutcome, "status" | "error"> & { state: RunRecord["status"] },
  ): Promise<RunOutcome> {
    const finished = {
      ...this.#run,
      status: state,
      seconds: seconds(this.#start),
      shaders: mergeFiles(this.#run.shaders, await hashPages(this.shared.engine)),
      cases: this.#records,
    };
    await this.results.writeRun(finished);
    this.onEvent({
      type: "finish",
      status: end.status,
      ...end.error === undefined ? {} : { error: describe(end.error).message },
      summary: finished.summary,
      output: this.results.name,
      files: ["run.json", ...finished.files],
      seconds: finished.seconds,
    });
    return { run: finished, ...end };
  }
}

/** Removes what a case has written; where that fails, too, the end of the run does it. */
async function discard(results: CaseResults | undefined): Promise<void> {
  try {
    await results?.discard();
  } catch {
    // The case has failed already, and says why.
  }
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}
