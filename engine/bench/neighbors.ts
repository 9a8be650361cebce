/** What other programs take of the processors while work is timed: the reason why times of two runs differ. */

import { cpus } from "node:os";
import process from "node:process";

/** Milliseconds since some start. */
export interface Reading {
  /** Of all processors together. */
  readonly all: number;
  /** Of these, while they idled. */
  readonly idle: number;
  /** Of these, for this process. */
  readonly own: number;
}

/** Adds up what others take while pieces of work run. */
export class Neighbors {
  readonly #read: () => Reading | undefined;
  #all = 0;
  #taken = 0;

  constructor(read: () => Reading | undefined = readProcessors) {
    this.#read = read;
  }

  /** Runs a piece of work and gives what it gives. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#read();
    const result = await work();
    const after = this.#read();
    if (before === undefined || after === undefined) return result;
    const all = after.all - before.all;
    this.#all += all;
    this.#taken += all - (after.idle - before.idle) - (after.own - before.own);
    return result;
  }

  /** The share of all processors that others took, 0 to 1; `undefined` where the program may not ask for it. */
  get share(): number | undefined {
    return this.#all === 0 ? undefined : Math.min(1, Math.max(0, this.#taken / this.#all));
  }
}

function readProcessors(): Reading | undefined {
  if (Deno.permissions.querySync({ name: "sys", kind: "cpus" }).state !== "granted") return undefined;
  const processors = cpus();
  const { user, system } = process.cpuUsage();
  const idle = processors.reduce((sum, { times }) => sum + times.idle, 0);
  return { all: performance.now() * processors.length, idle, own: (user + system) / 1000 };
}
