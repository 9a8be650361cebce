import { DeviceError, MemoryError, UsageError } from "../errors.ts";
import { type CaseOutcome, runCase, type RunStages, seconds } from "./case_runner.ts";
import { proveChain } from "./chain.ts";
import type { CaseRecord, CaseRef, Finish, OpenSource, PipelineEngine, Plugin } from "./contract.ts";
import type { RunEvent } from "./events.ts";
import { exitStatus, failedStatus, interruptedStatus } from "./exit_status.ts";
import { disposeLoading, listCases, loadCase, type Loading } from "./loader.ts";
import { type ExistingRun, OutputFolder, type WriteFile } from "./output_folder.ts";
import { newRun, OpenStages, proveModels, proveOutput } from "./preparation.ts";
import type { Pipeline } from "./pipeline_file.ts";
import { adapterOf, hashPages, mergeFiles } from "./provenance.ts";
import { type RunRecord, schemaVersion } from "./record.ts";
import { createRegistry } from "./registry.ts";

/** How to run a pipeline. */
export interface RunOptions {
  /** An open engine, or a function that opens one when the chain is proved; the runner closes the latter. */
  readonly engine: PipelineEngine | (() => Promise<PipelineEngine & Partial<AsyncDisposable>>);
  /** Where the sources and stages come from. */
  readonly plugins: readonly Plugin[];
  /** Files and folders. */
  readonly inputs: readonly string[];
  /** The folder that gets `run.json`, `cases/` and what the stages write. */
  readonly output: string;
  /** The folder with the truth. */
  readonly truth?: string;
  /** What to do where the folder holds a run. Default `refuse`. */
  readonly existing?: ExistingRun;
  /** Stop at the first case that fails. */
  readonly failFast?: boolean;
  /** Name of a built-in study that the inputs are. A run of the same study is replaced. */
  readonly study?: string;
  /** Told of progress. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Ends the run; what is done is kept. */
  readonly signal?: AbortSignal;
  /** Writes a file; default `Deno.writeFile`. */
  readonly writeFile?: WriteFile;
}

/** What a run has come to. */
export interface RunOutcome {
  /** What `run.json` holds. */
  readonly run: RunRecord;
  /** Exit status: 0 all done, 1 a fault of ours, 3 the device, 5 some inputs failed, 130 interrupted. */
  readonly status: number;
  /** What ended the run, where it did not come to its end. */
  readonly error?: unknown;
}

/**
 * Runs a pipeline over all cases of the inputs and writes the results. What is wrong before the first case is thrown
 * (`UsageError`, `ModelError`, `DeviceError`, `InputError`) and leaves the folder as it was; later errors are in the outcome.
 */
export async function runPipeline(pipeline: Pipeline, options: RunOptions): Promise<RunOutcome> {
  const signal = options.signal ?? new AbortController().signal;
  const chain = proveChain(pipeline, createRegistry(options.plugins));
  const models = await proveModels(chain);
  const output = new OutputFolder(options.output, options.writeFile);
  const start = newRun(chain, models, options.study);
  const existing = await chooseExisting(output, options);
  const before = await proveOutput(output, existing, start);
  const { part, options: sourceOptions } = chain.source;
  const { inputs, truth } = options;
  const source = await part.open({ inputs, truth, signal }, sourceOptions as never);
  try {
    const refs = await listCases(source, inputs);
    const opened = typeof options.engine === "function" ? await options.engine() : undefined;
    await using _closed = { [Symbol.asyncDispose]: async () => await opened?.[Symbol.asyncDispose]?.() };
    const engine = opened ?? options.engine as PipelineEngine;
    using stages = await OpenStages.open(chain, models, engine, signal);
    const run = { ...start, adapter: adapterOf(engine), shaders: before?.shaders ?? [] };
    await startFolder(output, existing, before, run);
    const onEvent = options.onEvent ?? (() => {});
    const onStage = (id: string, stage: string) => onEvent({ type: "stage", id, stage });
    const onProgress = (id: string, stage: string, share: number) => onEvent({ type: "progress", id, stage, share });
    const shared = { engine, stages: stages.stages, waves: chain.waves, signal, onStage, onProgress };
    return await new Run(shared, { source, name: part.name }, refs, output, run, options, onEvent).work(before);
  } finally {
    source.close?.();
  }
}

