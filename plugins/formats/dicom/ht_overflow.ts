/**
 * Lossy HTJ2K of signed samples as OpenJPH wrote it up to version 0.9: its samples were read as unsigned ones, so that negative ones stand
 * beyond the range that the header declares. Decoders limit these to the greatest value. With half the quantization steps all samples
 * are within the range, and wrap to what they were.
 */
import type { CodeStream } from "./wasm_codecs.ts";

const QCD = [0xff, 0x5c];
const TILE = [0xff, 0x90];

/** The same code stream with half the quantization steps (ISO/IEC 15444-1, A.6.4); nothing where it isn't so made. */
export function withHalfSteps(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const at = indexOf(bytes, QCD);
  const end = indexOf(bytes, TILE);
  if (at < 0 || at > end) return undefined;
  const [length, style] = [bytes[at + 2] << 8 | bytes[at + 3], bytes[at + 4]];
  const [guardBits, kind] = [style >> 5, style & 31];
  // Without guard bits or with a derived quantization there is nothing to take from.
  if (kind !== 2 || guardBits === 0 || at + 2 + length > end) return undefined;
  const changed = bytes.slice();
  changed[at + 4] = (guardBits - 1) << 5 | kind;
  // A step is 2^(precision - exponent): one more halves it, one guard bit less keeps the number of bit planes.
  for (let band = at + 5; band + 1 < at + 2 + length; band += 2) changed[band] += 1 << 3;
  return changed;
}

/** Whether samples reach the greatest value, as those do that a decoder has limited. */
export function isLimited({ signed, bits, samples }: CodeStream): boolean {
  return signed && samples.includes(2 ** (bits - 1) - 1);
}

/** What samples were, from those of half the steps; nothing where none of them is beyond the range. */
export function unwrapped({ bits, samples }: CodeStream): Int16Array | undefined {
  const unused = 32 - bits;
  if (!samples.some((half) => half > 2 ** (bits - 2))) return undefined;
  return Int16Array.from(samples, (half) => 2 * half << unused >> unused);
}

function indexOf(bytes: Uint8Array, [first, second]: readonly number[]): number {
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (bytes[at + 1] === second) return at;
  }
  return -1;
}
