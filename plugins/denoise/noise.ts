/** Seeded noise for trials: the same seed gives the same noise. */

/** How noise is distributed: `rician` is that of MR magnitude images, whose background it lifts. */
export type TrialNoise = "gaussian" | "rician";

/** An image with noise of a standard deviation `sigma`, in the image's unit. */
export function withNoise(clean: Float32Array, kind: TrialNoise, sigma: number, seed: number): Float32Array {
  const next = normals(seed);
  return clean.map((value) =>
    kind === "gaussian" ? value + sigma * next() : Math.hypot(value + sigma * next(), sigma * next())
  );
}

/** Normally distributed numbers: Box and Muller's transform of Mulberry32's. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
