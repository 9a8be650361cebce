import type { Storage } from "./pool.ts";

/** What became of the run that fills a storage. */
export interface Outcome {
  /** Resolves when the device has answered for the run, whatever it said. */
  readonly settled: Promise<void>;
  /** Why what the run gave is worthless; none as long as nothing is known. */
  readonly error: Error | undefined;
}

/** A storage with the number of those that need it: it is given back after the last of them. */
export class Holding {
  /** The storage. */
  readonly storage: Storage;
  /** What became of the run that fills it; none where the host does. */
  readonly outcome: Outcome | undefined;
  readonly #give: (storage: Storage) => void;
  #count = 1;

  /** Held once, by whoever makes it. */
  constructor(storage: Storage, give: (storage: Storage) => void, outcome?: Outcome) {
    this.storage = storage;
    this.#give = give;
    this.outcome = outcome;
  }

  /** Holds it once more. */
  hold(): this {
    this.#count++;
    return this;
  }

  /** Lets go of it once. */
  release(): void {
    if (--this.#count === 0) this.#give(this.storage);
  }
}