/** The built-in study replaces its own earlier output. */
async function chooseExisting(output: OutputFolder, options: RunOptions): Promise<ExistingRun> {
  const existing = options.existing ?? "refuse";
  if (existing !== "refuse" || options.study === undefined) return existing;
  return (await output.readRun())?.study === options.study ? "overwrite" : existing;
}

async function startFolder(
  output: OutputFolder,
  existing: ExistingRun,
  before: RunRecord | undefined,
  run: RunRecord,
): Promise<void> {
  try {
    if (before && existing === "overwrite") await output.removeRun(before);
    await output.prepare();
    await output.write("run.json", encode(run));
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

class Run {
  readonly #start = performance.now();
  readonly #records: CaseRecord[] = [];
  readonly #errors: unknown[] = [];
  #prefetched: Loading | undefined;

  constructor(
    readonly shared: RunStages,
    readonly source: { readonly source: OpenSource; readonly name: string },
    readonly refs: readonly CaseRef[],
    readonly output: OutputFolder,
    readonly run: RunRecord,
    readonly options: RunOptions,
    readonly onEvent: (event: RunEvent) => void,
  ) {}

  async work(before: RunRecord | undefined): Promise<RunOutcome> {
    const done = await this.#doneBefore(before !== undefined && this.options.existing === "resume");
    this.onEvent({
      type: "start",
      cases: this.refs.length,
      doneBefore: done.size,
      stages: this.run.pipeline.stages.map((entry) => entry.stage),
      adapter: Object.values(this.run.adapter).slice(0, 2).reverse().join(", "),
      output: this.output.path,
    });
    let end: Pick<RunOutcome, "status" | "error"> & { state: RunRecord["status"] };
    let run = this.run;
    try {
      await this.#runCases(done);
      run = await this.#finish();
      end = { state: "done", status: failedStatus(this.#errors) };
    } catch (error) {
      end = this.shared.signal.aborted
        ? { state: "interrupted", status: interruptedStatus, error }
        : { state: "stopped", status: exitStatus(error), error };
      run = { ...run, summary: this.#summary() };
    } finally {
      disposeLoading(this.#prefetched);
    }
    return await this.#end({ ...run, status: end.state }, end);
  }

  /** The cases that an earlier run has done, by id. */
  async #doneBefore(resume: boolean): Promise<ReadonlyMap<string, CaseRecord>> {
    const done = new Map<string, CaseRecord>();
    for (const ref of resume ? this.refs : []) {
      const record = await this.output.readCase(ref.id);
      if (record?.status === "done" && record.source === ref.source) done.set(ref.id, record);
    }
    return done;
  }

  async #runCases(done: ReadonlyMap<string, CaseRecord>): Promise<void> {
    const waiting = this.refs.filter((ref) => !done.has(ref.id));
    const results = new Map(done);
    try {
      for (const [index, ref] of waiting.entries()) {
        this.shared.signal.throwIfAborted();
        const start = performance.now();
        const record = await this.#runOne(ref, waiting[index + 1]);
        results.set(ref.id, record);
        const { id, status, error, warnings } = record;
        const through = results.size;
        this.onEvent({ type: "case", id, status, error, warnings, seconds: seconds(start), through });
        const cause = this.#errors.at(-1);
        const lost = cause instanceof DeviceError && !(cause instanceof MemoryError);
        if (status === "failed" && (lost || this.options.failFast)) throw cause;
      }
    } finally {
      for (const { id } of this.refs) {
        const record = results.get(id);
        if (record) this.#records.push(record);
      }
    }
  }

  /** One case, from its load to its folder; the next one is loaded as the device works. */
  async #runOne(ref: CaseRef, next: CaseRef | undefined): Promise<CaseRecord> {
    const folder = this.output.openCase(ref.id);
    const loading = await this.#takeLoading(ref);
    const { inputs, warnings } = "kase" in loading ? loading.kase : loading;
    const record = { id: ref.id, source: ref.source, inputs, warnings };
    try {
      if (!("kase" in loading)) throw loading.error;
      const outcome: CaseOutcome = await runCase(this.shared, loading.kase, folder, async () => {
        if (next) this.#prefetched = await this.#load(next);
      });
      const whole: CaseRecord = {
        ...record,
        ...outcome,
        status: "done",
        files: folder.files,
      };
      await folder.commit({ schemaVersion, ...whole });
      return whole;
    } catch (error) {
      await folder.discard();
      if (this.shared.signal.aborted) throw error;
      this.#errors.push(error);
      const stages = "kase" in loading ? loading.kase.stages : [];
      return {
        ...record,
        status: "failed",
        error: describe(error),
        stages,
        measures: {},
        readbacks: 0,
        readbackBytes: 0,
        files: [],
      };
    }
  }

  /** What was loaded ahead; where that was out of memory, the case before is gone now. */
  async #takeLoading(ref: CaseRef): Promise<Loading> {
    const ahead = this.#prefetched;
    this.#prefetched = undefined;
    const tooEarly = ahead && "error" in ahead && ahead.error instanceof MemoryError;
    return ahead && !tooEarly ? ahead : await this.#load(ref);
  }

  #load(ref: CaseRef): Promise<Loading> {
    return loadCase(this.source.source, this.source.name, ref, this.shared.engine);
  }

  /** What the stages add at the end: summary and files of the run. */
  async #finish(): Promise<RunRecord> {
    let run: RunRecord = { ...this.run, status: "done", seconds: seconds(this.#start), summary: this.#summary() };
    for (const { stage, open } of this.shared.stages) {
      if (!open.finish) continue;
      this.shared.signal.throwIfAborted();
      this.shared.onStage("", stage.name);
      const { cases: _, ...head } = run;
      const finish: Finish = {
        cases: this.#records,
        run: head as unknown as Finish["run"],
        read: (id, name) => this.output.readCaseFile(id, name),
      };
      const { summary = {}, files = {} } = await open.finish(finish);
      for (const [name, bytes] of Object.entries(files)) await this.output.write(name, bytes);
      run = { ...run, summary: { ...run.summary, ...summary }, files: [...run.files, ...Object.keys(files)] };
    }
    return run;
  }

  #summary(): RunRecord["summary"] {
    const done = this.#records.filter((record) => record.status === "done");
    const readbacks = done.map((record) => record.readbacks);
    const cases = { done: done.length, failed: this.#records.length - done.length };
    if (done.length === 0) return { cases };
    const mean = readbacks.reduce((sum, count) => sum + count, 0) / done.length;
    return { cases, readbacksPerCase: { max: Math.max(...readbacks), mean } };
  }

  async #end(run: RunRecord, end: Pick<RunOutcome, "status" | "error">): Promise<RunOutcome> {
    const whole = {
      ...run,
      seconds: seconds(this.#start),
      shaders: mergeFiles(run.shaders, await hashPages(this.shared.engine)),
      cases: this.#records,
    };
    await this.output.write("run.json", encode(whole));
    this.onEvent({
      type: "finish",
      status: end.status,
      ...end.error === undefined ? {} : { error: describe(end.error).message },
      summary: whole.summary,
      output: this.output.path,
      files: ["run.json", ...whole.files],
      seconds: whole.seconds,
    });
    return { run: whole, ...end };
  }
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

function encode(run: RunRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(run, null, 2) + "\n");
}
