import { MemoryError } from "../errors.ts";
import type { CaseRef } from "./contract.ts";
import { disposeLoading, type Loading } from "./loader.ts";
import { isPlaced } from "./values.ts";

/** A case, and what came of loading it. */
export interface AheadCase {
  readonly ref: CaseRef;
  readonly loading: Loading;
}

/**
 * Cases that go together. Of three numbers the driver has to compile once more what a network of one image has compiled, so there is one,
 * and it is a power of two, which drivers tell from other extents.
 */
const together = 4;

/** Runs of fewer cases would lose more by that than they gain. */
const fewest = 24;

/** The first result is no later, as these go alone, and the others are loaded once it is there. */
const firstAlone = 3;

/** Elements of an image above which its own work fills the device. */
const largest = 2 ** 20;

/** Loads cases ahead of their turn: one, or some small images of one shape that go together. */
export class LoadingAhead implements AsyncDisposable {
  readonly #load: (ref: CaseRef) => Promise<Loading>;
  readonly #signal: AbortSignal;
  /** Cases that nobody has begun to load. */
  readonly #refs: CaseRef[];
  /** Cases that go alone before all others, as they failed together. */
  readonly #alone: CaseRef[] = [];
  readonly #loaded: AheadCase[] = [];
  readonly #together: number;
  #taken = 0;
  #ahead: Promise<readonly AheadCase[]> | undefined;

  /** `isTogether`: whether cases may go together at all. */
  constructor(
    refs: readonly CaseRef[],
    load: (ref: CaseRef) => Promise<Loading>,
    { signal, isTogether }: { readonly signal: AbortSignal; readonly isTogether: boolean },
  ) {
    this.#refs = [...refs];
    this.#load = load;
    this.#signal = signal;
    this.#together = isTogether && refs.length >= fewest ? together : 1;
  }

  /** Begins to load what comes next. */
  begin(): Promise<readonly AheadCase[]> {
    return this.#ahead ??= this.#next();
  }

  /** What comes next; nothing at the end. Throws where the run is to end before. */
  async take(): Promise<readonly AheadCase[]> {
    if (this.#alone.length > 0) {
      this.#signal.throwIfAborted();
      const ref = this.#alone.shift()!;
      return [{ ref, loading: await this.#load(ref) }];
    }
    const cases = await this.begin();
    if (cases.length > 0) this.#signal.throwIfAborted();
    this.#ahead = undefined;
    this.#taken += cases.length;
    const [first] = cases;
    // What found no memory ahead of its turn may do so now that others are gone.
    if (first !== undefined && "error" in first.loading && first.loading.error instanceof MemoryError) {
      return [{ ref: first.ref, loading: await this.#load(first.ref) }];
    }
    return cases;
  }

  /** Has cases go again, each alone, before all others. */
  again(cases: readonly AheadCase[]): void {
    this.#alone.unshift(...cases.map(({ ref }) => ref));
  }

  /** Gives back what was loaded and not taken. */
  async [Symbol.asyncDispose](): Promise<void> {
    disposeAll(await this.#ahead ?? []);
    disposeAll(this.#loaded);
  }

  async #next(): Promise<readonly AheadCase[]> {
    const left = this.#loaded.length + this.#refs.length;
    const most = Math.min(this.#taken < firstAlone ? 1 : this.#together, left);
    const isLike = (one: AheadCase) => shapeOf(one) !== undefined && shapeOf(one) === shapeOf(this.#loaded[0]);
    while (this.#loaded.length < most && this.#loaded.every(isLike)) await this.#loadOne();
    const isGroup = most === this.#together && this.#loaded.length >= most && this.#loaded.slice(0, most).every(isLike);
    return this.#loaded.splice(0, isGroup ? most : 1);
  }

  async #loadOne(): Promise<void> {
    const ref = this.#refs.shift();
    if (ref !== undefined) this.#loaded.push({ ref, loading: await this.#load(ref) });
  }
}

/** The shape of a small image; nothing for other cases. */
function shapeOf({ loading }: AheadCase): string | undefined {
  const image = "loadedCase" in loading ? loading.loadedCase.loaded.image : undefined;
  if (!isPlaced(image)) return undefined;
  const { shape } = image.tensor;
  return shape.length === 3 && shape.reduce((all, extent) => all * extent, 1) <= largest ? shape.join() : undefined;
}

function disposeAll(cases: readonly AheadCase[]): void {
  for (const { loading } of cases) disposeLoading(loading);
}
