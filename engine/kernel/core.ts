/** Runs schedules on one device: memory, pipelines, submits, and what the device says of each run. */

import type { Facts, Page } from "../../shaders/contract.ts";
import type { HostArray } from "../memory/elements.ts";
import { Holding, type Outcome } from "../memory/holding.ts";
import { type Need, Pool, type Storage, storageBytes } from "../memory/pool.ts";
import { writeStorage } from "../memory/transfer.ts";
import type { Backend, BackendStats, HostStay, PartsOptions, ReadTensor } from "./backend.ts";
import { Compiler } from "./compiler.ts";
import { DeviceClock } from "./device_clock.ts";
import { type DeviceLimits, type Encoded, Executor } from "./executor.ts";
import { LaterWork } from "./later_work.ts";
import { RunOutcome, scoped, type Verdict } from "./outcome.ts";
import { type Site, submitParts } from "./submit_parts.ts";
import { bytesOf, type Inputs, Prepared } from "./prepared.ts";
import { readBack } from "./read_back.ts";
import type { Schedule } from "./schedule.ts";
import type { StagingPlan } from "./staging.ts";
import { type Job, WaitingLine } from "./waiting_line.ts";

/** The share of the budget that uploads fill: beyond it tensors wait on the host, so that runs find room. */
const uploadShare = 0.5;

/** Milliseconds of compiling after which others have a turn. */
const compileTurnMs = 10;

/** How a core is set up. */
export interface CoreOptions {
  readonly memoryBudget: number;
  readonly memoryKept: number;
  readonly debug: boolean;
  readonly unroll: boolean;
  readonly stagedFrom?: number;
}

/** The device's side of an engine. */
export class Core implements Backend {
  readonly pool: Pool;
  readonly compiler: Compiler;
  readonly executor: Executor;
  readonly #device: GPUDevice;
  readonly #limits: DeviceLimits;
  readonly #debug: boolean;
  readonly #isGpu: boolean;
  readonly #site: Site;
  readonly #line: WaitingLine;
  readonly #later = new LaterWork();
  #failure: Error | undefined;

  constructor(device: GPUDevice, facts: Facts, limits: DeviceLimits, options: CoreOptions) {
    const { memoryBudget: budget, memoryKept: maxKeptBytes, debug } = options;
    this.#device = device;
    this.#limits = limits;
    this.#debug = debug;
    this.#isGpu = facts.adapter === "gpu";
    const poolOptions = { budget, maxKeptBytes, maxBufferBytes: limits.maxBufferBytes };
    this.pool = new Pool(device, poolOptions, () => this.#line.changed());
    this.#line = new WaitingLine(this.pool);
    this.compiler = new Compiler(device);
    this.executor = new Executor(device, this.compiler, limits, facts, options);
    const throwFailure = () => this.throwFailure();
    this.#site = { device, executor: this.executor, isGpu: this.#isGpu, throwFailure };
  }

  /** The pages that were compiled so far. */
  get pages(): readonly Page[] {
    return this.compiler.pages;
  }

  /** Makes everything from now on fail with `error`: the device is lost or closed. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#line.refuseAll(error);
    this.executor.endCodes();
  }

  /** Throws where the device is lost or closed. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * A storage with these words, once they leave the host (see {@linkcode HostStay}). Throws a `MemoryError` for what can never
   * be there.
   */
  upload(need: Need, words: Uint32Array<ArrayBuffer>, stay: HostStay = "short"): Holding {
    this.throwFailure();
    this.pool.refuse([need], "A tensor");
    const holding = this.#holding(need, (holding) => this.#write(holding, words), stay === "always");
    if (stay !== "short") return holding;
    const hasRoom = this.pool.bytes.lent + storageBytes(need) <= this.pool.budget * uploadShare;
    if (this.#line.isEmpty && hasRoom) holding.wake();
    return holding;
  }

  /** What a storage is needed for is done: see `Holding.rest`. */
  rest(holding: Holding): void {
    holding.rest();
  }

  /** Takes hold of what every run of a schedule reads. A `lasting` one keeps its uniforms and bind groups for the next. */
  prepare(schedule: Schedule, lasting: boolean): Prepared {
    this.throwFailure();
    const prepared = new Prepared(schedule, lasting, this.executor, (need, words) => this.#table(need, words));
    this.pool.refuse(prepared.needs(), prepared.what, prepared.readBytes);
    return prepared.hold();
  }

  /**
   * Compiles the pipelines of a lasting schedule, uploads its tables and packs its params. Other work of the thread has its
   * turn between pipelines.
   */
  async compile(prepared: Prepared, signal?: AbortSignal): Promise<void> {
    await this.#compilePages(prepared, signal);
    const needs = () => prepared.tableNeeds();
    await this.#turn({ what: prepared.what, reads: [], needs }, () => {
      prepared.uploadTables();
      prepared.encode(prepared.staging);
    }, signal);
    for (const verdict of prepared.verdicts) {
      const error = await verdict;
      if (error) throw error;
    }
    this.throwFailure();
  }

  /** Submits a schedule once, as soon as there is memory for it. Gives its results, which the caller holds. */
  run(prepared: Prepared, inputs: Inputs, timestamps?: GPUQuerySet): Holding[] {
    const { results, job } = this.#jobOf(prepared, inputs, timestamps);
    this.#later.beginAll();
    this.#line.add(job);
    return results;
  }

  /**
   * The same for a schedule without inputs, which begins between pipelines that are compiled, or before what comes next: the
   * device then works beside this thread.
   */
  runLater(prepared: Prepared): Holding[] {
    const { results, job } = this.#jobOf(prepared, []);
    this.#later.add(() => this.#line.add(job), job.refuse);
    return results;
  }

  /**
   * Submits a schedule in parts of about a quarter of a second each, and waits for the device after each of them.
   * Dispatches of slabs are cut between layers. Ends with the signal's reason where that is aborted, and with the error
   * of a part that is invalid.
   */
  async runInParts(prepared: Prepared, inputs: Inputs, options: PartsOptions): Promise<Holding[]> {
    options.signal?.throwIfAborted();
    const { schedule } = prepared;
    const { done, ...asked } = this.#claim(prepared, inputs);
    let slots: Storage[] = [];
    let verdict: Verdict = Promise.resolve(undefined);
    let staging: StagingPlan | undefined;
    try {
      await this.#turn(asked, () => {
        prepared.uploadTables();
        staging = this.#stagingNow(prepared);
        verdict = this.#watched(prepared.what, () => slots = this.#take(prepared, staging));
      }, options.signal);
      const outcome = new RunOutcome(prepared.sources(inputs), [verdict]);
      const bound = prepared.bind(inputs, slots);
      await this.#line.during(submitParts(this.#site, prepared, staging, bound, options));
      await outcome.settled;
      if (outcome.error) throw outcome.error;
      const results = schedule.results.map((slot) => this.#holding(schedule.slots[slot]));
      this.#handOut(schedule, slots, results, outcome);
      return results;
    } catch (error) {
      this.pool.giveAll(slots);
      throw error;
    } finally {
      done();
    }
  }

