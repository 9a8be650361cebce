import { AsyncLocalStorage } from "node:async_hooks";

/** What a piece of work had to wait for. */
export interface Counts {
  /** How often it waited for the device to read. */
  readonly readbacks: number;
  /** Bytes copied to the host, with the padding of rows. */
  readonly readbackBytes: number;
}

/** The result of a piece of work, and what it had to wait for. */
export type Counted<T> = Counts & {
  /** What the work gave. */
  readonly value: T;
};

interface Scope {
  readonly outer: Scope | undefined;
  readbacks: number;
  readbackBytes: number;
}

/** Counts what happens within asynchronous work, whatever else goes on at the same time. */
export class Counting {
  readonly #scopes = new AsyncLocalStorage<Scope>();

  /** Does `work` and counts the readbacks that it makes itself. */
  async during<T>(work: () => Promise<T>): Promise<Counted<T>> {
    const scope: Scope = { outer: this.#scopes.getStore(), readbacks: 0, readbackBytes: 0 };
    const value = await this.#scopes.run(scope, work);
    return { value, readbacks: scope.readbacks, readbackBytes: scope.readbackBytes };
  }

  /** A readback of so many bytes was made. */
  add(bytes: number): void {
    for (let scope = this.#scopes.getStore(); scope !== undefined; scope = scope.outer) {
      scope.readbacks++;
      scope.readbackBytes += bytes;
    }
  }
}
