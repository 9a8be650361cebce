/** Work that waits for memory: what doesn't fit the budget now goes on when what runs has given some back. */

import { MemoryError } from "../errors.ts";
import type { Holding } from "../memory/holding.ts";
import { mebibytes, type Need, type Pool, storageBytes } from "../memory/pool.ts";

/**
 * Milliseconds that work waits where nothing runs that would give memory back by itself: owners of tensors may be busy with
 * something else, such as sending a result.
 */
const patienceMs = 2000;

/** Work that takes memory. */
export interface Job {
  /** What it is, for the error. */
  readonly what: string;
  /** What it takes now. */
  needs(): readonly Need[];
  /** What it reads. */
  readonly reads: readonly Holding[];
  /** Whether anybody still wants what it gives. */
  isWanted(): boolean;
  /** Takes the memory and begins. */
  start(): void;
  /** It will never begin. */
  refuse(error: Error): void;
}

/** Lets jobs begin in the order in which they come, as far as there is memory for them. */
export class WaitingLine {
  readonly #pool: Pool;
  readonly #patienceMs: number;
  #jobs: Job[] = [];
  /** Readbacks and runs in parts under way: their owners give memory back when they are done. */
  #running = 0;
  #isNotified = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pool: Pool, options: { patienceMs?: number } = {}) {
    this.#pool = pool;
    this.#patienceMs = options.patienceMs ?? patienceMs;
  }

  /** Whether work waits. */
  get isEmpty(): boolean {
    return this.#jobs.length === 0;
  }

  /** Starts a job, at once where it can; what it throws then is thrown. */
  add(job: Job): void {
    if (this.isEmpty && this.#canStart(job)) return this.#begin(job);
    this.#jobs.push(job);
    this.changed();
  }

  /** Takes a job out that has not begun. */
  remove(job: Job): void {
    this.#jobs = this.#jobs.filter((each) => each !== job);
    this.changed();
  }

  /** Something runs until the promise settles. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work;
    } finally {
      this.#running--;
      this.changed();
    }
  }

  /** Memory was given back, or something has come that jobs wait for. */
  changed(): void {
    if (this.#isNotified || this.isEmpty) return;
    this.#isNotified = true;
    queueMicrotask(() => {
      this.#isNotified = false;
      this.#advance();
    });
  }

  /** Refuses all that waits. */
  refuseAll(error: Error): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    clearTimeout(this.#timer);
    for (const job of jobs) job.refuse(error);
  }

  #canStart(job: Job): boolean {
    return !job.isWanted() || job.reads.some((holding) => holding.error !== undefined) || this.#isReady(job);
  }

  #isReady(job: Job): boolean {
    return job.reads.every((holding) => holding.isDecided || holding.isAsleep) && this.#pool.fits(needsOf(job));
  }

  #advance(): void {
    clearTimeout(this.#timer);
    while (!this.isEmpty && this.#canStart(this.#jobs[0])) this.#goOn(this.#jobs[0]);
    if (this.isEmpty || this.#running > 0) return;
    // Nothing gives memory back by itself: whoever fits may go first, as the others may wait for its owner.
    const next = this.#jobs.find((job) => this.#canStart(job));
    if (next !== undefined) {
      this.#goOn(next);
      return this.#advance();
    }
    this.#timer = setTimeout(() => this.#giveUp(), this.#patienceMs);
  }

  /** Begins a job that has waited: nobody is there to catch what it throws. */
  #goOn(job: Job): void {
    this.#jobs = this.#jobs.filter((each) => each !== job);
    try {
      this.#begin(job);
    } catch (error) {
      job.refuse(error as Error);
    }
  }

  #begin(job: Job): void {
    if (!job.isWanted()) return job.refuse(new Error(`${job.what} is no longer wanted`));
    const error = job.reads.find((holding) => holding.error !== undefined)?.error;
    if (error !== undefined) return job.refuse(error);
    for (const holding of job.reads) holding.wake();
    job.start();
  }

  #giveUp(): void {
    if (this.isEmpty || this.#running > 0) return;
    const job = this.#jobs[0];
    const { lent } = this.#pool.bytes;
    const asked = needsOf(job).reduce((sum, need) => sum + storageBytes(need), 0);
    this.#jobs = this.#jobs.slice(1);
    job.refuse(
      new MemoryError(
        `${job.what} needs ${mebibytes(asked)} of device memory besides ${mebibytes(lent)} in use, but the budget is ${
          mebibytes(this.#pool.budget)
        } and nothing is running that would free any: dispose of tensors, or raise memoryBudget to ${
          mebibytes(lent + asked)
        }`,
      ),
    );
    this.#advance();
  }
}

/** What a job takes, with what it has to bring from the host first. */
const needsOf = (job: Job): readonly Need[] => [
  ...job.needs(),
  ...new Set(job.reads.filter((holding) => holding.isAsleep)).values().map(({ need }) => need),
];
