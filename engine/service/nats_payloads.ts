/** Files in NATS' object store. */

import type { JetStreamClient } from "npm:@nats-io/jetstream@3.4.0";
import { type ObjectStore, Objm } from "npm:@nats-io/obj@3.4.0";
import { isFresh, longer, type Payloads } from "./payloads.ts";

/** Files in the object store of a queue's own server. */
export class NatsPayloads implements Payloads {
  readonly place = "NATS";
  readonly #files: ObjectStore;
  readonly #keptMs: number;

  private constructor(files: ObjectStore, keptMs: number) {
    this.#files = files;
    this.#keptMs = keptMs;
  }

  /** Makes the store where it is missing. */
  static async open(client: JetStreamClient, keptMs: number): Promise<NatsPayloads> {
    return new NatsPayloads(await new Objm(client).create("isocenter-files", { ttl: longer * keptMs * 1e6 }), keptMs);
  }

  async put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const known = await this.#files.info(name);
    if (known !== null && !known.deleted && isFresh(new Date(known.mtime), this.#keptMs)) return;
    await this.#files.putBlob({ name }, bytes, { timeout: 10_000 });
  }

  async get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#files.getBlob(name) as Uint8Array<ArrayBuffer> | null ?? undefined;
  }
}
