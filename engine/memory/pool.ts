/** Device memory within a byte budget: software drivers allocate lazily and accept anything, so the budget is the guard. */

import type { Facts } from "../../shaders/contract.ts";
import { MemoryError } from "../errors.ts";

/** What a value needs to be stored in. */
export type Need =
  | { readonly kind: "buffer"; readonly bytes: number }
  | { readonly kind: "texture"; readonly width: number; readonly height: number; readonly layers: number };

/** Texels of 4 KiB, the distance at which places of memory have the same lines of a processor's first cache. */
const aliasTexels = 256;

/** Texels of a line of a cache. */
const lineTexels = 4;

/** Rows from which on a column of texels is more than a cache keeps of places at that distance. */
const aliasedRows = 64;

/**
 * The texture for texels. lavapipe puts its rows one after the other: where they are of a multiple of 4 KiB, the texels of a
 * column would drive each other from the processor's caches, so that such rows are a line of them longer.
 */
export function textureNeed(
  { texels, rows, layers }: { readonly texels: number; readonly rows: number; readonly layers: number },
  { adapter, maxTextureSize }: Pick<Facts, "adapter" | "maxTextureSize">,
): Need {
  const aliased = adapter === "lavapipe" && rows >= aliasedRows && texels % aliasTexels === 0;
  const longer = aliased && texels + lineTexels <= maxTextureSize;
  return { kind: "texture", width: texels + (longer ? lineTexels : 0), height: rows, layers };
}

/** A buffer or a texture that the pool lends. */
export type Storage =
  | { readonly kind: "buffer"; readonly key: string; readonly bytes: number; readonly buffer: GPUBuffer }
  | {
    readonly kind: "texture";
    readonly key: string;
    readonly bytes: number;
    readonly texture: GPUTexture;
    /** All layers, as pages see them. */
    readonly view: GPUTextureView;
  };

/** Buffers of equal key are exchangeable, and textures of equal extents. */
export function storageKey(need: Need): string {
  return need.kind === "buffer" ? `b${bufferBytes(need.bytes)}` : `t${need.width}x${need.height}x${need.layers}`;
}

/** Bytes that a need takes of the budget. */
export function storageBytes(need: Need): number {
  return need.kind === "buffer" ? bufferBytes(need.bytes) : need.width * need.height * need.layers * 16;
}

