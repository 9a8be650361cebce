/** The loop bound of Mesa's software drivers, which stop silently at 65,535 turns of all loops of an invocation. */

/** The most turns that a dispatch may state. */
export const iterationLimit = 60_000;

/**
 * Turns of loops nested in each other, the outermost first, as those drivers count them. The turn whose check ends a loop
 * counts as well, and within it each loop inside is entered once more. Measured on lavapipe: within an outer loop, loops
 * of 2 cost 3 turns, of 1 x 2 cost 6, of 1 x 1 x 2 cost 10, of 3 x 2 x 2 cost 36.
 */
export function nestedTurns(sizes: readonly number[]): number {
  return sizes.reduceRight((turns, size, index) => size * (1 + turns) + sizes.length - index, 0);
}
