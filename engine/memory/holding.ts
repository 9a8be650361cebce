import type { Need, Storage } from "./pool.ts";

/** What became of the run that fills a storage. */
export interface Outcome {
  /** Resolves when the device has answered for the run, whatever it said. */
  readonly settled: Promise<void>;
  /** Why what the run gave is worthless; none as long as nothing is known. */
  readonly error: Error | undefined;
}

/**
 * A storage with the number of those that need it: it is given back after the last of them. It may come later, where the
 * run that fills it has to wait for its turn.
 */
export class Holding {
  /** What it is stored in. */
  readonly need: Need;
  readonly #give: (holding: Holding) => void;
  #wake: ((holding: Holding) => void) | undefined;
  #count = 1;
  #storage: Storage | undefined;
  #outcome: Outcome | undefined;
  #refusal: Error | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /**
   * Held once, by whoever makes it. `give` is called when nobody needs it any more; `wake` fills it where its elements
   * still lie on the host.
   */
  constructor(need: Need, give: (holding: Holding) => void, wake?: (holding: Holding) => void) {
    this.need = need;
    this.#give = give;
    this.#wake = wake;
  }

  /** The storage, once it is there. */
  get storage(): Storage | undefined {
    return this.#storage;
  }

  /** What became of the run that fills it; none before it is there. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Why it is worthless, as far as it is known. */
  get error(): Error | undefined {
    return this.#refusal ?? this.#outcome?.error;
  }

  /** Whether anybody needs it. */
  get isHeld(): boolean {
    return this.#count > 0;
  }

  /** Whether its elements lie on the host until somebody needs them on the device. */
  get isAsleep(): boolean {
    return this.#wake !== undefined;
  }

  /** Brings the elements to the device. */
  wake(): void {
    this.#wake?.(this);
  }

  /** Whether there is nothing to wait for: it has its storage, or will never get one. */
  get isDecided(): boolean {
    return this.#storage !== undefined || this.#refusal !== undefined;
  }

  /** Resolves when it is decided whether there is a storage. */
  whenDecided(): Promise<void> {
    if (this.isDecided) return Promise.resolve();
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Resolves when all is known of it, and gives why it is worthless. */
  async verdict(): Promise<Error | undefined> {
    await this.whenDecided();
    await this.#outcome?.settled;
    return this.error;
  }

  /** The storage has come. */
  fill(storage: Storage, outcome: Outcome): void {
    this.#storage = storage;
    this.#outcome = outcome;
    this.#wake = undefined;
    this.#waiting?.resolve();
    if (this.#count === 0) this.#give(this);
  }

  /** The storage will never come. */
  refuse(error: Error): void {
    this.#refusal ??= error;
    this.#waiting?.resolve();
  }

  /** Holds it once more. */
  hold(): this {
    this.#count++;
    return this;
  }

  /** Lets go of it once. */
  release(): void {
    if (--this.#count > 0) return;
    this.#wake = undefined;
    this.#give(this);
  }
}
