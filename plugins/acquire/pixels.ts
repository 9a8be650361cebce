import { counted, InputError } from "../../engine/pipeline/mod.ts";
import type { Decoded } from "../formats/decoded.ts";

/** Pixels [C, H, W] or [C, D, H, W] and what happened to them. */
export interface Pixels {
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
  readonly warnings: readonly string[];
}

/** Weights of red, green and blue in luma (ITU-R BT.601), as Pillow and OpenCV turn color into gray. */
const LUMA = [0.299, 0.587, 0.114];

/** A picture of color as one channel of luma, without its transparency; values of other kinds stay as they are. */
export function withoutColor({ pixels, shape, channels, warnings }: Decoded): Pixels {
  if (channels === "values" || channels === "gray") return { pixels, shape, warnings };
  const size = pixels.length / shape[0];
  const [red, green, blue, last] = Array.from({ length: 4 }, (_, at) => pixels.subarray(at * size, (at + 1) * size));
  const alpha = channels === "gray+alpha" ? green : channels === "rgba" ? last : undefined;
  const notes = [...warnings];
  const opaque = alpha?.reduce((most, value) => Math.max(most, value), 0);
  if (alpha?.some((value) => value !== opaque)) notes.push("The picture is transparent in parts: that is left out.");
  const gray = red.slice();
  const isColored = channels !== "gray+alpha" && red.some((value, at) => value !== green[at] || value !== blue[at]);
  if (isColored) {
    notes.push("The picture is colored: its luma (0.299 red + 0.587 green + 0.114 blue) is taken.");
    for (let at = 0; at < size; at++) gray[at] = LUMA[0] * red[at] + LUMA[1] * green[at] + LUMA[2] * blue[at];
  }
  return { pixels: gray, shape: [1, ...shape.slice(1)], warnings: notes };
}

/** Values that stand for no measurement. */
export interface Padding {
  /** 1 where a value was measured, else 0. */
  readonly valid: Float32Array<ArrayBuffer>;
  /** The least measured value. */
  readonly least: number;
  /** The greatest measured value. */
  readonly greatest: number;
  /** A sentence for the case's warnings. */
  readonly note: string;
}

/** Which values stand for no measurement; nothing where all were measured, or none was. */
export function paddingOf({ pixels, padding, channels }: Decoded): Padding | undefined {
  if (padding === undefined || channels !== "gray") return undefined;
  const { low, high } = padding;
  const valid = new Float32Array(pixels.length);
  let [least, greatest, count] = [Infinity, -Infinity, 0];
  pixels.forEach((value, at) => {
    if (value >= low && value <= high) return;
    valid[at] = 1;
    count++;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  });
  if (count === 0 || count === pixels.length) return undefined;
  const range = low === high ? String(low) : `${low} to ${high}`;
  const found = counted(pixels.length - count, "value");
  return {
    valid,
    least,
    greatest,
    note:
      `Padding (${range}), ${found}: kept; filters and networks see the least measured value there, statistics leave it out, ` +
      "and nothing is found in it.",
  };
}

/**
 * Finds NaN and infinite values by their bits. They are refused with an `InputError`, or a number takes their place. `name`
 * is for the message.
 */
export function withoutNonFinite(image: Pixels, nonFinite: "refuse" | number, name: string): Pixels {
  const bits = new Uint32Array(image.pixels.buffer, image.pixels.byteOffset, image.pixels.length);
  const isNonFinite = (word: number): boolean => (word & 0x7fffffff) >= 0x7f800000;
  const found = bits.reduce((sum, word) => sum + Number(isNonFinite(word)), 0);
  if (found === 0) return image;
  const what = `${found.toLocaleString("en-US")} of ${bits.length.toLocaleString("en-US")} values`;
  if (nonFinite === "refuse") {
    const remedy = "replace them, for example with --set acquire.nonFinite=0";
    throw new InputError(`Cannot open ${name} as ${what} are NaN or infinite: ${remedy}`);
  }
  const pixels = image.pixels.map((value, at) => isNonFinite(bits[at]) ? nonFinite : value);
  const warning = `${what} were NaN or infinite: ${nonFinite} takes their place.`;
  return { ...image, pixels, warnings: [...image.warnings, warning] };
}
