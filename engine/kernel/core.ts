/** Runs schedules on one device: memory, pipelines, submits, and what the device says of each run. */

import type { Facts, Page } from "../../shaders/contract.ts";
import { DeviceError, MemoryError } from "../errors.ts";
import type { HostArray } from "../memory/elements.ts";
import { Holding, type Outcome } from "../memory/holding.ts";
import { mebibytes, type Need, Pool, type Storage } from "../memory/pool.ts";
import type { Tensor } from "../memory/tensor.ts";
import { type Readback, readTensors } from "../memory/transfer.ts";
import { Compiler } from "./compiler.ts";
import { type DeviceLimits, type Encoded, Executor, type Piece } from "./executor.ts";
import { RunOutcome, scoped, type Verdict } from "./outcome.ts";
import { groupsOf, partsOf } from "./parts.ts";
import type { Schedule } from "./schedule.ts";
import type { StagingPlan } from "./staging.ts";

/** Milliseconds that a part of a run should take: the wait after it costs 11. */
const partMs = 250;
/** Workgroups of the first part, before anything is known of their cost: a layer, where layers can be cut. */
const firstPart = 1;

/** How a run in parts is followed and ended. */
export interface PartsOptions {
  /** Told after each part which share of the work, from 0 to 1, is done. */
  readonly onProgress?: (share: number) => void;
  /** Ends the run after the part that the device is at; its result is lost. */
  readonly signal?: AbortSignal;
}

/** A schedule with what it has on the device: its tables, and its uniforms once it was run. */
export interface Prepared {
  readonly schedule: Schedule;
  /** What its steps store through, where the budget has room for it; without it they store into textures at once. */
  readonly staging: StagingPlan | undefined;
  readonly label: string;
  readonly tables: readonly Holding[];
  readonly lasting: boolean;
  encoded?: Encoded;
  /** What the device says of its pipelines, until it has said that they are right. */
  verdicts: readonly Verdict[];
  /** How many need it: who prepared it, and the runs under way. */
  users: number;
}

/** What a run is given in the place of each of its inputs; nothing for an input without elements. */
export type Inputs = readonly (Holding | undefined)[];

/** The device's side of an engine. */
export class Core {
  readonly pool: Pool;
  readonly compiler: Compiler;
  readonly executor: Executor;
  readonly #device: GPUDevice;
  readonly #limits: DeviceLimits;
  readonly #debug: boolean;
  #failure: Error | undefined;

  constructor(
    device: GPUDevice,
    facts: Facts,
    limits: DeviceLimits,
    options: { memoryBudget: number; debug: boolean; unroll: boolean; stagedFrom?: number },
  ) {
    this.#device = device;
    this.#limits = limits;
    this.#debug = options.debug;
    this.pool = new Pool(device, options.memoryBudget, limits.maxBufferBytes);
    this.compiler = new Compiler(device);
    this.executor = new Executor(device, this.compiler, limits, facts, options);
  }

  /** The pages that were compiled so far. */
  get pages(): readonly Page[] {
    return this.compiler.pages;
  }

  /** Makes everything from now on fail with `error`: the device is lost or closed. */
  fail(error: Error): void {
    this.#failure ??= error;
  }

