/** Device memory within a byte budget: software drivers allocate lazily and accept anything, so the budget is the guard. */

import { MemoryError } from "../errors.ts";

/** What a value needs to be stored in. */
export type Need =
  | { readonly kind: "buffer"; readonly bytes: number }
  | { readonly kind: "texture"; readonly width: number; readonly height: number; readonly layers: number };

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

/** Lends buffers and textures, keeps what is given back for the next taker, and refuses to exceed its budget. */
export class Pool {
  readonly #device: GPUDevice;
  readonly budget: number;
  readonly #maxBufferBytes: number;
  readonly #free = new Map<string, Storage[]>();
  #lent = 0;
  #kept = 0;
  #peak = 0;
  /** Storages that the device may have refused to make: they are not lent again. */
  readonly #broken = new WeakSet<Storage>();
  #created: Storage[] | undefined;

  constructor(device: GPUDevice, budget: number, maxBufferBytes: number) {
    this.#device = device;
    this.budget = budget;
    this.#maxBufferBytes = maxBufferBytes;
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

  /** Throws a `MemoryError` where `needs` exceed the budget together with what is lent, or one what a buffer can hold. */
  reserve(needs: readonly Need[], what: string): void {
    for (const need of needs) {
      if (need.kind === "buffer" && bufferBytes(need.bytes) > this.#maxBufferBytes) {
        throw new MemoryError(
          `${what} needs a buffer of ${mebibytes(need.bytes)}, but this adapter's largest is ${
            mebibytes(this.#maxBufferBytes)
          }: run smaller parts`,
        );
      }
    }
    const asked = needs.reduce((sum, need) => sum + storageBytes(need), 0);
    if (this.#lent + asked <= this.budget) return;
    throw new MemoryError(
      `${what} needs ${mebibytes(asked)} of device memory besides ${mebibytes(this.#lent)} in use, but the budget is ` +
        `${mebibytes(this.budget)}: raise memoryBudget to ${
          mebibytes(this.#lent + asked)
        }, dispose tensors, or run smaller parts`,
    );
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
    } else {
      this.reserve([need], "A tensor");
      if (this.#lent + this.#kept + bytes > this.budget) this.trim();
    }
    this.#lent += bytes;
    this.#peak = Math.max(this.#peak, this.#lent + this.#kept);
    return known ?? this.#create(need, key, bytes);
  }

  /** Takes a storage back. Commands already submitted may still use it: later ones are ordered behind them. */
  give(storage: Storage): void {
    this.#lent -= storage.bytes;
    if (this.#broken.has(storage)) return destroy(storage);
    this.#kept += storage.bytes;
    const list = this.#free.get(storage.key);
    if (list) list.push(storage);
    else this.#free.set(storage.key, [storage]);
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
      const list = this.#free.get(storage.key);
      const index = list?.indexOf(storage) ?? -1;
      if (index < 0) continue;
      list!.splice(index, 1);
      this.#kept -= storage.bytes;
      destroy(storage);
    }
  }

  /** Destroys what is kept for reuse. */
  trim(): void {
    for (const storage of [...this.#free.values()].flat()) destroy(storage);
    this.#free.clear();
    this.#kept = 0;
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
