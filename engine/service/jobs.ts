/** Jobs of this process: a bounded queue in front of the device, their progress, and what is kept of them. */

import type { RunEvent } from "../pipeline/mod.ts";
import { execute, type Means } from "./execution.ts";
import {
  isOver,
  type JobEvent,
  type JobQueue,
  type JobState,
  type JobStatus,
  type Load,
  type Order,
  type Task,
} from "./order.ts";
import { type Problem, RequestError } from "./problem.ts";
import { openResult, resultPaths } from "./results.ts";

/** Limits on jobs. */
export interface JobLimits {
  /** Jobs that may wait; further ones are refused with 429. */
  readonly queued: number;
  /** Jobs whose results are kept; when there are more, the one that ended first is removed. */
  readonly kept: number;
  /** Seconds that a job may run. */
  readonly seconds: number;
}

/** How many jobs ended how, and how long they took. */
export interface JobObserver {
  /** A job is begun again as the device's process died under it. */
  begunAgain(): void;
  /** A job is over. */
  ended(state: JobState, seconds: number): void;
}

/** Idempotency keys that are remembered. */
const keptKeys = 10_000;

/** One job. */
class Job {
  readonly id: string = crypto.randomUUID();
  readonly task: Task;
  /** The folder of its inputs and results. */
  readonly folder: string;
  readonly createdAt: Date = new Date();
  readonly controller: AbortController = new AbortController();
  readonly ended: Promise<void>;
  /** All that it told, for those who ask later. */
  readonly events: RunEvent[] = [];
  state: JobState = "queued";
  problem: Problem | undefined;
  retries = 0;
  readonly listeners = new Set<(event: JobEvent) => void>();
  readonly #end = Promise.withResolvers<void>();

  constructor({ task, folder }: Order) {
    this.task = task;
    this.folder = folder;
    this.ended = this.#end.promise;
  }

  get isOver(): boolean {
    return isOver(this.state);
  }

  enter(state: JobState, problem?: Problem): void {
    this.state = state;
    this.problem = problem;
    this.#tell({ type: "state", state });
    if (this.isOver) this.#end.resolve();
  }

  tell(event: RunEvent | { readonly type: "restart" }): void {
    if (event.type === "restart") {
      this.retries++;
      this.events.length = 0;
      return;
    }
    this.events.push(event);
    this.#tell(event);
  }

  #tell(event: JobEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** The jobs of one process: one runs at a time, as there is one device. */
export class Jobs implements JobQueue {
  readonly limits: JobLimits;
  readonly #means: Means;
  readonly #observer: JobObserver;
  readonly #jobs = new Map<string, Job>();
  readonly #keys = new Map<string, { readonly hash: string; readonly job: Job }>();
  readonly #queue: Job[] = [];
  #running: Job | undefined;
  #drained = false;

  constructor(means: Omit<Means, "seconds">, limits: JobLimits, observer: JobObserver) {
    this.#means = { ...means, seconds: limits.seconds };
    this.limits = limits;
    this.#observer = observer;
  }

  load(): Promise<Load> {
    return Promise.resolve({ queued: this.#queue.length, running: this.#running === undefined ? 0 : 1 });
  }

  admit(): void {
    if (this.#drained) {
      throw new RequestError(503, "draining", "The service is shutting down: ask another one", { "retry-after": "30" });
    }
    const { queued } = this.limits;
    if (this.#queue.length < queued) return;
    const detail = `${this.#queue.length} jobs wait, and ${queued} is the most: try again later`;
    throw new RequestError(429, "queue-full", detail, { "retry-after": "5" });
  }

  async add(order: Order): Promise<JobStatus> {
    const { key, hash, folder } = order;
    const known = key === undefined ? undefined : this.#keys.get(key);
    if (known !== undefined) {
      await Deno.remove(folder, { recursive: true });
      if (known.hash === hash) return await statusOf(known.job);
      throw new RequestError(422, "idempotency-key", "The idempotency key was used for other content: use a new one");
    }
    this.admit();
    const job = new Job(order);
    this.#jobs.set(job.id, job);
    this.#queue.push(job);
    if (key !== undefined) {
      this.#keys.set(key, { hash, job });
      if (this.#keys.size > keptKeys) this.#keys.delete(this.#keys.keys().next().value!);
    }
    void this.#next();
    return await statusOf(job);
  }

  async get(id: string): Promise<JobStatus> {
    return await statusOf(this.#find(id));
  }

  async remove(id: string): Promise<void> {
    const job = this.#find(id);
    if (job.isOver) return await this.#forget(job);
    const at = this.#queue.indexOf(job);
    if (at >= 0) {
      this.#queue.splice(at, 1);
      this.#end(job, { state: "canceled" }, 0);
      return;
    }
    job.controller.abort(new Error("The job was canceled"));
    await job.ended;
  }

  async follow(id: string, listener: (event: JobEvent) => void, signal: AbortSignal): Promise<void> {
    const job = this.#find(id);
    for (const event of [{ type: "state" as const, state: job.state }, ...job.events]) listener(event);
    job.listeners.add(listener);
    const left = Promise.withResolvers<void>();
    const leave = () => left.resolve();
    signal.addEventListener("abort", leave);
    if (!signal.aborted) await Promise.race([job.ended, left.promise]);
    signal.removeEventListener("abort", leave);
    job.listeners.delete(listener);
  }

  async open(id: string, path: string): Promise<ReadableStream<Uint8Array>> {
    const job = this.#find(id);
    const paths = job.state === "canceled" || !job.isOver ? [] : await resultPaths(job.folder);
    return await openResult(job.folder, paths, path);
  }

  async drain(): Promise<void> {
    this.#drained = true;
    await Promise.all([...this.#jobs.values()].map(({ ended }) => ended));
  }

  #find(id: string): Job {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new RequestError(
      404,
      "no-such-job",
      "There is no such job: it never existed, or its results have been removed",
    );
  }

  async #next(): Promise<void> {
    if (this.#running !== undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running = job;
    job.enter("running");
    const begin = performance.now();
    const { id, task, folder, controller: { signal } } = job;
    const onEvent = (event: RunEvent | { readonly type: "restart" }) => {
      if (event.type === "restart") this.#observer.begunAgain();
      job.tell(event);
    };
    const outcome = await execute(this.#means, { id, task, folder, signal, onEvent });
    this.#running = undefined;
    this.#end(job, outcome, (performance.now() - begin) / 1000);
    void this.#next();
    const over = [...this.#jobs.values()].filter(({ isOver }) => isOver);
    for (const old of over.slice(0, Math.max(0, over.length - this.limits.kept))) await this.#forget(old);
  }

  #end(job: Job, { state, problem }: { state: JobState; problem?: Problem }, seconds: number): void {
    job.enter(state, problem);
    this.#observer.ended(state, seconds);
  }

  async #forget(job: Job): Promise<void> {
    this.#jobs.delete(job.id);
    await Deno.remove(job.folder, { recursive: true }).catch(() => {});
  }
}

async function statusOf(job: Job): Promise<JobStatus> {
  const start = job.events.find((event) => event.type === "start");
  return {
    id: job.id,
    state: job.state,
    createdAt: job.createdAt.toISOString(),
    cases: { all: start?.cases ?? 0, through: job.events.filter((event) => event.type === "case").length },
    ...job.problem && { problem: job.problem },
    retries: job.retries,
    results: job.isOver && job.state !== "canceled" ? await resultPaths(job.folder) : [],
  };
}
