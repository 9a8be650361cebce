import { type Geometry, type Header, InputError } from "../../engine/pipeline/mod.ts";
import type { Origin } from "./limits.ts";

/** What the channels of a picture mean; `values` are numbers of one or more quantities. */
export type Channels = "values" | "gray" | "gray+alpha" | "rgb" | "rgba";

/** Pixels and geometry of one file. */
export interface Decoded {
  /** Real values, row-major: the file's slope and intercept are applied. */
  readonly pixels: Float32Array<ArrayBuffer>;
  /** [C, H, W] or [C, D, H, W]; a volume of one slice is an image. */
  readonly shape: readonly number[];
  /** Where the pixels lie. */
  readonly geometry: Geometry;
  /** What the channels mean. */
  readonly channels: Channels;
  /** What else the file says, if anything. */
  readonly header?: Header;
  /** Values that mean "not measured": from the lower to the higher, both included. */
  readonly padding?: { readonly low: number; readonly high: number };
  /** What the reader had to assume or leave out, one sentence each. */
  readonly warnings: readonly string[];
}

/** Turns the bytes of a file into pixels. Throws an `InputError`. */
export type Decode = (bytes: Uint8Array<ArrayBuffer>, origin: Origin) => Decoded | Promise<Decoded>;

/** The one line that says why a file can't be opened and what helps. */
export function cannotOpen(name: string, reason: string, remedy: string): InputError {
  return new InputError(`Cannot open ${name} as ${reason}: ${remedy}`);
}

/** What to do about a file that is damaged. */
export const FETCH_AGAIN = "fetch the file again";

/** A count with separators, as messages show bytes: 524,288. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** The first line of whatever a library threw: an Error, a string or an object with one inside. */
export function thrownReason(thrown: unknown): string {
  const inner = thrown !== null && typeof thrown === "object" && "exception" in thrown ? thrown.exception : thrown;
  const text = inner instanceof Error ? inner.message : String(inner);
  return text.split("\n")[0].replaceAll(/[^\x20-\x7e]/g, "?").trim().replace(/:$/, "").slice(0, 160);
}

/** Text of a file as a message may show it: short, without what a terminal obeys. */
export function printable(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7e]/g, "?");
  return plain.length > 40 ? `${plain.slice(0, 37)}...` : plain;
}

/** The shape of an image, or of a volume where there is more than one slice. */
export function shapeOf(channels: number, depth: number, height: number, width: number): number[] {
  return depth === 1 ? [channels, height, width] : [channels, depth, height, width];
}

/** Turns pixels that keep their samples together (r g b r g b) into one plane per channel. */
export function planesOf(samples: ArrayLike<number>, channels: number): Float32Array<ArrayBuffer> {
  const pixels = new Float32Array(samples.length);
  const size = samples.length / channels;
  for (let at = 0, pixel = 0; pixel < size; pixel++) {
    for (let channel = 0; channel < channels; channel++) pixels[channel * size + pixel] = samples[at++];
  }
  return pixels;
}
