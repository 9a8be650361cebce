/** The device's process as the service sees it: started when it is needed, and again where it has died. */

import { relative, resolve } from "node:path";
import { denoCommand } from "../device/mod.ts";
import { DeviceError, ModelError } from "../errors.ts";
import type { Pipeline, RunEvent } from "../pipeline/mod.ts";
import { type DeviceProgram, type FromDevice, lineOf, messagesOf, type ToDevice } from "./device_messages.ts";

/** What a run is told. */
export interface DeviceWork {
  readonly job: string;
  readonly pipeline: Pipeline;
  /** Paths below the folder of the jobs. */
  readonly inputs: readonly string[];
  /** A path below the folder of the jobs. */
  readonly output: string;
}

/** How a run ended. */
export interface DeviceEnd {
  /** Exit status as of `process`. */
  readonly status: number;
  readonly message?: string;
}

/** What decoding and computing need: no network. */
const permissions = ["--allow-read", "--allow-write", "--allow-ffi", "--allow-run=deno", "--allow-env"];

interface Waiting {
  readonly onEvent: (event: RunEvent) => void;
  readonly resolve: (end: DeviceEnd) => void;
  readonly reject: (error: unknown) => void;
}

/** Runs jobs in a process of its own. */
export class DeviceProcess implements AsyncDisposable {
  readonly #program: DeviceProgram;
  readonly #folder: string;
  readonly #waiting = new Map<string, Waiting>();
  #child: Deno.ChildProcess | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #ready = Promise.withResolvers<string>();
  #warm = Promise.withResolvers<void>();
  #closed = false;
  #starts = 0;

  /** `folder` holds the jobs: the process works in it and knows only paths below it, so that no result tells of others. */
  constructor(program: DeviceProgram, folder: string) {
    // The process works in another folder.
    const absolute = ([name, place]: [string, string]) => [name, URL.canParse(place) ? place : resolve(place)];
    this.#program = { ...program, models: Object.fromEntries(Object.entries(program.models).map(absolute)) };
    this.#folder = folder;
    this.#ready.promise.catch(() => {});
  }

  /** How often it was started anew as it had died. */
  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** The adapter's name once the engine is open and its self-test passed: jobs can run. */
  get ready(): Promise<string> {
    this.#start();
    return this.#ready.promise;
  }

  /** The same once the models that are to be warm are; rejects with a `ModelError` where one can't be opened. */
  get warm(): Promise<string> {
    return this.ready.then((adapter) => this.#warm.promise.then(() => adapter));
  }

  /** Runs a job. Throws a `DeviceError` where the process dies under it. */
  async run(work: DeviceWork, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<DeviceEnd> {
    signal.throwIfAborted();
    await this.ready;
    const cancel = () => this.#send({ type: "cancel", job: work.job });
    signal.addEventListener("abort", cancel);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(work.job, { onEvent, resolve, reject });
        const below = (path: string) => relative(this.#folder, path);
        this.#send({ type: "run", ...work, inputs: work.inputs.map(below), output: below(work.output) });
      });
    } finally {
      signal.removeEventListener("abort", cancel);
      this.#waiting.delete(work.job);
    }
  }

  /** Ends the process at once, with what it runs: the next job starts another. */
  kill(): void {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }

  /** Ends the process for good. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === undefined) return;
    await this.#input?.close().catch(() => {});
    const timer = setTimeout(() => this.kill(), 2000);
    await child.status;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #start(): void {
    if (this.#child !== undefined) return;
    if (this.#closed) throw new DeviceError("The service was closed: start another one");
    this.#starts++;
    this.#ready = Promise.withResolvers();
    this.#ready.promise.catch(() => {});
    this.#warm = Promise.withResolvers();
    this.#warm.promise.catch(() => {});
    const child = new Deno.Command(denoCommand("run the device in a process of its own"), {
      args: ["run", "--no-prompt", ...permissions, new URL("./device_program.ts", import.meta.url).href],
      cwd: this.#folder,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#child = child;
    this.#input = child.stdin.getWriter();
    const { plugins, models, warm } = this.#program;
    this.#send({ type: "open", plugins, models, warm });
    void this.#listen(child);
  }

  async #listen(child: Deno.ChildProcess): Promise<void> {
    for await (const message of messagesOf<FromDevice>(child.stdout)) {
      if (message.type === "ready") this.#ready.resolve(message.adapter);
      else if (message.type === "warm") this.#warm.resolve();
      else if (message.type === "cold") this.#warm.reject(new ModelError(message.message));
      else if (message.type === "event") this.#waiting.get(message.job)?.onEvent(message.event);
      else this.#waiting.get(message.job)?.resolve({ status: message.status, message: message.message });
    }
    const { code, signal } = await child.status;
    this.#child = undefined;
    const how = signal === null ? `with exit status ${code}` : `by ${signal}`;
    const error = new DeviceError(`The device's process ended ${how}: see the service's log`);
    this.#ready.reject(error);
    this.#warm.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
  }

  #send(message: ToDevice): void {
    // A process that has died is told of by its end.
    this.#input?.write(new TextEncoder().encode(lineOf(message))).catch(() => {});
  }
}
