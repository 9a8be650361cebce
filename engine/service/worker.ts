/** A worker: draws jobs from a queue on NATS, one at a time, as it has one engine. */

import type { JsMsg } from "npm:@nats-io/jetstream@3.4.0";
import type { DeviceProgram } from "./device_messages.ts";
import { DeviceProcess } from "./device_process.ts";
import { type DicomwebServer, DicomwebServers } from "./dicomweb.ts";
import { execute, type Outcome } from "./execution.ts";
import {
  type JobRecord,
  NatsStore,
  type QueuedJob,
  type QueueOptions,
  type StoredFile,
  workOf,
  type WorkResult,
} from "./nats_store.ts";
import { isOver } from "./order.ts";
import { placeOf, problemOf, RequestError } from "./problem.ts";
import { resultPaths } from "./results.ts";

/** How a worker is set up. */
export interface WorkerOptions extends DeviceProgram, QueueOptions {
  /** Where the queue is, such as `nats://localhost:4222`. */
  readonly queue: string;
  /** Deliveries after which a job is a dead letter. Default 3. */
  readonly maxDeliver?: number;
  /** Seconds that a job may run. Default 600. */
  readonly seconds?: number;
  /** DICOMweb servers by their names. */
  readonly dicomweb?: Readonly<Record<string, DicomwebServer>>;
  /** The folder of the job at work; a temporary one where none is named. */
  readonly folder?: string;
  /** Most bytes of a study that is fetched. Default 4 GiB. */
  readonly maxStudyBytes?: number;
}

/** A worker at work. */
export interface Worker extends AsyncDisposable {
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>;
  /** Draws no further job; the one at work is finished. */
  stop(): void;
}

/** Milliseconds that a worker waits for a job before it asks again. */
const patience = 2000;

