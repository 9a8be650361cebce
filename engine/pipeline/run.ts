/** Runs the cases of a run whose chain and output are proved: each is begun on the device before those before are ended. */
import { DeviceError, MemoryError } from "../errors.ts";
import { told, toldFiles } from "./aliases.ts";
import type { CaseRecord, Finish } from "./case_record.ts";
import { readWave, submitWave } from "./case_group.ts";
import { CaseRun, type RunStages, seconds } from "./case_runner.ts";
import type { CaseRef, OpenSource } from "./contract.ts";
import type { RunEvent } from "./events.ts";
import { exitStatus, failedStatus, interruptedStatus } from "./exit_status.ts";
import { loadCase, type Loading } from "./loader.ts";
import { type AheadCase, LoadingAhead } from "./loading_ahead.ts";
import { hashPages, mergeFiles } from "./provenance.ts";
import type { RunRecord } from "./record.ts";
import type { CaseResults, Results } from "./results.ts";
import { isUnchanged } from "./resume.ts";
import type { RunOptions, RunOutcome } from "./runner.ts";

/** A case whose work was submitted, as far as it could be loaded. */
interface BegunCase extends AheadCase {
  readonly results?: CaseResults;
  readonly run?: CaseRun;
}

/** Cases whose work was submitted and read at once, or why not. */
interface Begun {
  readonly cases: readonly BegunCase[];
  readonly error?: unknown;
}

/** The cases of one run, one after another, and what is written of them. */
export class Run {
  readonly #start = performance.now();
  readonly #records: CaseRecord[] = [];
  readonly #errors: unknown[] = [];
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
    }
    return await this.#close(end);
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

  /** Each case is begun on the device before the host stages of those before are run: results are written behind. */
  async #runCases(done: ReadonlyMap<string, CaseRecord>): Promise<void> {
    const results = new Map(done);
    const tell = (record: CaseRecord, start: number) => {
      results.set(record.id, record);
      const { id, status, error, warnings } = record;
      this.onEvent({ type: "case", id, status, error, warnings, seconds: seconds(start), through: results.size });
    };
    const waiting = this.refs.filter((ref) => !done.has(ref.id));
    // A run that is to stop at the first failure does not begin what comes behind it.
    const choice = { signal: this.shared.signal, isTogether: !this.options.failFast };
    await using ahead = new LoadingAhead(waiting, (ref) => this.#load(ref), choice);
    let behind: Promise<void> = Promise.resolve();
    await this.#prepare(ahead.begin());
    try {
      for (let cases = await ahead.take(); cases.length > 0; cases = await ahead.take()) {
        const start = performance.now();
        const begun = await this.#begin(cases, ahead, behind);
        if (this.#cause !== undefined) {
          await drop(begun);
          break;
        }
        behind = this.#endLater(begun, (record) => tell(record, start));
        // Somebody waits for the first result.
        if (results.size === done.size) await behind;
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
   * Cases from their load to their readback. As the device works, the host does what is left of those before (`behind`) and the
   * next are loaded. Where there was no memory for this case beside those before, it is begun again alone; so is each of
   * several, later, where one of them failed.
   */
  async #begin(cases: readonly AheadCase[], ahead: LoadingAhead, behind: Promise<void>): Promise<Begun> {
    let begun = await this.#submit(cases);
    const [{ ref, run }] = begun.cases;
    if (begun.error instanceof MemoryError && run !== undefined && cases.length === 1) {
      await behind;
      begun = await this.#submit([{ ref, loading: await this.#load(ref) }]);
    }
    const loading = ahead.begin();
    await behind;
    await loading;
    if (begun.error === undefined) begun = await this.#read(begun);
    if (begun.error === undefined || cases.length === 1 || this.shared.signal.aborted) return begun;
    await drop(begun);
    ahead.again(cases);
    return { cases: [] };
  }

  async #submit(cases: readonly AheadCase[]): Promise<Begun> {
    const begun = cases.map(({ ref, loading }): BegunCase => {
      if (!("loadedCase" in loading)) return { ref, loading };
      const results = this.results.openCase(ref.id);
      return { ref, loading, results, run: new CaseRun(this.shared, loading.loadedCase, results) };
    });
    try {
      for (const { loading } of begun) if ("error" in loading) throw loading.error;
      const runs = runsOf(begun);
      for (const run of runs) run.takeLoaded();
      for (const run of runs) run.prove();
      await submitWave(this.shared, runs, this.shared.waves[0]);
      return { cases: begun };
    } catch (error) {
      for (const run of runsOf(begun)) run[Symbol.dispose]();
      return { cases: begun, error };
    }
  }

  async #read({ cases }: Begun): Promise<Begun> {
    try {
      await readWave(this.shared, runsOf(cases), this.shared.waves[0]);
      return { cases };
    } catch (error) {
      return { cases, error };
    }
  }

  /** The host stages of cases and their folders, once the work of the next ones is submitted. */
  async #endLater({ cases, error: failure }: Begun, tell: (record: CaseRecord) => void): Promise<void> {
    // Stages that only submit work take turns of promises: a timer comes behind them.
    if (failure === undefined) await new Promise((resolve) => setTimeout(resolve, 0));
    for (const one of cases) {
      try {
        tell(await this.#end(one, failure));
      } catch (error) {
        this.#cause ??= error;
      }
    }
  }

  async #end({ ref, loading, results, run }: BegunCase, failure: unknown): Promise<CaseRecord> {
    const { inputs, warnings } = "loadedCase" in loading ? loading.loadedCase : loading;
    const record = () => ({
      id: ref.id,
      source: told(ref.source, ref),
      inputs: toldFiles(inputs, ref),
      warnings: warnings.map((line) => told(line, ref)),
    });
    try {
      if (failure !== undefined || run === undefined || results === undefined) throw failure;
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

  /** `run.json` names what was run before a case is done by it: so it does if the run is killed. */
  async #noteShaders(): Promise<void> {
    const { pages } = this.shared;
    if (pages.size === this.#pages) return;
    this.#pages = pages.size;
    const shaders = mergeFiles(this.#run.shaders, await hashPages(pages));
    this.#run = { ...this.#run, shaders };
    await this.results.writeRun(this.#run);
  }

  /** For as long as the first case is loaded makes ready what cases need. */
  async #prepare(loading: Promise<unknown>): Promise<void> {
    const loaded = new AbortController();
    const isLoaded = loading.finally(() => loaded.abort());
    const signal = AbortSignal.any([loaded.signal, this.shared.signal]);
    for (const { open } of this.shared.stages) {
      if (signal.aborted) break;
      // What fails here fails again for the first case that needs it.
      await open.prepare?.(signal).catch(() => {});
    }
    await isLoaded;
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

  async #close(
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

function runsOf(cases: readonly BegunCase[]): CaseRun[] {
  return cases.flatMap(({ run }) => run ?? []);
}

/** Leaves cases that will not be run to their end. */
async function drop({ cases }: Begun): Promise<void> {
  for (const { results, run } of cases) {
    run?.[Symbol.dispose]();
    await discard(results);
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
