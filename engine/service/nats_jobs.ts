/** The jobs of a service that puts them into a queue on NATS: any service on it knows all of them. */

import { isOver, type JobEvent, type JobQueue, type JobStatus, type Load, type Order } from "./order.ts";
import {
  type JobRecord,
  NatsStore,
  newRecord,
  type QueuedJob,
  type QueueOptions,
  sha256Of,
  workOf,
} from "./nats_store.ts";
import { RequestError } from "./problem.ts";
import { noSuchResult } from "./results.ts";

/** Jobs on NATS. */
export class NatsJobs implements JobQueue, AsyncDisposable {
  readonly #store: NatsStore;
  readonly #most: number;
  #drained = false;

  private constructor(store: NatsStore, most: number) {
    this.#store = store;
    this.#most = most;
  }

  /** Connects; `most` jobs may wait. */
  static async open(url: string, most: number, options?: QueueOptions): Promise<NatsJobs> {
    return new NatsJobs(await NatsStore.open(url, options), most);
  }

  async admit(): Promise<void> {
    if (this.#drained) {
      throw new RequestError(503, "draining", "The service is shutting down: ask another one", { "retry-after": "30" });
    }
    const { queued } = await this.load();
    if (queued < this.#most) return;
    const detail = `${queued} jobs wait, and ${this.#most} is the most: try again later`;
    throw new RequestError(429, "queue-full", detail, { "retry-after": "5" });
  }

  load(): Promise<Load> {
    return reached(() => this.#store.load());
  }

  putAside(): Promise<number> {
    return this.#store.putAside();
  }

  async add({ task, folder, hash, key }: Order): Promise<JobStatus> {
    const store = this.#store;
    const id = key === undefined ? crypto.randomUUID() : uuidOf(key);
    return await reached(async () => {
      const known = key === undefined ? undefined : await store.record(id);
      if (known !== undefined && known.record.job.hash !== hash) {
        throw new RequestError(422, "idempotency-key", "The idempotency key was used for other content: use a new one");
      }
      if (known !== undefined) {
        await Deno.remove(folder, { recursive: true });
        return await this.#status(known.record);
      }
      const files = task.study === undefined ? await store.putFolder(folder) : [];
      const list = await store.putBytes(new TextEncoder().encode(JSON.stringify(files)));
      const job: QueuedJob = { id, createdAt: new Date().toISOString(), task, hash, files: list };
      // What was published is done, whatever becomes of this process; a worker makes the record where it is missing.
      await store.publish(job, id);
      await Promise.all([store.admit(job), Deno.remove(folder, { recursive: true })]);
      return await this.#status(newRecord(job));
    });
  }

  async get(id: string): Promise<JobStatus> {
    return await this.#status(await this.#record(id));
  }

  async remove(id: string): Promise<void> {
    const { state } = await this.#record(id);
    await reached(async () => {
      if (isOver(state)) await this.#store.records.purge(id);
      else {await this.#store.update(id, (record) =>
          isOver(record.state) ? undefined : { ...record, state: "canceled" });}
    });
  }

  async follow(id: string, listener: (event: JobEvent) => void, signal: AbortSignal): Promise<void> {
    const events = this.#store.connection.subscribe(this.#store.eventsOf(id), {
      callback: (_, message) => listener(message.json<JobEvent>()),
    });
    const states = await reached(() => this.#store.records.watch({ key: id }));
    const leave = () => states.stop();
    signal.addEventListener("abort", leave);
    let last: string | undefined;
    for await (const entry of states) {
      if (entry.operation !== "PUT") break;
      const { state } = entry.json<JobRecord>();
      if (state !== last) listener({ type: "state", state });
      last = state;
      if (isOver(state) || signal.aborted) break;
    }
    signal.removeEventListener("abort", leave);
    events.unsubscribe();
  }

  async open(id: string, path: string): Promise<ReadableStream<Uint8Array>> {
    const { job, state } = await this.#record(id);
    const work = state === "canceled" ? undefined : await reached(() => this.#store.work(workOf(job)));
    const file = work?.results.includes(path) ? work.files.find((file) => file.path === path) : undefined;
    if (file === undefined) throw noSuchResult();
    const bytes = await reached(() => this.#store.bytes(file.sha256));
    return new Blob([bytes]).stream();
  }

  drain(): Promise<void> {
    this.#drained = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#store[Symbol.asyncDispose]();
  }

  async #record(id: string): Promise<JobRecord> {
    const found = await reached(() => this.#store.record(id));
    if (found !== undefined) return found.record;
    throw new RequestError(
      404,
      "no-such-job",
      "There is no such job: it never existed, or its results have been removed",
    );
  }

  async #status({ job, ...status }: JobRecord): Promise<JobStatus> {
    const hasResults = status.state === "done" || status.state === "failed";
    const work = hasResults ? await reached(() => this.#store.work(workOf(job))) : undefined;
    return { ...status, results: work?.results ?? [] };
  }
}

/** A queue that can't be reached is a problem of its own, and no fault of the service. */
async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RequestError) throw error;
    const detail = `The queue does not answer (${(error as Error).name}): try again`;
    throw new RequestError(503, "queue", detail, { "retry-after": "2" });
  }
}

/** The id that a client's key stands for. */
function uuidOf(key: string): string {
  const hex = sha256Of(key);
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
