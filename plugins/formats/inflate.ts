import { constants, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { cannotOpen, FETCH_AGAIN, thrownReason } from "./decoded.ts";
import { type Origin, tooManyBytes } from "./limits.ts";

/** How content is deflated: as a gzip file, a zlib stream, or bare. */
export type Deflated = "gzip" | "zlib" | "raw";

const INFLATE = { gzip: gunzipSync, zlib: inflateSync, raw: inflateRawSync } as const;

/** The codes by which zlib says that the output is full: Node's is an error, Deno's may be one as well. */
const IS_FULL = /ERR_BUFFER_TOO_LARGE|ERR_OUT_OF_RANGE/;

/** How to inflate. */
export interface InflateOptions {
  /** Most bytes that may come out, where the header tells; never more than the origin's limit. */
  readonly most?: number;
  /** What is inflated, for messages: "its gzip data". */
  readonly what?: string;
}

/**
 * Inflates all members of a gzip file (zeros behind them are padding), a zlib stream or a bare one. Throws an `InputError` where
 * the data is damaged, ends early or becomes more than `most`.
 */
export function inflate(
  bytes: Uint8Array,
  kind: Deflated,
  { name, limits }: Origin,
  { most = limits.inflatedBytes, what = `its ${kind === "gzip" ? "gzip" : "deflated"} data` }: InflateOptions = {},
): Uint8Array<ArrayBuffer> {
  const bound = Math.min(most, limits.inflatedBytes);
  try {
    return owned(INFLATE[kind](bytes, { maxOutputLength: Math.max(1, bound) }));
  } catch (error) {
    if (!IS_FULL.test((error as { code?: string }).code ?? "")) {
      throw cannotOpen(name, `${what} is damaged or ends early (${thrownReason(error)})`, FETCH_AGAIN);
    }
    if (bound === limits.inflatedBytes) throw tooManyBytes(name, "more bytes than it may", limits);
    throw cannotOpen(name, `${what} holds more than the ${bound.toLocaleString("en-US")} bytes declared`, FETCH_AGAIN);
  }
}

/** What the first bytes of deflated content become, as far as they go; nothing where they are damaged. */
export function beginningOf(head: Uint8Array, kind: Deflated, most = 2 ** 22): Uint8Array<ArrayBuffer> {
  // No more input than fits: a deflated byte becomes at most 1,032.
  const part = head.subarray(0, Math.max(64, Math.floor(most / 1032)));
  try {
    return owned(INFLATE[kind](part, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 * most }));
  } catch {
    return new Uint8Array();
  }
}

/** Whether bytes begin as a gzip file. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** The same bytes as a plain array, in a buffer that begins with them. */
function owned(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const fillsBuffer = buffer.byteOffset === 0 && buffer.byteLength === buffer.buffer.byteLength;
  return fillsBuffer ? new Uint8Array(buffer.buffer as ArrayBuffer) : new Uint8Array(buffer);
}
