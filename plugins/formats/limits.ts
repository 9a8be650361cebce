import { cannotOpen, count, FETCH_AGAIN } from "./decoded.ts";
import type { InputError } from "../../engine/pipeline/mod.ts";

/** How much a file may ask for: headers are checked against it before anything is allocated or inflated. */
export interface Limits {
  /** Most bytes that compressed content may become. */
  readonly inflatedBytes: number;
  /** Most values of one image or volume, all channels together. */
  readonly voxels: number;
}

/** 2 GiB and 2^29 values: one image then takes 2 GiB as f32. */
export const DEFAULT_LIMITS: Limits = { inflatedBytes: 2 ** 31, voxels: 2 ** 29 };

/** A file's name for messages, its limits, and access to its neighbors. */
export interface Origin {
  /** For messages only. */
  readonly name: string;
  /** What the file may ask for. */
  readonly limits: Limits;
  /** Reads a file of the same folder by its bare name; `undefined` where there is no such regular file. */
  readonly sibling?: (name: string) => Promise<Uint8Array<ArrayBuffer> | undefined>;
}

/** A file that stands alone and may ask for as much as is allowed by default. */
export function originOf(name: string): Origin {
  return { name, limits: DEFAULT_LIMITS };
}

/**
 * The product of sizes that a header declares, each a whole number above 0. Throws an `InputError` for others, and where the
 * product exceeds the limit of voxels.
 */
export function declaredVoxels(sizes: readonly number[], { name, limits }: Origin): number {
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw cannotOpen(name, `it declares ${sizes.join(" x ")} values`, FETCH_AGAIN);
  }
  const product = sizes.reduce((total, size) => total * BigInt(size), 1n);
  if (product > BigInt(limits.voxels)) throw tooManyVoxels(name, `${sizes.join(" x ")} values`, limits);
  return Number(product);
}

/** Refuses a header that declares more values than the limit. */
export function tooManyVoxels(name: string, declared: string, { voxels }: Limits): InputError {
  const reason = `it declares ${declared}, more than ${count(voxels)}`;
  return cannotOpen(name, reason, "allow more with --set acquire.maxVoxels=NUMBER if the file is right");
}

/** Refuses content that inflates to more bytes than the limit. */
export function tooManyBytes(name: string, declared: string, { inflatedBytes }: Limits): InputError {
  const reason = `it inflates to ${declared}, more than ${count(inflatedBytes)} bytes`;
  return cannotOpen(name, reason, "allow more with --set acquire.maxInflatedBytes=NUMBER if the file is right");
}

/** Throws an `InputError` where fewer bytes are there than the header asks for. `what` ends there: "voxel data". */
export function checkBytes(there: number, wanted: number, what: string, name: string): void {
  if (there >= wanted) return;
  const counts = `${count(Math.max(0, there))} of ${count(wanted)} bytes`;
  throw cannotOpen(name, `its ${what} ends after ${counts}`, FETCH_AGAIN);
}
