/** Seeded noise for trials: the same seed gives the same noise. */
import { randomNumbers } from "../../shaders/mod.ts";

/** How noise is distributed: `rician` is that of MR magnitude images, whose background it lifts. */
export type TrialNoise = "gaussian" | "rician";

/** An image with noise of a standard deviation `sigma`, in the image's unit. */
export function withNoise(clean: Float32Array, kind: TrialNoise, sigma: number, seed: number): Float32Array {
  const next = normals(seed);
  return clean.map((value) =>
    kind === "gaussian" ? value + sigma * next() : Math.hypot(value + sigma * next(), sigma * next())
  );
}

/** Normally distributed numbers: the transform of Box and Muller. */
function normals(seed: number): () => number {
  const next = randomNumbers(seed);
  return () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
