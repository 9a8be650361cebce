/** Decodes in a thread of its own, which ends when a file takes too long. */
import { InputError, type Kept } from "../../engine/pipeline/mod.ts";
import type { Decoded } from "../formats/decoded.ts";
import type { Policy, VolumeReport } from "../formats/dicom/volume.ts";
import type { Slice } from "../formats/dicom/slice.ts";
import type { Limits } from "../formats/limits.ts";

/** What the thread is told. */
export type Task =
  | { readonly type: "decode"; readonly bytes: Uint8Array<ArrayBuffer>; readonly name: string; readonly limits: Limits }
  | {
    readonly type: "volume";
    readonly slices: readonly Slice[];
    readonly name: string;
    readonly limits: Limits;
    readonly policy: Policy;
  }
  | {
    readonly type: "file";
    readonly kind: "read" | "sibling";
    readonly name: string;
    readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  };

/** What it answers: a file that it needs, or how its task ended. */
export type Answer =
  | { readonly type: "read" | "sibling"; readonly name: string }
  | { readonly type: "decoded"; readonly decoded: DecodedCase }
  | { readonly type: "failed"; readonly isInput: boolean; readonly message: string };

/** What was read, and what was found of a volume's geometry. */
export type DecodedCase = Decoded & { readonly report?: VolumeReport };

/** Reads files that a task needs. */
export interface Files {
  /** A file of the case. */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** A file beside the one that is decoded, if there is one. */
  sibling(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/**
 * A thread. To begin it costs more than most files cost to decode: Deno lets a Worker that another Worker begins stand still
 * for a second before it is told anything (measured, Deno 2.9.6).
 */
class Thread implements Disposable {
  readonly worker: Worker = new Worker(new URL("./decode_worker.ts", import.meta.url), {
    type: "module",
    name: "decode",
  });
  tasks = 0;

  [Symbol.dispose](): void {
    this.worker.terminate();
  }
}

/** The name that threads are kept by. */
const threads = "acquire.threads";

/** Tasks after which a thread isn't kept, as the memory of its decoders only grows. */
const mostTasks = 200;

/** One thread, begun at once, so that it is there when the first task comes, and again after one that was ended. Tasks come one at a time. */
export class Decoder implements Disposable {
  readonly #timeLimit: number;
  readonly #kept: Kept | undefined;
  #thread: Thread | undefined;
  #isAtWork = false;
  #last: Promise<unknown> = Promise.resolve();

  /** `timeLimit` is in seconds, for each task. A thread that is idle at the end goes to `kept`. */
  constructor(timeLimit: number, kept?: Kept) {
    this.#timeLimit = timeLimit;
    this.#kept = kept;
    this.#begin();
  }

  /** Runs a task. Throws an `InputError` where a file can't be read or takes longer than allowed. */
  run(task: Exclude<Task, { type: "file" }>, files: Files): Promise<DecodedCase> {
    const result = this.#last.then(() => this.#run(task, files));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Ends the thread, or keeps it for the next run. */
  [Symbol.dispose](): void {
    const idle = this.#thread;
    if (idle === undefined || this.#isAtWork || this.#kept === undefined || idle.tasks >= mostTasks) return this.#end();
    this.#thread = undefined;
    this.#kept.give(threads, idle);
  }

  #begin(): Thread {
    return this.#thread ??= this.#kept?.take<Thread>(threads) ?? new Thread();
  }

  #end(): void {
    this.#thread?.[Symbol.dispose]();
    this.#thread = undefined;
  }

  #run(task: Exclude<Task, { type: "file" }>, files: Files): Promise<DecodedCase> {
    const thread = this.#begin();
    const { worker } = thread;
    thread.tasks++;
    this.#isAtWork = true;
    return new Promise<DecodedCase>((resolve, reject) => {
      const end = (settle: () => void, ends = false): void => {
        clearTimeout(timer);
        worker.onmessage = worker.onerror = null;
        this.#isAtWork = false;
        if (ends) this.#end();
        settle();
      };
      const tooLong = () => {
        const reason = `it takes more than ${this.#timeLimit} seconds to decode`;
        const remedy = "allow more with --set acquire.timeLimit=SECONDS";
        end(() => reject(new InputError(`Cannot open ${task.name} as ${reason}: ${remedy}`)), true);
      };
      const timer = setTimeout(tooLong, 1000 * this.#timeLimit);
      worker.onmessage = ({ data }: MessageEvent<Answer>) => {
        if (data.type === "decoded") return end(() => resolve(data.decoded));
        if (data.type === "failed") {
          return end(() => reject(data.isInput ? new InputError(data.message) : new Error(data.message)));
        }
        const { type: kind, name } = data;
        const reading = kind === "read" ? files.read(name) : files.sibling(name);
        reading.then(
          (bytes) => worker.postMessage({ type: "file", kind, name, bytes } satisfies Task),
          (error) => end(() => reject(error), true),
        );
      };
      worker.onerror = (event) => {
        event.preventDefault();
        end(() => reject(new Error(event.message)), true);
      };
      worker.postMessage(task);
    });
  }
}