  /** Runs a schedule, gives its results back, and tells how many milliseconds the device was at it. */
  async time(prepared: Prepared): Promise<number> {
    const clock = new DeviceClock(this.#device, this.#isGpu);
    try {
      const results = this.run(prepared, [], clock.stamps);
      results.forEach((result) => result.release());
      const ms = await clock.read(this.executor.submittedAt);
      for (const result of results) {
        const error = await result.verdict();
        if (error) throw error;
      }
      this.throwFailure();
      return ms;
    } finally {
      clock.close();
    }
  }

  /** Resolves when the device has done all that was submitted. */
  async idle(): Promise<void> {
    this.throwFailure();
    this.#later.beginAll();
    await this.#device.queue.onSubmittedWorkDone();
    this.throwFailure();
  }

  /** What was done so far and what is held now. */
  stats(): BackendStats {
    return { bytes: this.pool.bytes, ...this.executor.counters, pipelines: this.compiler.count };
  }

  /** Frees the memory that is kept for reuse. */
  trim(): void {
    this.pool.trim();
  }

  /** Reads tensors back, and how many bytes were copied. Rejects where what filled one of them failed. */
  async read(tensors: readonly ReadTensor[], signal?: AbortSignal): Promise<{ arrays: HostArray[]; bytes: number }> {
    this.throwFailure();
    this.#later.beginAll();
    const holdings = tensors.map((tensor) => tensor.holding?.hold());
    const there = holdings.filter((holding) => holding !== undefined);
    try {
      if (there.some((holding) => holding.isAsleep)) {
        await this.#turn({ what: "A readback", reads: there, needs: () => [] }, () => {}, signal);
      }
      for (const holding of there) if (!holding.isDecided) await holding.whenDecided();
      for (const holding of there) if (holding.storage === undefined) throw holding.error;
      this.throwFailure();
      const parts = tensors.map(({ dtype, shape, layout }, index) => {
        return { dtype, shape, layout, storage: holdings[index]?.storage };
      });
      return await this.#line.during(readBack(this.#site, parts, there, this.#limits.maxBufferBytes));
    } finally {
      there.forEach((holding) => holding.release());
    }
  }

  async #compilePages({ schedule, staging }: Prepared, signal?: AbortSignal): Promise<void> {
    let since = performance.now();
    this.#later.next()?.();
    for (const compile of this.executor.pipelines(schedule.steps, staging, this.#later)) {
      this.throwFailure();
      signal?.throwIfAborted();
      compile();
      if (performance.now() - since < compileTurnMs) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
    await this.executor.codesMade();
  }

  /** Waits until there is memory for something, and begins with it. */
  #turn(asked: Pick<Job, "what" | "reads" | "needs">, start: () => void, signal?: AbortSignal): Promise<void> {
    this.#later.beginAll();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const begin = () => {
      start();
      resolve();
    };
    const job: Job = { ...asked, isWanted: () => !signal?.aborted, start: begin, refuse: reject };
    const end = () => {
      this.#line.remove(job);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", end, { once: true });
    try {
      this.#line.add(job);
    } catch (error) {
      reject(error);
    }
    return promise.finally(() => signal?.removeEventListener("abort", end));
  }

  /** A run, and the results that it will fill. */
  #jobOf(prepared: Prepared, inputs: Inputs, timestamps?: GPUQuerySet): { results: Holding[]; job: Job } {
    const { schedule } = prepared;
    const { done, ...asked } = this.#claim(prepared, inputs);
    const results = schedule.results.map((slot) => this.#holding(schedule.slots[slot]));
    const job: Job = {
      ...asked,
      isWanted: () => results.length === 0 || results.some((result) => result.isHeld),
      start: () => {
        try {
          this.#submit(prepared, inputs, results, timestamps);
        } finally {
          done();
        }
      },
      refuse: (error) => {
        results.forEach((result) => result.refuse(error));
        done();
      },
    };
    return { results, job };
  }

  /** Holds what a run needs until it is `done`, and says what it asks for. */
  #claim(prepared: Prepared, inputs: Inputs): Pick<Job, "what" | "reads" | "needs"> & { done: () => void } {
    this.throwFailure();
    const { schedule, what } = prepared;
    const given = inputs.filter((input) => input !== undefined);
    const others = prepared.readBytes + bytesOf([...new Set(given)]);
    if (schedule.bytes + others > this.pool.budget) this.pool.refuse(prepared.needs(), what, others);
    given.forEach((input) => input.hold());
    prepared.hold();
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      given.forEach((input) => input.release());
      prepared.release();
    };
    return { what, reads: [...given, ...schedule.tensors], needs: () => prepared.needs(), done };
  }

  #submit(prepared: Prepared, inputs: Inputs, results: readonly Holding[], timestamps?: GPUQuerySet): void {
    const { schedule } = prepared;
    prepared.uploadTables();
    if (!prepared.isEncoded) this.executor.compile(schedule.steps, prepared.staging);
    let slots: Storage[] = [];
    const verdicts: Verdict[] = [];
    try {
      const verdict = this.#watched(prepared.what, () => {
        const staging = this.#stagingNow(prepared);
        slots = this.#take(prepared, staging);
        const encoded = prepared.encode(staging);
        const bound = prepared.bind(inputs, slots);
        if (this.#debug) verdicts.push(...this.#submitSingly(encoded, bound));
        else this.executor.submit(encoded, bound, timestamps);
      });
      const sources = prepared.sources(inputs);
      this.#handOut(schedule, slots, results, new RunOutcome(sources, [...prepared.verdicts, ...verdicts, verdict]));
    } catch (error) {
      this.pool.giveAll(slots);
      throw error;
    }
  }

  #take({ schedule: { slots } }: Prepared, staging: StagingPlan | undefined): Storage[] {
    return this.pool.takeAll(staging === undefined ? slots : [...slots, staging.need]);
  }

  /** What a run's steps store through at this moment: nothing where only the slots fit the budget. */
  #stagingNow({ schedule, staging }: Prepared): StagingPlan | undefined {
    return staging !== undefined && this.pool.fits([...schedule.slots, staging.need]) ? staging : undefined;
  }

  /** Each dispatch by itself, so that an error names it. */
  #submitSingly({ pieces, uniforms }: Encoded, bound: readonly (Storage | undefined)[]): Verdict[] {
    return pieces.map((piece) => {
      const what = piece.kind === "copy" ? "A copy" : piece.step.label;
      return scoped(this.#device, what, () => this.executor.submit({ pieces: [piece], uniforms }, bound));
    });
  }

  /** What the device says of `work`; storages that are made in it and may not be there are not lent again. */
  #watched(what: string, work: () => void): Verdict {
    let created: readonly Storage[] = [];
    const verdict = scoped(this.#device, what, () => created = this.pool.watch(work));
    if (created.length > 0) void verdict.then((error) => error && this.pool.discard(created));
    return verdict;
  }

  #table(need: Need, words: Uint32Array<ArrayBuffer>): Holding {
    const table = this.#holding(need);
    this.#write(table, words);
    return table;
  }

  #write(holding: Holding, words: Uint32Array<ArrayBuffer>): void {
    let storage: Storage | undefined;
    const verdict = this.#watched("A tensor", () => {
      storage = this.pool.take(holding.need);
      writeStorage(this.#device, storage, holding.need, words);
    });
    holding.fill(storage!, new RunOutcome([], [verdict]));
  }

  /** Gives back what a run took for itself but its results. */
  #handOut(
    { results: kept }: Schedule,
    slots: readonly Storage[],
    results: readonly Holding[],
    outcome: Outcome,
  ): void {
    this.pool.giveAll(slots.filter((_, slot) => !kept.includes(slot)));
    results.forEach((result, index) => result.fill(slots[kept[index]], outcome));
  }

  #holding(need: Need, wake?: (holding: Holding) => void, keepsHost: boolean = false): Holding {
    const give = (storage: Storage) => keepsHost ? this.pool.end(storage) : this.pool.give(storage);
    return new Holding(need, ({ storage }) => storage && give(storage), wake, keepsHost);
  }
}
