import type { Need, Storage } from "./pool.ts";

/** The outcome of the run that fills a storage. */
export interface Outcome {
  /** Resolves when the device has finished the run, with or without an error. */
  readonly settled: Promise<void>;
  /** Why the results are invalid; `undefined` while nothing is known. */
  readonly error: Error | undefined;
}

/**
 * A storage with a count of its users: it is given back after the last of them. It may not be there yet, where the run
 * that fills it has to wait for its turn.
 */
export class Holding {
  /** What it is stored in. */
  readonly need: Need;
  readonly #give: (holding: Holding) => void;
  #wake: ((holding: Holding) => void) | undefined;
  readonly #keepsHost: boolean;
  #mayRest = false;
  #count = 1;
  #storage: Storage | undefined;
  #outcome: Outcome | undefined;
  #refusal: Error | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /**
   * Held once, by its maker. `give` is called when nobody needs it any more; `wake` fills it where its elements
   * still lie on the host. With `keepsHost` they stay there, and it may rest.
   */
  constructor(
    need: Need,
    give: (holding: Holding) => void,
    wake?: (holding: Holding) => void,
    keepsHost: boolean = false,
  ) {
    this.need = need;
    this.#give = give;
    this.#wake = wake;
    this.#keepsHost = keepsHost;
  }

  /** The storage, once it is there. */
  get storage(): Storage | undefined {
    return this.#storage;
  }

  /** The outcome of the run that fills it; none before the storage is there. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  /** Why its content is invalid, as far as is known. */
  get error(): Error | undefined {
    return this.#refusal ?? this.#outcome?.error;
  }

  /** Whether anybody needs it. */
  get isHeld(): boolean {
    return this.#count > 0;
  }

  /** Whether its elements lie on the host until somebody needs them on the device. */
  get isAsleep(): boolean {
    return this.#wake !== undefined && this.#storage === undefined;
  }

  /** Brings the elements to the device. */
  wake(): void {
    if (this.isAsleep) this.#wake?.(this);
  }

  /**
   * Its present use is over, as when weights have been packed: a storage whose elements stay on the host is given back
   * as soon as only its maker holds it, and is filled again when it is needed again.
   */
  rest(): void {
    this.#mayRest = this.#keepsHost;
    if (this.#count === 1) this.#sleep();
  }

  /** Whether there is nothing left to wait for: it has its storage, or will never get one. */
  get isDecided(): boolean {
    return this.#storage !== undefined || this.#refusal !== undefined;
  }

  /** Resolves when it is decided whether there is a storage. */
  whenDecided(): Promise<void> {
    if (this.isDecided) return Promise.resolve();
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /** Resolves when its content is known to be valid or not, and gives the reason where it isn't. */
  async verdict(): Promise<Error | undefined> {
    await this.whenDecided();
    await this.#outcome?.settled;
    return this.error;
  }

  /** Gives it its storage. */
  fill(storage: Storage, outcome: Outcome): void {
    this.#storage = storage;
    this.#outcome = outcome;
    if (!this.#keepsHost) this.#wake = undefined;
    this.#waiting?.resolve();
    if (this.#count === 0) this.#give(this);
  }

  /** Says that it will never get a storage. */
  refuse(error: Error): void {
    this.#refusal ??= error;
    this.#waiting?.resolve();
  }

  /** Holds it once more. */
  hold(): this {
    this.#count++;
    return this;
  }

  /** Releases it once. */
  release(): void {
    if (--this.#count === 1) this.#sleep();
    if (this.#count > 0) return;
    this.#wake = undefined;
    this.#give(this);
  }

  #sleep(): void {
    if (!this.#mayRest || this.#storage === undefined) return;
    this.#mayRest = false;
    this.#give(this);
    this.#storage = undefined;
    this.#outcome = undefined;
    this.#waiting = undefined;
  }
}
