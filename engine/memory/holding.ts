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
  readonly #keepsHost: boolean;
  #mayRest = false;
  #count = 1;
  #storage: Storage | undefined;
  #outcome: Outcome | undefined;
  #refusal: Error | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  /**
   * Held once, by whoever makes it. `give` is called when nobody needs it any more; `wake` fills it where its elements
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
    return this.#wake !== undefined && this.#storage === undefined;
  }

  /** Brings the elements to the device. */
  wake(): void {
    if (this.isAsleep) this.#wake?.(this);
  }

  /**
   * What it is needed for is done, as when weights were packed: one whose elements stay on the host gives its storage back
   * as soon as only its maker holds it, and is filled again when it is needed again.
   */
  rest(): void {
    this.#mayRest = this.#keepsHost;
    if (this.#count === 1) this.#sleep();
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
    if (!this.#keepsHost) this.#wake = undefined;
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
