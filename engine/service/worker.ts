/** A worker: draws jobs from a queue on NATS, some at a time, for the one engine that it has. */

import { OpenAPIHono } from "npm:@hono/zod-openapi@1.6.3";
import type { JsMsg } from "npm:@nats-io/jetstream@3.4.0";
import type { DeviceProgram } from "./device_messages.ts";
import { DeviceProcess } from "./device_process.ts";
import { type DicomwebServer, DicomwebServers } from "./dicomweb.ts";
import { execute, type Outcome } from "./execution.ts";
import { Metrics } from "./metrics.ts";
import {
  type FoundRecord,
  type JobRecord,
  NatsStore,
  type QueuedJob,
  type QueueOptions,
  type StoredFile,
  workOf,
  type WorkResult,
} from "./nats_store.ts";
import { isOver } from "./order.ts";
import { Places } from "./places.ts";
import { placeOf, problemOf, problemResponse, RequestError } from "./problem.ts";
import { resultPaths } from "./results.ts";
import { addSystemRoutes } from "./system_routes.ts";

/** How a worker is set up. */
export interface WorkerOptions extends DeviceProgram, QueueOptions {
  /** Where the queue is, such as `nats://localhost:4222`. */
  readonly queue: string;
  /** Deliveries after which a job is a dead letter. Default 3. */
  readonly maxDeliver?: number;
  /**
   * Jobs that are at work at once: while one waits for the device's answer the others go on. Default 4; a job that has failed with
   * a device or a worker is alone, so that it takes no others with it again.
   */
  readonly atOnce?: number;
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
  /** Answers `/healthz`, `/readyz` and `/metrics`, as a service does. */
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Resolves when it has stopped. */
  readonly stopped: Promise<void>;
  /** Draws no further job; the one at work is finished. */
  stop(): void;
}

/** How a job ended, and how many cases it had where they are known. */
type CountedOutcome = Outcome & { readonly cases?: JobRecord["cases"] };

/** Milliseconds that a worker waits for a job before it asks again. */
const patience = 2000;

/** The same for its other places; NATS takes no less. */
const least = 1000;

/** Milliseconds after which a worker that is at work looks whether jobs wait. */
const pause = 50;

