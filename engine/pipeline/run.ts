/** Runs the cases of a run whose chain and output are proved: each is begun on the device before the one before is ended. */
import { DeviceError, MemoryError } from "../errors.ts";
import { told, toldFiles } from "./aliases.ts";
import type { CaseRecord, Finish } from "./case_record.ts";
import { CaseRun, type RunStages, seconds } from "./case_runner.ts";
import type { CaseRef, OpenSource } from "./contract.ts";
import type { RunEvent } from "./events.ts";
import { exitStatus, failedStatus, interruptedStatus } from "./exit_status.ts";
import { disposeLoading, loadCase, type Loading } from "./loader.ts";
import { hashPages, mergeFiles } from "./provenance.ts";
import type { RunRecord } from "./record.ts";
import type { CaseResults, Results } from "./results.ts";
import { isUnchanged } from "./resume.ts";
import type { RunOptions, RunOutcome } from "./runner.ts";

/** A case whose work was submitted and read, or why not. */
interface Begun {
  readonly ref: CaseRef;
  readonly loading: Loading;
  readonly results?: CaseResults;
  readonly run?: CaseRun;
  readonly error?: unknown;
}

/** The cases of one run, one after another, and what is written of them. */
export class Run {
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
    if (waiting.length > 0) this.#prefetched = await this.#loadFirst(waiting[0]);
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

  /** `run.json` names what was run before a case is done by it: so it does if the run is killed. */
  async #noteShaders(): Promise<void> {
    const { pages } = this.shared;
    if (pages.size === this.#pages) return;
    this.#pages = pages.size;
    const shaders = mergeFiles(this.#run.shaders, await hashPages(pages));
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

  /** Loads the first case, and for as long as that takes makes ready what cases need. */
  async #loadFirst(ref: CaseRef): Promise<Loading> {
    const loaded = new AbortController();
    const loading = this.#load(ref).finally(() => loaded.abort());
    const signal = AbortSignal.any([loaded.signal, this.shared.signal]);
    for (const { open } of this.shared.stages) {
      if (signal.aborted) break;
      // What fails here fails again for the first case that needs it.
      await open.prepare?.(signal).catch(() => {});
    }
    return await loading;
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
      const { value, pages } = await this.shared.engine.counted(async () => await open.finish!(finish));
      for (const page of pages) this.shared.pages.add(page);
      const { summary = {}, files = {} } = value;
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
      shaders: mergeFiles(this.#run.shaders, await hashPages(this.shared.pages)),
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