  /** Throws where the device is lost or closed. */
  throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  /** A storage with what `write` writes into it. */
  upload(need: Need, write: (storage: Storage) => void): Holding {
    this.throwFailure();
    let storage: Storage | undefined;
    let created: readonly Storage[] = [];
    const verdict = scoped(this.#device, "A tensor", () => {
      created = this.pool.watch(() => {
        storage = this.pool.take(need);
        write(storage);
      });
    });
    const outcome = this.#outcome([], [verdict], [verdict], created);
    return this.#holding(storage!, outcome);
  }

  /** Uploads the tables of a schedule. A `lasting` one keeps its uniforms and bind groups for the next run. */
  prepare(schedule: Schedule, lasting: boolean): Prepared {
    this.throwFailure();
    this.#refuseTooLarge(schedule);
    const tables: Holding[] = [];
    try {
      for (const { need, words } of schedule.tables) {
        tables.push(this.upload(need, (storage) => {
          if (storage.kind === "buffer") this.#device.queue.writeBuffer(storage.buffer, 0, words);
        }));
      }
    } catch (error) {
      tables.forEach((table) => table.release());
      throw error;
    }
    schedule.tensors.forEach((holding) => holding.hold());
    const staging = this.executor.staging(schedule);
    return { schedule, staging, label: labelOf(schedule), tables, lasting, verdicts: [], users: 1 };
  }

  /** Compiles the pipelines and packs the params of a lasting schedule, which its first run would do else. */
  async compile(prepared: Prepared): Promise<void> {
    this.#encoded(prepared, this.#stagingNow(prepared));
    for (const verdict of prepared.verdicts) {
      const error = await verdict;
      if (error) throw error;
    }
    this.throwFailure();
  }

  /** One needs it less: after the last its tables and uniforms are given back, and the tensors let go. */
  release(prepared: Prepared): void {
    if (--prepared.users > 0) return;
    for (const table of prepared.tables) table.release();
    for (const tensor of prepared.schedule.tensors) tensor.release();
    if (prepared.lasting) prepared.encoded?.uniforms.destroy();
    prepared.encoded = undefined;
  }

  /** Submits a schedule once. Gives its results, which the caller holds. */
  run(prepared: Prepared, inputs: Inputs, timestamps?: GPUQuerySet): Holding[] {
    this.throwFailure();
    const { schedule } = prepared;
    let slots: Storage[] = [];
    let created: readonly Storage[] = [];
    const verdicts: Verdict[] = [];
    try {
      const verdict = scoped(this.#device, `The run that begins with ${prepared.label}`, () => {
        const staging = this.#stagingNow(prepared);
        created = this.pool.watch(() => slots = this.#take(schedule, staging));
        const encoded = this.#encoded(prepared, staging);
        const bound = this.#bound(prepared, inputs, slots);
        if (this.#debug) verdicts.push(...this.#submitSingly(encoded, bound));
        else this.executor.submit(encoded, bound, timestamps);
      });
      const outcome = this.#outcome(
        this.#sources(prepared, inputs),
        [...prepared.verdicts, ...verdicts, verdict],
        [verdict],
        created,
      );
      return this.#results(schedule, slots, outcome);
    } catch (error) {
      this.pool.giveAll(slots);
      throw error;
    }
  }

  /**
   * Submits a schedule in parts of about {@linkcode partMs} each, and waits for the device after each of them.
   * Dispatches of slabs are cut between layers. Ends with the signal's reason where that is aborted, and with the error
   * of a part that is invalid.
   */
  async runInParts(prepared: Prepared, inputs: Inputs, options: PartsOptions): Promise<Holding[]> {
    const { onProgress, signal } = options;
    signal?.throwIfAborted();
    this.throwFailure();
    const { schedule } = prepared;
    const what = `The run that begins with ${prepared.label}`;
    const sources = this.#sources(prepared, inputs);
    let slots: Storage[] = [];
    let created: readonly Storage[] = [];
    const staging = this.#stagingNow(prepared);
    const taken = scoped(this.#device, what, () => {
      created = this.pool.watch(() => slots = this.#take(schedule, staging));
    });
    const outcome = this.#outcome(sources, [taken], [taken], created);
    inputs.forEach((input) => input?.hold());
    prepared.users++;
    try {
      const bound = this.#bound(prepared, inputs, slots);
      const total = schedule.steps.reduce((sum, step) => sum + groupsOf(step), 0);
      let size = firstPart;
      let done = 0;
      const cut = (step: Parameters<typeof groupsOf>[0], most: () => number) =>
        this.executor.pieces(step, schedule, staging, most);
      for (const part of partsOf<Piece>(schedule.steps, () => size, cut)) {
        const start = performance.now();
        const verdict = scoped(this.#device, what, () => {
          this.executor.submit(this.executor.encode(part.pieces, false), bound);
        });
        await this.#device.queue.onSubmittedWorkDone();
        for (const each of [...verdictsOf(part.pieces), verdict]) {
          const error = await each;
          if (error) throw error;
        }
        signal?.throwIfAborted();
        this.throwFailure();
        done += part.groups;
        onProgress?.(Math.min(1, done / total));
        const factor = partMs / Math.max(1, performance.now() - start);
        size = Math.max(1, part.groups * Math.min(4, Math.max(0.25, factor)));
      }
      await outcome.settled;
      if (outcome.error) throw outcome.error;
      return this.#results(schedule, slots, outcome);
    } catch (error) {
      this.pool.giveAll(slots);
      throw error;
    } finally {
      inputs.forEach((input) => input?.release());
      this.release(prepared);
    }
  }

  /** Reads tensors back, and how many bytes were copied. Rejects where what filled one of them failed. */
  async read(tensors: readonly Tensor[]): Promise<{ arrays: HostArray[]; bytes: number }> {
    this.throwFailure();
    const outcomes = tensors.map((tensor) => tensor.holding?.outcome);
    let read: Readback | undefined;
    const verdict = scoped(this.#device, "A readback", () => {
      read = readTensors(this.#device, tensors, this.#limits.maxBufferBytes);
    });
    const { copied, decode, close } = read!;
    try {
      try {
        await copied;
      } catch (error) {
        this.throwFailure();
        throw await verdict ?? new DeviceError(`A readback failed: ${(error as Error).message}`, { cause: error });
      }
      for (const outcome of outcomes) {
        await outcome?.settled;
        if (outcome?.error) throw outcome.error;
      }
      const error = await verdict;
      this.throwFailure();
      if (error) throw error;
      return decode();
    } finally {
      close();
    }
  }

  #take({ slots }: Schedule, staging: StagingPlan | undefined): Storage[] {
    this.pool.reserve(slots, "The run");
    return this.pool.takeAll(staging === undefined ? slots : [...slots, staging.need]);
  }

  /** What a run's steps store through at this moment: nothing where only the slots fit the budget. */
  #stagingNow({ schedule, staging }: Prepared): StagingPlan | undefined {
    return staging !== undefined && this.pool.fits([...schedule.slots, staging.need]) ? staging : undefined;
  }

  #refuseTooLarge({ bytes, tables, slots, tensors }: Schedule): void {
    const read = tensors.reduce((sum, { storage }) => sum + storage.bytes, 0);
    this.pool.reserve([...slots, ...tables.map((table) => table.need)], "The run");
    if (bytes + read <= this.pool.budget) return;
    throw new MemoryError(
      `The run needs ${mebibytes(bytes)} of device memory and reads ${mebibytes(read)}, but the budget is ` +
        `${mebibytes(this.pool.budget)}: raise memoryBudget to ${mebibytes(bytes + read)}, or run smaller parts`,
    );
  }

  #encoded(prepared: Prepared, staging: StagingPlan | undefined): Encoded {
    // What is kept stores as planned; a run without room for that is encoded for itself.
    const isAsPlanned = staging === prepared.staging;
    if (isAsPlanned && prepared.encoded !== undefined) return prepared.encoded;
    const { schedule } = prepared;
    const lasting = prepared.lasting && isAsPlanned;
    const pieces = schedule.steps.flatMap((step) => [...this.executor.pieces(step, schedule, staging)]);
    const verdicts = verdictsOf(pieces);
    prepared.verdicts = verdicts;
    void Promise.all(verdicts).then((errors) => {
      if (errors.every((error) => error === undefined)) prepared.verdicts = [];
    });
    const encoded = this.executor.encode(pieces, lasting);
    if (lasting) prepared.encoded = encoded;
    return encoded;
  }

  #bound({ schedule, tables }: Prepared, inputs: Inputs, slots: readonly Storage[]): (Storage | undefined)[] {
    return [
      ...inputs.map((input) => input?.storage),
      ...schedule.tensors.map((tensor) => tensor.storage),
      ...tables.map((table) => table.storage),
      ...slots,
    ];
  }

  /** Each dispatch by itself, so that an error names it. */
  #submitSingly({ pieces, uniforms }: Encoded, bound: readonly (Storage | undefined)[]): Verdict[] {
    return pieces.map((piece) => {
      const what = piece.kind === "copy" ? "A copy" : piece.step.label;
      return scoped(this.#device, what, () => this.executor.submit({ pieces: [piece], uniforms }, bound));
    });
  }

  #sources({ schedule, tables }: Prepared, inputs: Inputs): (Outcome | undefined)[] {
    return [...inputs, ...schedule.tensors, ...tables].map((holding) => holding?.outcome);
  }

  /** Storages that were `created` under `made` and may not be there are not lent again. */
  #outcome(
    sources: Iterable<Outcome | undefined>,
    verdicts: Verdict[],
    made: Verdict[],
    created: readonly Storage[],
  ): RunOutcome {
    if (created.length > 0) {
      void Promise.all(made).then((errors) => {
        if (errors.some((error) => error !== undefined)) this.pool.discard(created);
      });
    }
    return new RunOutcome(sources, verdicts);
  }

  /** Gives back what a run took for itself but its results. */
  #results({ results }: Schedule, slots: readonly Storage[], outcome: Outcome): Holding[] {
    const kept = new Set(results);
    this.pool.giveAll(slots.filter((_, slot) => !kept.has(slot)));
    return results.map((slot) => this.#holding(slots[slot], outcome));
  }

  #holding(storage: Storage, outcome: Outcome): Holding {
    return new Holding(storage, (given) => this.pool.give(given), outcome);
  }
}

function verdictsOf(pieces: readonly Piece[]): Verdict[] {
  return [...new Set(pieces.flatMap((piece) => piece.kind === "copy" ? [] : [piece.compiled.verdict]))];
}

function labelOf({ steps }: Schedule): string {
  const first = steps.find((step) => step.kind === "dispatch");
  return first?.kind === "dispatch" ? first.label : "copies";
}
