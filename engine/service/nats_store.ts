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
  type JsMsg,
  RetentionPolicy,
} from "npm:@nats-io/jetstream@3.4.0";
import { type KV, type KvEntry, Kvm } from "npm:@nats-io/kv@3.4.0";
import { createHash } from "node:crypto";
import { UsageError } from "../errors.ts";
import { NatsPayloads } from "./nats_payloads.ts";
import type { JobStatus, Load, Task } from "./order.ts";
import { isFresh, longer, type Payloads } from "./payloads.ts";
import type { Bucket } from "./s3_payloads.ts";

/** How the queue is set up. */
export interface QueueOptions {
  /** Milliseconds after which a job whose worker says nothing goes to another. Default: as it is, and 30,000 at first. */
  readonly ackWait?: number;
  /** Days that jobs, files and results are kept. Default 7. */
  readonly keptDays?: number;
  /** Where files are; its own rule removes them a quarter later than `keptDays`. Default: the object store of the queue's server. */
  readonly bucket?: Bucket;
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

/** A record and the number of its last change. */
export interface FoundRecord {
  readonly record: JobRecord;
  readonly revision: number;
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
  readonly #keptMs: number;
  readonly #files: Payloads;
  readonly #jetstream: JetStreamClient;
  readonly #consumer: Consumer;

  private constructor(
    connection: NatsConnection,
    ackWait: number,
    keptMs: number,
    parts: { records: KV; works: KV; dead: KV; files: Payloads; jetstream: JetStreamClient; consumer: Consumer },
  ) {
    this.connection = connection;
    this.ackWait = ackWait;
    this.records = parts.records;
    this.works = parts.works;
    this.dead = parts.dead;
    this.#keptMs = keptMs;
    this.#files = parts.files;
    this.#jetstream = parts.jetstream;
    this.#consumer = parts.consumer;
  }

  /**
   * Connects, waiting for the server where it isn't there yet, and makes what is missing. Throws a `UsageError` where the files of
   * the queue are elsewhere than is said.
   */
  static async open(url: string, { ackWait, keptDays = 7, bucket }: QueueOptions = {}): Promise<NatsStore> {
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
    const values = (name: string, ttl = kept) => buckets.create(name, { history: 1, ttl });
    const files = bucket === undefined
      ? await NatsPayloads.open(client, kept)
      : await (await import("./s3_payloads.ts")).S3Payloads.open(bucket, kept);
    await agreeOn(files.place, await buckets.create("isocenter-queue", { history: 1 }));
    const parts = {
      records: await values("isocenter-jobs"),
      works: await values("isocenter-works", longer * kept),
      dead: await values("isocenter-dead"),
      files,
      jetstream: client,
      consumer: await client.consumers.get(stream, consumerName),
    };
    return new NatsStore(connection, silence, kept, parts);
  }

  /** Puts a job into the queue; once, however often it is asked for under the same name within two minutes. */
  async publish(job: QueuedJob, name: string): Promise<void> {
    await this.#jetstream.publish(subject, JSON.stringify(job), { msgID: name, timeout: 5000 });
  }

  /** Makes the record of a new job, unless the worker that has it was faster. */
  async admit(job: QueuedJob): Promise<void> {
    await this.#create(this.records, job.id, newRecord(job));
  }

  /** The record of a job that was drawn, made where there is none; nothing where somebody has removed it. */
  async drawn(job: QueuedJob): Promise<FoundRecord | undefined> {
    const entry = await this.records.get(job.id);
    if (entry !== null) return entry.operation === "PUT" ? foundIn(entry) : undefined;
    await this.admit(job);
    return await this.record(job.id);
  }

  /** The next job; nothing where none comes for some milliseconds. */
  async next(milliseconds: number): Promise<JsMsg | null> {
    return await this.#consumer.next({ expires: milliseconds });
  }

  /** Jobs that wait and that workers have. */
  async load(): Promise<Load> {
    const { num_pending, num_ack_pending } = await this.#consumer.info();
    return { queued: num_pending, running: num_ack_pending };
  }

  /** How many jobs are dead letters. */
  async putAside(): Promise<number> {
    return (await Array.fromAsync(await this.dead.keys())).length;
  }

  /** Keeps bytes by their content; bytes that are there already cost a question. */
  async putBytes(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const name = createHash("sha256").update(bytes).digest("hex");
    await this.#files.put(name, bytes);
    return name;
  }

  /** Bytes by their content. Throws where they are gone or damaged. */
  async bytes(sha256: string): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.#files.get(sha256);
    if (bytes !== undefined && createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
    throw new Error(`The store has no complete file ${sha256}`);
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
  async record(id: string): Promise<FoundRecord | undefined> {
    const entry = await this.records.get(id);
    return entry === null || entry.operation !== "PUT" ? undefined : foundIn(entry);
  }

  /**
   * Changes a record by what it is; `change` gives nothing where it is to stay. `seen` is what it was of late, which saves a question
   * where that still holds. Gives what it is then; nothing where there is none.
   */
  async update(
    id: string,
    change: (record: JobRecord) => JobRecord | undefined,
    seen?: FoundRecord,
  ): Promise<FoundRecord | undefined> {
    let found = seen ?? await this.record(id);
    while (found !== undefined) {
      const record = change(found.record);
      if (record === undefined) return found;
      try {
        return { record, revision: await this.records.update(id, JSON.stringify(record), found.revision) };
      } catch (error) {
        const now = await this.record(id);
        if (now?.revision === found.revision) throw error;
        found = now;
      }
    }
    return undefined;
  }

  /** What a work has come to; nothing where it wasn't done yet. */
  async work(name: string): Promise<WorkResult | undefined> {
    const entry = await this.works.get(name);
    return entry === null || entry.operation !== "PUT" ? undefined : entry.json<WorkResult>();
  }

  /** The same for a job of now: what would be gone before it is written again. */
  async workFor(job: QueuedJob): Promise<WorkResult | undefined> {
    const name = workOf(job);
    const entry = await this.works.get(name);
    if (entry === null || entry.operation !== "PUT") return undefined;
    const result = entry.json<WorkResult>();
    if (isFresh(entry.created, this.#keptMs)) return result;
    for (const { sha256 } of result.files) await this.putBytes(await this.bytes(sha256));
    await this.works.put(name, JSON.stringify(result));
    return result;
  }

  /** Says what a work has come to, unless somebody was first: then theirs is what it has come to. */
  async finishWork(name: string, result: WorkResult): Promise<WorkResult> {
    return await this.#create(this.works, name, result) ? result : await this.work(name) ?? result;
  }

  /** Makes a value; gives false where there is one already. */
  async #create(bucket: KV, key: string, value: unknown): Promise<boolean> {
    try {
      await bucket.create(key, JSON.stringify(value));
      return true;
    } catch (error) {
      if (await bucket.get(key) === null) throw error;
      return false;
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

/** All programs of a queue have its files in one place, the one that the first of them names. */
async function agreeOn(place: string, facts: KV): Promise<void> {
  await facts.create("files", place).catch(() => {});
  const agreed = (await facts.get("files"))?.string();
  if (agreed === place) return;
  const remedy = agreed === "NATS" ? "leave --bucket out" : `give it with --bucket ${agreed}`;
  throw new UsageError(`Cannot use this queue with files in ${place} as they are in ${agreed}: ${remedy}`);
}

function foundIn(entry: KvEntry): FoundRecord {
  return { record: entry.json<JobRecord>(), revision: entry.revision };
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
