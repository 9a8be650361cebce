import { randomTensor, tensorOf } from "../../cases.ts";
import type { Case, HostTensor } from "../../contract.ts";
import type { StructuralSimilarityOptions } from "./structural_similarity.ts";

/** A smooth image in [base, base + 1] and the same one with noise. */
function pair(shape: readonly number[], base = 0): () => HostTensor[] {
  return () => {
    const noise = randomTensor(shape, { seed: 71, min: -0.2, max: 0.2 });
    const width = shape[shape.length - 1];
    const clean = tensorOf(shape, (index) => base + 0.5 + 0.4 * Math.sin(index / 7) * Math.cos(index / width / 5));
    return [clean, tensorOf(shape, (index) => clean.data[index] + noise.data[index])];
  };
}

const gaussian = { window: "gaussian", useSampleCovariance: false } as const;

/** Cases of {@linkcode structuralSimilarity}. */
export const structuralSimilarityCases: readonly Case<StructuralSimilarityOptions>[] = [
  { name: "ragged", inputs: pair([1, 37, 53]), options: {} },
  { name: "ragged, gaussian", inputs: pair([1, 37, 53]), options: gaussian },
  { name: "channels", inputs: pair([3, 20, 64]), options: { size: 11 } },
  { name: "a window as large as the image", inputs: pair([1, 7, 9]), options: {} },
  { name: "a window of 3", inputs: pair([2, 3, 5]), options: { size: 3 } },
  { name: "a window of 9", inputs: pair([1, 30, 30]), options: { size: 9 } },
  { name: "a window of 13", inputs: pair([1, 30, 31]), options: { size: 13 } },
  { name: "a window of 15", inputs: pair([1, 30, 34]), options: { size: 15 } },
  { name: "sigma 3, truncate 2", inputs: pair([1, 30, 41]), options: { ...gaussian, sigma: 3, truncate: 2 } },
  { name: "a sample covariance of Gaussian weights", inputs: pair([1, 30, 41]), options: { window: "gaussian" } },
  { name: "large values", inputs: pair([1, 40, 40], 1000), options: {} },
  { name: "a range of 100", inputs: pair([1, 20, 21]), options: { dataRange: 100, K1: 0.02, K2: 0.01 } },
  { name: "volume", inputs: pair([1, 9, 11, 13]), options: {} },
  { name: "volume, gaussian", inputs: pair([2, 13, 12, 18]), options: gaussian },
  { name: "volume, one layer of windows", inputs: pair([1, 5, 8, 8]), options: { size: 5 } },
  { name: "volume, slice by slice", inputs: pair([2, 3, 12, 17]), options: { slicewise: true } },
  { name: "equal images", inputs: () => [pair([1, 12, 12])()[0], pair([1, 12, 12])()[0]], options: {} },
  {
    name: "constant images",
    inputs: () => [tensorOf([1, 9, 9], () => 0.5), tensorOf([1, 9, 9], () => 0.25)],
    options: {},
  },
  { name: "no channels", inputs: pair([0, 9, 9]), options: {} },
];
