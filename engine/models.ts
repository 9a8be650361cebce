import type { Recorder, Value } from "../shaders/mod.ts";
import type { FeedShapes, LoadModelOptions, Net, NetReport, ValueInfo } from "./graph/mod.ts";
import type { WaitOptions } from "./kernel/mod.ts";
import type { Tensor } from "./memory/mod.ts";

/** Networks that an engine keeps open, so that requests share their weights and plans. */
export class Models {
  readonly #load: (source: string | URL, options: LoadModelOptions) => Promise<Net>;
  readonly #open = new Map<string, Promise<Net>>();

  /** Use `engine.models`. */
  constructor(load: (source: string | URL, options: LoadModelOptions) => Promise<Net>) {
    this.#load = load;
  }

  /** The sources of what is open, in the order in which they were opened. */
  get sources(): readonly string[] {
    return [...new Set([...this.#open.keys()].map((key) => JSON.parse(key)[0]))];
  }

  /**
   * The network of a folder with `model.json`, a file or a URL: loaded on the first call and kept until it is closed
   * here, or with the engine. Disposing of the result does no harm to others. Throws as `loadModel` does.
   */
  async open(source: string | URL, options: LoadModelOptions = {}): Promise<Net> {
    const { signal, ...kept } = options;
    signal?.throwIfAborted();
    const key = JSON.stringify([String(source), kept]);
    let net = this.#open.get(key);
    if (net === undefined) {
      // Not with this caller's signal: others may wait for the same network.
      net = this.#load(source, kept);
      this.#open.set(key, net);
      net.catch(() => this.#open.delete(key));
    }
    const loaded = await net;
    signal?.throwIfAborted();
    return new SharedNet(loaded);
  }

  /** Releases the weights of one source, or of all. Runs under way go on. */
  close(source?: string | URL): void {
    for (const [key, net] of this.#open) {
      if (source !== undefined && JSON.parse(key)[0] !== String(source)) continue;
      this.#open.delete(key);
      net.then((net) => net.close(), () => {});
    }
  }
}

/** A network that others use as well: closing it does nothing. */
class SharedNet implements Net {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #net: Net;

  constructor(net: Net) {
    this.#net = net;
    this.inputs = net.inputs;
    this.outputs = net.outputs;
  }

  record(r: Recorder, feeds: Readonly<Record<string, Value>>): Record<string, Value> {
    return this.#net.record(r, feeds);
  }

  async run(feeds: Readonly<Record<string, Tensor>>, options?: WaitOptions): Promise<Record<string, Tensor>> {
    return await this.#net.run(feeds, options);
  }

  async compile(shapes?: FeedShapes, options?: WaitOptions): Promise<void> {
    await this.#net.compile(shapes, options);
  }

  async warm(shapes?: FeedShapes, options?: WaitOptions): Promise<void> {
    await this.#net.warm(shapes, options);
  }

  report(): NetReport {
    return this.#net.report();
  }

  close(): void {}

  [Symbol.dispose](): void {}
}
