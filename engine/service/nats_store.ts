/**
 * What services and workers share on NATS JetStream: a stream of jobs, how each stands, files by their content, results by the
 * work that they are of, and dead letters.
 */

// The server's own client.
import { connect, type NatsConnection } from "npm:@nats-io/transport-node@3.4.0";
import {
  AckPolicy,
  type Consumer,
  jetstream,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
} from "npm:@nats-io/jetstream@3.4.0";
import { type KV, Kvm } from "npm:@nats-io/kv@3.4.0";
import { type ObjectStore, Objm } from "npm:@nats-io/obj@3.4.0";
import { createHash } from "node:crypto";
import type { JobStatus, Task } from "./order.ts";

/** How the queue is set up. */
export interface QueueOptions {
  /** Milliseconds after which a job whose worker says nothing goes to another. Default: as it is, and 30,000 at first. */
  readonly ackWait?: number;
  /** Days that jobs, files and results are kept. Default 7. */
  readonly keptDays?: number;
}

/** A file by its content. */
export interface StoredFile {
  /** Path below the job's folder. */
  readonly path: string;
  readonly sha256: string;
}

/** A job as its message says it. */
export interface QueuedJob {
  readonly id: string;
  readonly createdAt: string;
  readonly task: Task;
  /** SHA-256 of all that was sent. */
  readonly hash: string;
  /** SHA-256 of the list of its files, which is kept as a file. */
  readonly files: string;
}

/** A job as its record says it. */
export interface JobRecord extends Omit<JobStatus, "results"> {
  readonly job: QueuedJob;
}

/** What a job's work has come to. */
export interface WorkResult {
  readonly files: readonly StoredFile[];
  /** Paths of the results, in their order. */
  readonly results: readonly string[];
}

const stream = "ISOCENTER_JOBS";
const subject = "isocenter.jobs";
const consumerName = "workers";
/** Nanoseconds of a millisecond, as the server counts. */
const nanoseconds = 1e6;

/** SHA-256 of a text, in hexadecimal. */
export function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * What the results of a job are known by: the same files through the same pipeline are the same work. What a study on a server
 * holds is not known before, so that each such job is work of its own.
 */
export function workOf({ id, hash, task }: QueuedJob): string {
  return sha256Of(JSON.stringify([hash, task.pipeline, ...task.study === undefined ? [] : [id]]));
}

/** The store. Its methods reject where the server can't be reached for some seconds. */
export class NatsStore implements AsyncDisposable {
  readonly connection: NatsConnection;
  /** Milliseconds after which a silent worker's job goes to another. */
  readonly ackWait: number;
  readonly records: KV;
  readonly works: KV;
  readonly dead: KV;
  readonly #files: ObjectStore;
  readonly #jetstream: JetStreamClient;

  private constructor(
    connection: NatsConnection,
    ackWait: number,
    parts: { records: KV; works: KV; dead: KV; files: ObjectStore; jetstream: JetStreamClient },
  ) {
    this.connection = connection;
    this.ackWait = ackWait;
    this.records = parts.records;
    this.works = parts.works;
    this.dead = parts.dead;
    this.#files = parts.files;
    this.#jetstream = parts.jetstream;
  }

  /** Connects, waiting for the server where it isn't there yet, and makes what is missing. */
  static async open(url: string, { ackWait, keptDays = 7 }: QueueOptions = {}): Promise<NatsStore> {
    const { protocol, hostname, port, username, password } = new URL(url);
    const connection = await connect({
      servers: `${hostname}:${port || 4222}`,
      ...username !== "" && { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      ...protocol === "tls:" && { tls: {} },
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      ignoreClusterUpdates: true,
    });
    const manager = await jetstreamManager(connection);
    const client = jetstream(connection);
    const kept = keptDays * 86_400_000;
    await manager.streams.add({
      name: stream,
      subjects: [subject],
      retention: RetentionPolicy.Workqueue,
      duplicate_window: 120_000 * nanoseconds,
    });
    const silence = await consumerOf(manager, ackWait);
    const buckets = new Kvm(client);
    const bucket = (name: string) => buckets.create(name, { history: 1, ttl: kept });
    const parts = {
      records: await bucket("isocenter-jobs"),
      works: await bucket("isocenter-works"),
      dead: await bucket("isocenter-dead"),
      files: await new Objm(client).create("isocenter-files", { ttl: kept * nanoseconds }),
      jetstream: client,
    };
    return new NatsStore(connection, silence, parts);
  }

  /** Puts a job into the queue; once, however often it is asked for under the same name within two minutes. */
  async publish(job: QueuedJob, name: string): Promise<void> {
    await this.#jetstream.publish(subject, JSON.stringify(job), { msgID: name, timeout: 5000 });
  }

  /** Makes the record of a job that has none. Gives whether the job is still wanted: nobody has removed it. */
  async admit(job: QueuedJob): Promise<boolean> {
    const entry = await this.records.get(job.id);
    if (entry !== null) return entry.operation === "PUT";
    try {
      await this.records.create(job.id, JSON.stringify(newRecord(job)));
    } catch (error) {
      // The service that took the job was faster.
      if (await this.records.get(job.id) === null) throw error;
    }
    return true;
  }

  /** What workers draw jobs from. */
  async consumer(): Promise<Consumer> {
    return await this.#jetstream.consumers.get(stream, consumerName);
  }

  /** Jobs that wait and that workers have. */
  async load(): Promise<{ queued: number; running: number }> {
    const { num_pending, num_ack_pending } = await (await this.consumer()).info();
    return { queued: num_pending, running: num_ack_pending };
  }

  /** Keeps bytes by their content; bytes that are there already cost a question. */
  async putBytes(bytes: Uint8Array): Promise<string> {
    const name = createHash("sha256").update(bytes).digest("hex");
    const known = await this.#files.info(name);
    if (known === null || known.deleted) await this.#files.putBlob({ name }, bytes, { timeout: 10_000 });
    return name;
  }

  /** Bytes by their content. Throws where they are gone or damaged. */
  async bytes(sha256: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#files.getBlob(sha256);
    if (bytes !== null && createHash("sha256").update(bytes).digest("hex") === sha256) {
      return bytes as Uint8Array<ArrayBuffer>;
    }
    throw new Error(`The store has no whole file ${sha256}`);
  }

  /** Keeps the files of a folder. */
  async putFolder(folder: string): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for (const path of await pathsBelow(folder)) {
      files.push({ path, sha256: await this.putBytes(await Deno.readFile(`${folder}/${path}`)) });
    }
    return files;
  }

