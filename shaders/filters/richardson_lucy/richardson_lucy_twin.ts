import type { HostTensor } from "../../contract.ts";
import { convolveAll } from "../convolve/convolve_twin.ts";
import { extentsOf } from "../extents.ts";
import type { RichardsonLucyOptions } from "./richardson_lucy.ts";

/** {@linkcode richardsonLucy} in f64: the estimate times the transposed blur of image over blurred estimate. */
export function richardsonLucyTwin(
  [image, psf]: readonly HostTensor[],
  { iterations, clip, slicewise }: RichardsonLucyOptions,
): HostTensor[] {
  const extents = extentsOf("richardsonLucy", image, slicewise);
  const sums = (of: HostTensor, flip: boolean) =>
    convolveAll(of, extents, { size: psf.shape, weights: psf.data, flip }, { border: "constant", cval: 0 }).data;
  let estimate: HostTensor = { ...image, data: new Float64Array(image.data.length).fill(0.5) };
  for (let iteration = 0; iteration < iterations; iteration++) {
    const blurred = sums(estimate, true);
    const ratio = { ...image, data: image.data.map((value, at) => value / (blurred[at] + 1e-12)) };
    const correction = sums(ratio, false);
    estimate = { ...image, data: estimate.data.map((value, at) => value * correction[at]) };
  }
  if (clip) estimate = { ...image, data: estimate.data.map((value) => Math.max(-1, Math.min(1, value))) };
  return [estimate];
}