/** Starts a worker. */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { seconds = 600, maxDeliver = 3, dicomweb = {}, maxStudyBytes = 4 * 2 ** 30 } = options;
  const folder = await Deno.realPath(options.folder ?? await Deno.makeTempDir({ prefix: "isocenter-" }));
  const device = new DeviceProcess(options, folder);
  const servers = new DicomwebServers(dicomweb, maxStudyBytes);
  const store = await NatsStore.open(options.queue, options);
  const loop = new Loop(store, { device, servers, seconds }, folder, maxDeliver);
  const stopped = device.ready.then(() => loop.run());
  return {
    stopped,
    stop: () => loop.stop(),
    async [Symbol.asyncDispose]() {
      loop.stop();
      await stopped.catch(() => {});
      await store[Symbol.asyncDispose]();
      await device.close();
      if (options.folder === undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}

class Loop {
  #stopping = false;

  constructor(
    readonly store: NatsStore,
    readonly means: Parameters<typeof execute>[0],
    readonly folder: string,
    readonly maxDeliver: number,
  ) {}

  stop(): void {
    this.#stopping = true;
  }

  /** Handles jobs until it is stopped. What the queue's server fails in is tried again: a job is redelivered. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      try {
        const message = await (await this.store.consumer()).next({ expires: patience });
        if (message !== null) await this.#handle(message);
      } catch (error) {
        console.error(placeOf(error));
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  async #handle(message: JsMsg): Promise<void> {
    const job = message.json<QueuedJob>();
    const { deliveryCount } = message.info;
    const isWanted = await this.store.admit(job);
    const known = await this.store.record(job.id);
    // It was removed, canceled, or done by somebody whose acknowledgment was lost.
    if (!isWanted || known === undefined || isOver(known.record.state)) return void await message.ackAck();
    if (deliveryCount > this.maxDeliver) return await this.#bury(job, message);
    const canceled = new AbortController();
    const beat = setInterval(() => void this.#beat(job, message, canceled), this.store.ackWait / 3);
    try {
      await this.#note(job, { state: "running", retries: deliveryCount - 1 });
      const outcome = await this.#work(job, canceled.signal);
      if (outcome.problem?.type === "/problems/device" && deliveryCount < this.maxDeliver) return message.nak(1000);
      await this.#note(job, outcome);
      await message.ackAck();
    } finally {
      clearInterval(beat);
      await Deno.remove(`${this.folder}/${workOf(job)}`, { recursive: true }).catch(() => {});
    }
  }

  /** Says that the job is at work, and looks whether it still is wanted. */
  async #beat(job: QueuedJob, message: JsMsg, canceled: AbortController): Promise<void> {
    try {
      message.working();
      const now = await this.store.record(job.id);
      if (now === undefined || now.record.state === "canceled") canceled.abort(new Error("The job was canceled"));
    } catch {
      // The server is away: the next beat may reach it.
    }
  }

  /** Changes how a job stands that is not over. */
  async #note(job: QueuedJob, change: Partial<JobRecord>): Promise<void> {
    await patiently(() =>
      this.store.update(job.id, (record) => isOver(record.state) ? undefined : { ...record, ...change })
    );
  }

  /** A job's outcome: its results are stored, and have gone to the server that gets them. */
  async #work(job: QueuedJob, signal: AbortSignal): Promise<Outcome & { cases?: { all: number; through: number } }> {
    const { task } = job;
    const name = workOf(job);
    const folder = `${this.folder}/${name}`;
    const known = await patiently(() => this.store.work(name));
    const done = known ?? await this.#compute(job, folder, signal);
    if (!("files" in done)) return done;
    const result = known ?? await patiently(() => this.store.finishWork(name, done));
    const cases = { all: countOf(result), through: countOf(result) };
    if (task.store === undefined) return { state: "done", cases };
    try {
      // What goes out is what was stored: a second delivery sends the same objects.
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      await patiently(() => this.store.getFolder(result.files, `${folder}/results`));
      await this.means.servers.storeResults(task.store, `${folder}/results`, signal);
      return { state: "done", cases };
    } catch (error) {
      if (signal.aborted) return { state: "canceled" };
      if (error instanceof RequestError) return { state: "failed", problem: problemOf(error), cases };
      throw error;
    }
  }

  async #compute(job: QueuedJob, folder: string, signal: AbortSignal): Promise<Outcome | WorkResult> {
    const { id, task: { store: _, ...task } } = job;
    const { store } = this;
    await Deno.remove(folder, { recursive: true }).catch(() => {});
    const list = await patiently(() => store.bytes(job.files));
    const files: StoredFile[] = JSON.parse(new TextDecoder().decode(list));
    await patiently(() => store.getFolder(files, folder));
    const onEvent = (event: { readonly type: string }) => {
      store.connection.publish(store.eventsOf(id), JSON.stringify(event));
    };
    const outcome = await execute(this.means, { id, task, folder, signal, onEvent });
    if (outcome.state !== "done") return outcome;
    const results = await resultPaths(folder);
    const stored = await patiently(() => store.putFolder(`${folder}/results`));
    return { files: stored.filter(({ path }) => results.includes(path)), results };
  }

  /** A job that has cost workers their lives is put aside, where it can be looked at and sent again. */
  async #bury(job: QueuedJob, message: JsMsg): Promise<void> {
    await this.store.dead.put(job.id, JSON.stringify(job));
    const detail = `${this.maxDeliver} workers died or fell silent under it: it waits among the dead letters`;
    const problem = problemOf(new RequestError(500, "dead-letter", detail));
    await this.#note(job, { state: "failed", problem });
    await message.ackAck();
  }
}

/** How often the queue's server is asked that is away, once in half a second: what was computed is not given up at once. */
const attempts = 120;

/** Does what may fail as the queue's server is away, until it is back. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/** Cases of a result. */
function countOf({ results }: WorkResult): number {
  return results.filter((path) => /^cases\/[^/]+\/case\.json$/.test(path)).length;
}