  /** Writes files below a folder. */
  async getFolder(files: readonly StoredFile[], folder: string): Promise<void> {
    for (const { path, sha256 } of files) {
      const place = `${folder}/${path}`;
      await Deno.mkdir(place.slice(0, place.lastIndexOf("/")), { recursive: true });
      await Deno.writeFile(place, await this.bytes(sha256));
    }
  }

  /** How a job stands; nothing where there is none. */
  async record(id: string): Promise<{ readonly record: JobRecord; readonly revision: number } | undefined> {
    const entry = await this.records.get(id);
    if (entry === null || entry.operation !== "PUT") return undefined;
    return { record: entry.json<JobRecord>(), revision: entry.revision };
  }

  /** Changes a record by what it is; `change` gives nothing where it is to stay. */
  async update(id: string, change: (record: JobRecord) => JobRecord | undefined): Promise<void> {
    for (;;) {
      const found = await this.record(id);
      const next = found && change(found.record);
      if (next === undefined) return;
      try {
        await this.records.update(id, JSON.stringify(next), found!.revision);
        return;
      } catch (error) {
        const now = await this.record(id);
        if (now?.revision === found!.revision) throw error;
      }
    }
  }

  /** What a work has come to; nothing where it wasn't done yet. */
  async work(name: string): Promise<WorkResult | undefined> {
    const entry = await this.works.get(name);
    return entry === null || entry.operation !== "PUT" ? undefined : entry.json<WorkResult>();
  }

  /** Says what a work has come to, unless somebody was first: then theirs is what it has come to. */
  async finishWork(name: string, result: WorkResult): Promise<WorkResult> {
    try {
      await this.works.create(name, JSON.stringify(result));
      return result;
    } catch (error) {
      const first = await this.work(name);
      if (first === undefined) throw error;
      return first;
    }
  }

  /** Where a job tells its progress. */
  eventsOf(id: string): string {
    return `isocenter.events.${id}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** Makes what workers draw from, or has it as it is asked for. Gives the milliseconds of silence that it allows. */
async function consumerOf(manager: JetStreamManager, ackWait: number | undefined): Promise<number> {
  const isMissing = (error: unknown) =>
    (error as { status?: number }).status === 404 || /not found/.test(String(error));
  const known = await manager.consumers.info(stream, consumerName).catch((error) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  const wait = ackWait ?? (known === undefined ? 30_000 : known.config.ack_wait! / nanoseconds);
  if (known === undefined) {
    await manager.consumers.add(stream, {
      durable_name: consumerName,
      ack_policy: AckPolicy.Explicit,
      ack_wait: wait * nanoseconds,
      // Workers count deliveries themselves: the server would only pass over a job that has had its last one.
      max_deliver: -1,
      max_ack_pending: 100_000,
    });
  } else if (known.config.ack_wait !== wait * nanoseconds) {
    await manager.consumers.update(stream, consumerName, { ack_wait: wait * nanoseconds });
  }
  return wait;
}

/** How a job stands that nobody has begun. */
export function newRecord(job: QueuedJob): JobRecord {
  const { id, createdAt } = job;
  return { id, createdAt, state: "queued", cases: { all: 0, through: 0 }, retries: 0, job };
}

async function pathsBelow(folder: string, prefix = ""): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    if (isDirectory) paths.push(...await pathsBelow(folder, `${prefix}${name}/`));
    else paths.push(`${prefix}${name}`);
  }
  return paths.sort();
}
