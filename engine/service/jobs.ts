/** Jobs: a bounded queue in front of the device, their progress, and what is kept of them. */

import type { Pipeline, RunEvent } from "../pipeline/mod.ts";
import { DeviceError } from "../errors.ts";
import type { DeviceEnd, DeviceProcess } from "./device_process.ts";
import { type Problem, problemOf, problemOfStatus, RequestError } from "./problem.ts";

/** Where a job stands. */
export type JobState = "queued" | "running" | "done" | "failed" | "canceled";

/** How jobs are bounded. */
export interface JobLimits {
  /** Jobs that wait; one more is refused with 429. */
  readonly queued: number;
  /** Jobs whose results are kept; the one that ended first goes when there are more. */
  readonly kept: number;
  /** Seconds that a job may run. */
  readonly seconds: number;
}

/** Someone who follows a job. */
type Listener = (event: RunEvent | { readonly type: "state"; readonly state: JobState }) => void;

/** One job. */
export class Job {
  readonly id: string = crypto.randomUUID();
  readonly pipeline: Pipeline;
  /** The folder of its inputs and results. */
  readonly folder: string;
  readonly inputs: readonly string[];
  readonly createdAt: Date = new Date();
  readonly controller: AbortController = new AbortController();
  readonly ended: Promise<void>;
  /** All that it told, for those who ask later. */
  readonly events: RunEvent[] = [];
  state: JobState = "queued";
  problem: Problem | undefined;
  /** How often the device's process died under it. */
  retries = 0;
  readonly #listeners = new Set<Listener>();
  readonly #end = Promise.withResolvers<void>();

  constructor(pipeline: Pipeline, folder: string, inputs: readonly string[]) {
    this.pipeline = pipeline;
    this.folder = folder;
    this.inputs = inputs;
    this.ended = this.#end.promise;
  }

  /** The folder of its results. */
  get output(): string {
    return `${this.folder}/results`;
  }

  /** Whether nothing more happens to it. */
  get isOver(): boolean {
    return this.state === "done" || this.state === "failed" || this.state === "canceled";
  }

  /** Changes the state and tells it. */
  enter(state: JobState, problem?: Problem): void {
    this.state = state;
    this.problem = problem;
    for (const listener of this.#listeners) listener({ type: "state", state });
    if (this.isOver) this.#end.resolve();
  }

  /** Keeps an event and tells it. */
  tell(event: RunEvent): void {
    this.events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Tells `listener` of all that comes; the function given back ends it. */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

/** How many jobs ended how, and how long they took. */
export interface JobObserver {
  /** A job is over. */
  ended(state: JobState, seconds: number): void;
}

/** The jobs of a service: one runs at a time, as there is one device. */
export class Jobs {
  readonly limits: JobLimits;
  readonly #device: DeviceProcess;
  readonly #observer: JobObserver;
  readonly #jobs = new Map<string, Job>();
  readonly #queue: Job[] = [];
  #running: Job | undefined;
  #drained = false;

  constructor(device: DeviceProcess, limits: JobLimits, observer: JobObserver) {
    this.#device = device;
    this.limits = limits;
    this.#observer = observer;
  }

  /** Jobs that wait, and whether one runs. */
  get load(): { readonly queued: number; readonly running: number } {
    return { queued: this.#queue.length, running: this.#running === undefined ? 0 : 1 };
  }

  /** Throws a `RequestError` where no further job can be taken: 429 with a full queue, 503 while draining. */
  admit(): void {
    if (this.#drained) {
      throw new RequestError(503, "draining", "The service is about to end: ask another one", { "retry-after": "30" });
    }
    const { queued } = this.limits;
    if (this.#queue.length < queued) return;
    const detail = `${this.#queue.length} jobs wait, and ${queued} is the most: try again later`;
    throw new RequestError(429, "queue-full", detail, { "retry-after": "5" });
  }

  /** Takes a job. */
  add(job: Job): void {
    this.admit();
    this.#jobs.set(job.id, job);
    this.#queue.push(job);
    void this.#next();
  }

  /** A job by its id. Throws a `RequestError` with 404. */
  get(id: string): Job {
    const job = this.#jobs.get(id);
    if (job !== undefined) return job;
    throw new RequestError(404, "no-such-job", "There is no such job: it was never there, or its results are gone");
  }

  /** Cancels a job that is not over, and forgets one that is. */
  async remove(job: Job): Promise<void> {
    if (job.isOver) return await this.#forget(job);
    const at = this.#queue.indexOf(job);
    if (at >= 0) {
      this.#queue.splice(at, 1);
      job.enter("canceled");
      this.#observer.ended("canceled", 0);
      return;
    }
    job.controller.abort(new Error("The job was canceled"));
    await job.ended;
  }

  /** Takes no further job and waits for those that are there. */
  async drain(): Promise<void> {
    this.#drained = true;
    await Promise.all([...this.#jobs.values()].map(({ ended }) => ended));
  }

  async #next(): Promise<void> {
    if (this.#running !== undefined) return;
    const job = this.#queue.shift();
    if (job === undefined) return;
    this.#running = job;
    job.enter("running");
    const begin = performance.now();
    const { state, problem } = await this.#run(job);
    this.#running = undefined;
    job.enter(state, problem);
    this.#observer.ended(state, (performance.now() - begin) / 1000);
    void this.#next();
    const over = [...this.#jobs.values()].filter(({ isOver }) => isOver);
    for (const old of over.slice(0, Math.max(0, over.length - this.limits.kept))) await this.#forget(old);
  }

  /** Runs a job, and once more where the device's process died under it. */
  async #run(job: Job): Promise<{ state: JobState; problem?: Problem }> {
    for (;;) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        this.#device.kill();
      }, this.limits.seconds * 1000);
      try {
        const work = { job: job.id, pipeline: job.pipeline, inputs: job.inputs, output: job.output };
        return outcomeOf(await this.#device.run(work, (event) => job.tell(event), job.controller.signal), job);
      } catch (error) {
        if (job.controller.signal.aborted) return { state: "canceled" };
        if (late) {
          const detail = `The job ran longer than ${this.limits.seconds} seconds, which is the most`;
          return { state: "failed", problem: problemOf(new RequestError(504, "time-limit", detail)) };
        }
        if (!(error instanceof DeviceError) || job.retries > 0) return { state: "failed", problem: problemOf(error) };
        job.retries++;
        job.events.length = 0;
        await Deno.remove(job.output, { recursive: true }).catch(() => {});
      } finally {
        clearTimeout(timer);
      }
    }
  }

  async #forget(job: Job): Promise<void> {
    this.#jobs.delete(job.id);
    await Deno.remove(job.folder, { recursive: true }).catch(() => {});
  }
}

/** Some inputs that can't be processed are a result: the others are done. */
function outcomeOf({ status, message = "" }: DeviceEnd, job: Job): { state: JobState; problem?: Problem } {
  if (job.controller.signal.aborted) return { state: "canceled" };
  const cases = job.events.filter((event) => event.type === "case");
  if (status === 0 || status === 5 && cases.some((event) => event.status === "done")) return { state: "done" };
  const failed = cases.find((event) => event.status === "failed");
  return { state: "failed", problem: problemOfStatus(status, message || failed?.error?.message || "No case was done") };
}
