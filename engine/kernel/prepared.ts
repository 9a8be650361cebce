import type { Holding, Outcome } from "../memory/holding.ts";
import { type Need, type Storage, storageBytes } from "../memory/pool.ts";
import type { PreparedWork } from "./backend.ts";
import type { Encoded, Executor, Piece } from "./executor.ts";
import type { Verdict } from "./outcome.ts";
import { nameOf, type Schedule } from "./schedule.ts";
import type { StagingPlan } from "./staging.ts";

/** What a run is given in the place of each of its inputs; nothing for an input without elements. */
export type Inputs = readonly (Holding | undefined)[];

/** Bytes that holdings take of the budget. */
export const bytesOf = (holdings: readonly Holding[]): number =>
  holdings.reduce((sum, { need }) => sum + storageBytes(need), 0);

/** What the device says of the pipelines of pieces. */
export function verdictsOf(pieces: readonly Piece[]): Verdict[] {
  return [...new Set(pieces.flatMap((piece) => piece.kind === "copy" ? [] : [piece.compiled.verdict]))];
}

/**
 * A schedule with what it has on the device: its tables and uniforms, once it was run. A `lasting` one keeps its uniforms
 * and bind groups for the next run. It holds the tensors that it reads.
 */
export class Prepared implements PreparedWork {
  readonly schedule: Schedule;
  /** What its steps store through, where the budget has room for it; without it they store into textures at once. */
  readonly staging: StagingPlan | undefined;
  /** Most bytes that a run needs for itself, the tables included. */
  readonly bytes: number;
  /** What it is, for errors. */
  readonly what: string;
  /** Bytes of the tensors that it reads besides its inputs. */
  readonly readBytes: number;
  readonly #lasting: boolean;
  readonly #executor: Executor;
  readonly #table: (need: Need, words: Uint32Array<ArrayBuffer>) => Holding;
  #tables: readonly Holding[] | undefined;
  #encoded: Encoded | undefined;
  #verdicts: readonly Verdict[] = [];
  /** How many need it: who prepared it, and the runs under way. */
  #users = 0;

  /** `table` uploads a table of the host. */
  constructor(
    schedule: Schedule,
    lasting: boolean,
    executor: Executor,
    table: (need: Need, words: Uint32Array<ArrayBuffer>) => Holding,
  ) {
    this.schedule = schedule;
    this.staging = executor.staging(schedule);
    this.bytes = schedule.bytes + (this.staging ? storageBytes(this.staging.need) : 0);
    this.what = nameOf(schedule);
    this.readBytes = bytesOf(schedule.tensors);
    this.#lasting = lasting;
    this.#executor = executor;
    this.#table = table;
  }

  /** What the device says of its pipelines, until it has said that they are right. */
  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  /** What the next run takes for itself. */
  needs(): readonly Need[] {
    return this.#tables ? this.schedule.slots : [...this.schedule.slots, ...this.tableNeeds()];
  }

  /** What its tables take that are not yet there. */
  tableNeeds(): readonly Need[] {
    return this.#tables ? [] : this.schedule.tables.map(({ need }) => need);
  }

  /** One more needs it. */
  hold(): this {
    if (this.#users++ === 0) this.schedule.tensors.forEach((tensor) => tensor.hold());
    return this;
  }

  /** One needs it less: after the last its tables and uniforms are given back, and the tensors let go. */
  release(): void {
    if (--this.#users > 0) return;
    this.#tables?.forEach((table) => table.release());
    this.schedule.tensors.forEach((tensor) => tensor.release());
    if (this.#lasting) this.#encoded?.uniforms.destroy();
    this.#tables = undefined;
    this.#encoded = undefined;
  }

  /** Uploads its tables, the first time. */
  uploadTables(): void {
    if (this.#tables !== undefined) return;
    const tables: Holding[] = [];
    try {
      for (const { need, words } of this.schedule.tables) tables.push(this.#table(need, words));
    } catch (error) {
      tables.forEach((table) => table.release());
      throw error;
    }
    this.#tables = tables;
  }

  /** Whether what it encodes is kept from before. */
  get isEncoded(): boolean {
    return this.#encoded !== undefined;
  }

  /** Compiles its pipelines and packs its params, the first time. */
  encode(staging: StagingPlan | undefined): Encoded {
    // What is kept stores as planned; a run without room for that is encoded for itself.
    const isAsPlanned = staging === this.staging;
    if (isAsPlanned && this.#encoded !== undefined) return this.#encoded;
    const lasting = this.#lasting && isAsPlanned;
    const { schedule } = this;
    const pieces = schedule.steps.flatMap((step) => [...this.#executor.pieces(step, schedule, staging)]);
    const verdicts = verdictsOf(pieces);
    this.#verdicts = verdicts;
    void Promise.all(verdicts).then((errors) => {
      if (errors.every((error) => error === undefined)) this.#verdicts = [];
    });
    const encoded = this.#executor.encode(pieces, lasting);
    if (lasting) this.#encoded = encoded;
    return encoded;
  }

  /** The storages at the places of its schedule. */
  bind(inputs: Inputs, slots: readonly Storage[]): (Storage | undefined)[] {
    return [...this.#read(inputs).map((holding) => holding?.storage), ...slots];
  }

  /** What became of the runs that fill what a run reads. */
  sources(inputs: Inputs): (Outcome | undefined)[] {
    return this.#read(inputs).map((holding) => holding?.outcome);
  }

  #read(inputs: Inputs): Inputs {
    return [...inputs, ...this.schedule.tensors, ...this.#tables ?? []];
  }
}
