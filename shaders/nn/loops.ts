/** The loop bound of Mesa's software drivers, which stop silently at 65,535 iterations of all loops of an invocation. */

/** The most iterations that a dispatch may state. */
export const iterationLimit = 60_000;

/**
 * Iterations of loops nested in each other, the outermost first, as those drivers count them. The iteration whose check ends a loop
 * counts as well, and within it each loop inside is entered once more. Measured on lavapipe: within an outer loop, loops
 * of 2 cost 3 iterations, of 1 x 2 cost 6, of 1 x 1 x 2 cost 10, of 3 x 2 x 2 cost 36.
 */
export function nestedIterations(sizes: readonly number[]): number {
  return sizes.reduceRight((iterations, size, index) => size * (1 + iterations) + sizes.length - index, 0);
}
