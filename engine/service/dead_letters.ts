/** Jobs that were put aside as workers died under them. */

import { type NatsStore, newRecord, type QueuedJob } from "./nats_store.ts";

/** A job that was put aside. */
export interface DeadLetter {
  readonly id: string;
  readonly createdAt: string;
  /** Stages of its pipeline. */
  readonly stages: readonly string[];
}

/** All jobs that were put aside, the oldest first. */
export async function deadLetters(store: NatsStore): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const id of await store.dead.keys()) {
    const entry = await store.dead.get(id);
    if (entry?.operation !== "PUT") continue;
    const { createdAt, task } = entry.json<QueuedJob>();
    letters.push({ id, createdAt, stages: task.pipeline.stages.map(({ stage }) => stage) });
  }
  return letters.sort((a, b) => a.createdAt < b.createdAt ? -1 : 1);
}

/** Puts a job that was put aside into the queue again. Gives whether there was one. */
export async function sendAgain(store: NatsStore, id: string): Promise<boolean> {
  const entry = await store.dead.get(id);
  if (entry?.operation !== "PUT") return false;
  const job = entry.json<QueuedJob>();
  await store.records.put(id, JSON.stringify(newRecord(job)));
  await store.publish(job, crypto.randomUUID());
  await store.dead.purge(id);
  return true;
}
