/** The Workers that make code on devices of their own. They end when they have had nothing to do for a while. */

import type { CodeDevice, CodeShare, ToCodeWorker } from "./driver_code.ts";

/** Workers at most. */
const mostWorkers = 3;
/** Milliseconds without work after which a Worker ends: until then it keeps the process. */
const idleMs = 200;

/** What Workers are made by: other libraries put Node's in its place. */
const { Worker } = globalThis;

/** Starts Workers when there is something to share and ends them afterwards. */
export class CodeWorkers {
  readonly #device: CodeDevice;
  #workers: Worker[] = [];
  /** Shares that Workers are not done with. */
  #open = 0;
  #ending: ReturnType<typeof setTimeout> | undefined;
  #waiting: (() => void)[] = [];

  constructor(device: CodeDevice) {
    this.#device = device;
  }

  /** Has Workers make what nobody has taken yet. */
  share(share: CodeShare): void {
    clearTimeout(this.#ending);
    const count = Math.min(mostWorkers, navigator.hardwareConcurrency - 1);
    while (this.#workers.length < count) this.#workers.push(this.#start());
    this.#open += this.#workers.length;
    for (const worker of this.#workers) worker.postMessage({ device: this.#device, share } satisfies ToCodeWorker);
  }

  /** Resolves when they are done with everything. */
  idle(): Promise<void> {
    return this.#open === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #start(): Worker {
    const worker = new Worker(import.meta.resolve("./code_worker.ts"), { type: "module", name: "isocenter code" });
    worker.addEventListener("message", () => this.#done(1));
    // What a Worker can't do is done when it is used.
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.#done(this.#open);
    });
    return worker;
  }

  /** Ends them, whatever they are at. */
  end(): void {
    clearTimeout(this.#ending);
    for (const worker of this.#workers.splice(0)) worker.terminate();
    this.#open = 0;
    this.#tell();
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #done(shares: number): void {
    this.#open -= shares;
    if (this.#open > 0) return;
    this.#tell();
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => this.end(), idleMs);
  }
}
