import { AsyncLocalStorage } from "node:async_hooks";
import type { Page } from "../shaders/contract.ts";

/** What a piece of work had to wait for, and what it ran. */
export interface Counts {
  /** How often it waited for the device to read. */
  readonly readbacks: number;
  /** Bytes copied to the host, with the padding of rows. */
  readonly readbackBytes: number;
  /** The pages that the device ran for it, with those that packed the weights that it read, whoever had packed them. */
  readonly pages: readonly Page[];
  /** When the device was first given some of it, on the clock of `performance.now()`; none where it was given nothing. */
  readonly submittedAt?: number;
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
  readonly pages: Set<Page>;
  submittedAt?: number;
}

/** Counts what happens within asynchronous work, whatever else goes on at the same time. */
export class Counting {
  readonly #scopes = new AsyncLocalStorage<Scope>();

  /** Does `work` and counts the readbacks that it makes itself, and the pages that it runs. */
  async during<T>(work: () => Promise<T>): Promise<Counted<T>> {
    const scope: Scope = { outer: this.#scopes.getStore(), readbacks: 0, readbackBytes: 0, pages: new Set() };
    const value = await this.#scopes.run(scope, work);
    const { readbacks, readbackBytes, pages, submittedAt } = scope;
    const counts = { value, readbacks, readbackBytes, pages: [...pages] };
    return submittedAt === undefined ? counts : { ...counts, submittedAt };
  }

  /** A readback of so many bytes was made. */
  add(bytes: number): void {
    for (let scope = this.#scopes.getStore(); scope !== undefined; scope = scope.outer) {
      scope.readbacks++;
      scope.readbackBytes += bytes;
    }
  }

  /** Pages are run. */
  addPages(pages: Iterable<Page>): void {
    const now = performance.now();
    for (let scope = this.#scopes.getStore(); scope !== undefined; scope = scope.outer) {
      scope.submittedAt ??= now;
      for (const page of pages) scope.pages.add(page);
    }
  }
}