/** Powers of two up to a mebibyte, whole mebibytes above, so that buffers find a second use. */
function bufferBytes(bytes: number): number {
  const mebibyte = 1 << 20;
  if (bytes > mebibyte) return Math.ceil(bytes / mebibyte) * mebibyte;
  return Math.max(256, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
}

/**
 * Throws a `MemoryError` where `needs` and `others`, bytes that must be there with them, exceed the budget, or one of them
 * what a buffer can hold.
 */
export function refuseNeeds(
  needs: readonly Need[],
  what: string,
  others: number,
  budget: number,
  maxBufferBytes: number,
): void {
  for (const need of needs) {
    if (need.kind === "buffer" && bufferBytes(need.bytes) > maxBufferBytes) {
      throw new MemoryError(
        `${what} needs a buffer of ${mebibytes(need.bytes)}, but this adapter's largest is ${
          mebibytes(maxBufferBytes)
        }: run smaller parts`,
      );
    }
  }
  const asked = needs.reduce((sum, need) => sum + storageBytes(need), 0);
  if (asked + others <= budget) return;
  const besides = others > 0 ? ` besides ${mebibytes(others)} that it reads` : "";
  throw new MemoryError(
    `${what} needs ${mebibytes(asked)} of device memory${besides}, but the budget is ${mebibytes(budget)}: ` +
      `raise memoryBudget to ${mebibytes(asked + others)}, or run smaller parts`,
  );
}

/** How much a pool lends and keeps. */
export interface PoolOptions {
  /** Most bytes lent and kept together. */
  readonly budget: number;
  /** Most bytes kept for reuse. */
  readonly maxKeptBytes: number;
  /** Most bytes of a buffer. */
  readonly maxBufferBytes: number;
}

/** Lends buffers and textures, keeps what is given back for the next taker, and refuses to exceed its budget. */
export class Pool {
  readonly #device: GPUDevice;
  readonly budget: number;
  readonly #maxBufferBytes: number;
  readonly #maxKeptBytes: number;
  readonly #onGiven: () => void;
  readonly #free = new Map<string, Storage[]>();
  /** What is kept, that which was given back first at the beginning. */
  readonly #order = new Set<Storage>();
  #lent = 0;
  #kept = 0;
  #peak = 0;
  /** Storages that the device may have refused to make: they are not lent again. */
  readonly #broken = new WeakSet<Storage>();
  #created: Storage[] | undefined;

  /** `onGiven` is told whenever there is more to lend. */
  constructor(device: GPUDevice, options: PoolOptions, onGiven: () => void = () => {}) {
    this.#device = device;
    this.budget = options.budget;
    this.#maxBufferBytes = options.maxBufferBytes;
    this.#maxKeptBytes = options.maxKeptBytes;
    this.#onGiven = onGiven;
  }

  /** Bytes lent now, kept for reuse, and the highest sum of the two so far. */
  get bytes(): { lent: number; kept: number; peak: number } {
    return { lent: this.#lent, kept: this.#kept, peak: this.#peak };
  }

  /** Whether `needs` are within the budget together with what is lent, and each within what a buffer can hold. */
  fits(needs: readonly Need[]): boolean {
    return this.#lent + needs.reduce((sum, need) => sum + storageBytes(need), 0) <= this.budget &&
      needs.every((need) => need.kind === "texture" || bufferBytes(need.bytes) <= this.#maxBufferBytes);
  }

  /** Throws a `MemoryError` where `needs` and `others`, bytes that must be there with them, can never be lent. */
  refuse(needs: readonly Need[], what: string, others = 0): void {
    refuseNeeds(needs, what, others, this.budget, this.#maxBufferBytes);
  }

  /** A storage for each need, or none where one is refused; their content is undefined. */
  takeAll(needs: readonly Need[]): Storage[] {
    const taken: Storage[] = [];
    try {
      for (const need of needs) taken.push(this.take(need));
    } catch (error) {
      this.giveAll(taken);
      throw error;
    }
    return taken;
  }

  /** Takes storages back, so that the next who needs the same gets the same ones in the same order. */
  giveAll(storages: readonly Storage[]): void {
    for (let index = storages.length - 1; index >= 0; index--) this.give(storages[index]);
  }

  /** A storage for the need; its content is undefined. */
  take(need: Need): Storage {
    const key = storageKey(need);
    const known = this.#free.get(key)?.pop();
    const bytes = storageBytes(need);
    if (known) {
      this.#kept -= bytes;
      this.#order.delete(known);
    } else {
      this.refuse([need], "A tensor", this.#lent);
      this.#keepAtMost(this.budget - this.#lent - bytes);
    }
    this.#lent += bytes;
    this.#peak = Math.max(this.#peak, this.#lent + this.#kept);
    return known ?? this.#create(need, key, bytes);
  }

  /** Takes a storage back. Commands already submitted may still use it: later ones are ordered behind them. */
  give(storage: Storage): void {
    this.#lent -= storage.bytes;
    if (this.#broken.has(storage)) {
      destroy(storage);
    } else {
      this.#kept += storage.bytes;
      this.#order.add(storage);
      const list = this.#free.get(storage.key);
      if (list) list.push(storage);
      else this.#free.set(storage.key, [storage]);
      this.#keepAtMost(this.#maxKeptBytes);
    }
    this.#onGiven();
  }

  /** Takes a storage back that nobody will want the like of, such as weights that are packed by now. */
  end(storage: Storage): void {
    this.#lent -= storage.bytes;
    destroy(storage);
    this.#onGiven();
  }

  /** Does `work`, and gives the storages that had to be made for it. */
  watch(work: () => void): readonly Storage[] {
    const created: Storage[] = [];
    this.#created = created;
    try {
      work();
    } finally {
      this.#created = undefined;
    }
    return created;
  }

  /** Never lends these again, which the device may have refused to make. */
  discard(storages: readonly Storage[]): void {
    for (const storage of storages) {
      this.#broken.add(storage);
      if (this.#order.has(storage)) this.#drop(storage);
    }
  }

  /** Frees the memory that is kept for reuse. */
  trim(): void {
    this.#keepAtMost(0);
  }

  /** Destroys what was given back first until no more than so many bytes are kept. */
  #keepAtMost(bytes: number): void {
    for (const storage of this.#order) {
      if (this.#kept <= bytes) return;
      this.#drop(storage);
    }
  }

  #drop(storage: Storage): void {
    const list = this.#free.get(storage.key)!;
    list.splice(list.indexOf(storage), 1);
    if (list.length === 0) this.#free.delete(storage.key);
    this.#order.delete(storage);
    this.#kept -= storage.bytes;
    destroy(storage);
  }

  #create(need: Need, key: string, bytes: number): Storage {
    const storage = this.#make(need, key, bytes);
    this.#created?.push(storage);
    return storage;
  }

  #make(need: Need, key: string, bytes: number): Storage {
    if (need.kind === "buffer") {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      return { kind: "buffer", key, bytes, buffer: this.#device.createBuffer({ size: bytes, usage }) };
    }
    const usage = GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_SRC |
      GPUTextureUsage.COPY_DST;
    const size = [need.width, need.height, need.layers];
    const texture = this.#device.createTexture({ size, format: "rgba32float", usage });
    return { kind: "texture", key, bytes, texture, view: texture.createView({ dimension: "2d-array" }) };
  }
}

function destroy(storage: Storage): void {
  if (storage.kind === "buffer") storage.buffer.destroy();
  else storage.texture.destroy();
}

/** A byte count for a reader. */
export function mebibytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toFixed(bytes < 10 << 20 ? 2 : 0)} MiB`;
}
