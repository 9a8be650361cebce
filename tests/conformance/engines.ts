import { DeviceError } from "../../engine/errors.ts";
import type { Engine } from "../../engine/mod.ts";

/** One engine for all cases, and a fresh one after a case that the device failed at. */
export class Engines implements Disposable {
  readonly #open: () => Promise<Engine>;
  #engine: Engine | undefined;

  constructor(open: () => Promise<Engine>) {
    this.#open = open;
  }

  async get(): Promise<Engine> {
    if (this.#engine !== undefined) {
      try {
        this.#engine.run(() => []);
      } catch (error) {
        if (!(error instanceof DeviceError)) throw error;
        this[Symbol.dispose]();
      }
    }
    return this.#engine ??= await this.#open();
  }

  /** Does work and says in which forms (`OPERATION/FORM`, with its tile sizes) its operations were recorded. */
  async formsOf<T>(work: () => Promise<T>): Promise<{ result: T; forms: string[] }> {
    const engine = this.#engine;
    const earlier = engine?.stats().forms ?? {};
    const result = await work();
    const before = this.#engine === engine ? earlier : {};
    const after = Object.entries(this.#engine?.stats().forms ?? {});
    return { result, forms: after.filter(([form, times]) => times > (before[form] ?? 0)).map(([form]) => form) };
  }

  [Symbol.dispose](): void {
    this.#engine?.close();
    this.#engine = undefined;
  }
}