/** Starts a worker. */
export async function openWorker(options: WorkerOptions): Promise<Worker> {
  const { atOnce = 4, seconds = 600, maxDeliver = 3, dicomweb = {}, maxStudyBytes = 4 * 2 ** 30 } = options;
  const folder = await Deno.realPath(options.folder ?? await Deno.makeTempDir({ prefix: "isocenter-" }));
  const device = new DeviceProcess(options, folder);
  const servers = new DicomwebServers(dicomweb, maxStudyBytes);
  const store = await NatsStore.open(options.queue, options);
  const metrics = new Metrics();
  metrics.watch(store, device);
  const app = new OpenAPIHono();
  app.onError((error) => problemResponse(error));
  addSystemRoutes(app, { device, metrics, jobs: store });
  const loop = new Loop(store, { device, servers, seconds }, folder, { maxDeliver, atOnce }, metrics);
  const stopped = device.warm.then(() => loop.run());
  return {
    fetch: (request) => app.fetch(request),
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
  readonly #maxDeliver: number;
  readonly #places: Places;
  /** Works that are done now, by their names: the same work is done once. */
  readonly #atWork = new Map<string, Promise<void>>();
  #stopping = false;

  constructor(
    readonly store: NatsStore,
    readonly means: Parameters<typeof execute>[0],
    readonly folder: string,
    { maxDeliver, atOnce }: { readonly maxDeliver: number; readonly atOnce: number },
    readonly metrics: Metrics,
  ) {
    this.#maxDeliver = maxDeliver;
    this.#places = new Places(atOnce);
  }

  stop(): void {
    this.#stopping = true;
  }

  /** Handles jobs until it is stopped. What the queue's server fails in is tried again: a job is redelivered. */
  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#places.all }, (_, place) => this.#draw(place === 0)));
  }

  /** All places but the first only take jobs that no other worker is free for. */
  async #draw(isFirst: boolean): Promise<void> {
    while (!this.#stopping) {
      try {
        if (!isFirst && (this.#atWork.size === 0 || (await this.store.load()).queued === 0)) {
          await new Promise((resolve) => setTimeout(resolve, pause));
          continue;
        }
        const message = await this.store.next(isFirst ? patience : least);
        if (message !== null) await this.#handle(message);
      } catch (error) {
        console.error(placeOf(error));
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  async #handle(message: JsMsg): Promise<void> {
    const job = message.json<QueuedJob>();
    const canceled = new AbortController();
    const beat = setInterval(() => void this.#beat(job, message, canceled), this.store.ackWait / 3);
    const name = workOf(job);
    while (this.#atWork.has(name)) await this.#atWork.get(name);
    const over = Promise.withResolvers<void>();
    this.#atWork.set(name, over.promise);
    try {
      const count = message.info.deliveryCount > 1 ? this.#places.all : 1;
      await this.#places.hold(count, () => this.#answer(job, message, canceled.signal));
    } finally {
      clearInterval(beat);
      await Deno.remove(`${this.folder}/${name}`, { recursive: true }).catch(() => {});
      this.#atWork.delete(name);
      over.resolve();
    }
  }

  async #answer(job: QueuedJob, message: JsMsg, signal: AbortSignal): Promise<void> {
    const { deliveryCount } = message.info;
    const [drawn, known] = await Promise.all([this.store.drawn(job), this.store.workFor(job)]);
    // It was removed, canceled, or done by somebody whose acknowledgment was lost.
    if (drawn === undefined || isOver(drawn.record.state)) return void await message.ackAck();
    if (deliveryCount > this.#maxDeliver) return await this.#bury(job, message);
    const retries = deliveryCount - 1;
    if (retries > 0) this.metrics.begunAgain();
    const begin = performance.now();
    // What costs nothing isn't said to begin.
    const isAtOnce = known !== undefined && job.task.store === undefined;
    const running = isAtOnce ? drawn : await this.#note(job, { state: "running", retries }, drawn);
    const outcome = await this.#work(job, known, signal);
    if (outcome.problem?.type === "/problems/device" && deliveryCount < this.#maxDeliver) return message.nak(1000);
    await this.#note(job, { ...outcome, retries }, running);
    await message.ackAck();
    this.metrics.ended(outcome.state, (performance.now() - begin) / 1000);
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
  #note(job: QueuedJob, change: Partial<JobRecord>, seen?: FoundRecord): Promise<FoundRecord | undefined> {
    const changed = (record: JobRecord) => isOver(record.state) ? undefined : { ...record, ...change };
    return patiently(() => this.store.update(job.id, changed, seen));
  }

  /** A job's outcome: its results are stored, and have gone to the server that gets them. */
  async #work(job: QueuedJob, known: WorkResult | undefined, signal: AbortSignal): Promise<CountedOutcome> {
    const { task } = job;
    const name = workOf(job);
    const folder = `${this.folder}/${name}`;
    const done = known ?? await this.#compute(job, folder, signal);
    if (!("files" in done)) return done;
    const result = known ?? await patiently(() => this.store.finishWork(name, done));
    const outcome = doneBy(result);
    if (task.store === undefined) return outcome;
    try {
      // What goes out is what was stored: a second delivery sends the same objects.
      await Deno.remove(folder, { recursive: true }).catch(() => {});
      await patiently(() => this.store.getFolder(result.files, `${folder}/results`));
      await this.means.servers.storeResults(task.store, `${folder}/results`, signal);
      return outcome;
    } catch (error) {
      if (signal.aborted) return { state: "canceled" };
      if (error instanceof RequestError) return { state: "failed", problem: problemOf(error), cases: outcome.cases };
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
    const detail = `${this.#maxDeliver} workers died or fell silent under it: it waits among the dead letters`;
    const problem = problemOf(new RequestError(500, "dead-letter", detail));
    await this.#note(job, { state: "failed", problem });
    await message.ackAck();
    this.metrics.ended("failed", 0);
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

/** The outcome of a job whose work is done. */
function doneBy({ results }: WorkResult): CountedOutcome {
  const count = results.filter((path) => /^cases\/[^/]+\/case\.json$/.test(path)).length;
  return { state: "done", cases: { all: count, through: count } };
}
