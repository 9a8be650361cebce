import { z } from "npm:zod@4.6.7";

/**
 * What stands beyond the border of an image, by the names of scipy.ndimage:
 * - `reflect`: d c b a | a b c d | d c b a
 * - `mirror`: d c b | a b c d | c b a
 * - `nearest`: a a a a | a b c d | d d d d
 * - `constant`: k k k k | a b c d | k k k k
 * - `wrap`: a b c d | a b c d | a b c d
 *
 * Windows larger than the image go around as often as needed.
 */
export type Border = "reflect" | "mirror" | "nearest" | "constant" | "wrap";

/** The options that say what stands beyond the border. */
export interface BorderOptions {
  /** What stands beyond the border. Default `reflect`. */
  border: Border;
  /** The value beyond the border `constant`. Default 0. */
  cval: number;
}

/** The option `border` of a schema. */
export const borderOption: z.ZodType<Border> = z.enum(["reflect", "mirror", "nearest", "constant", "wrap"])
  .default("reflect").describe("What stands beyond the border, as in scipy.ndimage");

/** The option `cval` of a schema. */
export const cvalOption: z.ZodType<number> = z.number().default(0).describe('Value beyond the border "constant"');

/** Indices this far beyond the image still turn right in `border_source`; its arithmetic is in f32. */
const reach = 1 << 20;

/** The rule of `border_source` for an axis of `count` pixels: least and greatest index, period, turning sum. */
export function borderRule(border: Border, count: number): [number, number, number, number] {
  switch (border) {
    case "reflect":
      return [-reach, reach, 2 * count, 2 * count - 1];
    case "mirror":
      return [-reach, reach, Math.max(1, 2 * count - 2), 2 * count - 2];
    case "wrap":
      return [-reach, reach, count, 2 * count];
    default:
      return [0, count - 1, count, 2 * count];
  }
}

/** The number of pixels after which the pixels along an axis of `count` repeat, or 0 where they don't. */
export function borderPeriod(border: Border, count: number): number {
  switch (border) {
    case "reflect":
      return 2 * count;
    case "mirror":
      return Math.max(1, 2 * count - 2);
    case "wrap":
      return count;
    default:
      return 0;
  }
}

/**
 * How many layers before and after its own a pixel's window of that radius takes pixels from, along an axis of `count`:
 * beyond the border stand pixels near it, but those of the other end with `wrap`.
 */
export function borderHalo(border: Border, radius: number, count: number): number {
  return radius === 0 ? 0 : border === "wrap" ? count - 1 : Math.min(radius, count - 1);
}

/** 1 for the border `constant`, where the value beyond the border isn't a pixel of the image, else 0. */
export function borderFill(border: Border): number {
  return border === "constant" ? 1 : 0;
}

/**
 * The index that an index stands for, by walking to it from the definition, or `undefined` for the constant's value.
 * Slow, exact and made for twins.
 */
export function borderIndex(index: number, count: number, border: Border): number | undefined {
  let at = index;
  while (at < 0 || at >= count) {
    const beyond = at < 0;
    switch (border) {
      case "reflect":
        at = beyond ? -1 - at : 2 * count - 1 - at;
        break;
      case "mirror":
        at = count === 1 ? 0 : beyond ? -at : 2 * count - 2 - at;
        break;
      case "nearest":
        at = beyond ? 0 : count - 1;
        break;
      case "wrap":
        at += beyond ? count : -count;
        break;
      case "constant":
        return undefined;
    }
  }
  return at;
}
