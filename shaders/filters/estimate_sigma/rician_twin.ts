import type { HostTensor } from "../../contract.ts";
import { extentsOf } from "../extents.ts";
import { planWindows, windowSize } from "./rician.ts";

const rayleighMean = Math.sqrt(Math.PI / 2);

/** The noise level of the magnitudes of one channel: from the background if there is any, else `gaussian`. */
export function ricianLevel(image: HostTensor, gaussian: number): number {
  const windows = windowsOf(image);
  const noise = windows.filter(({ mean, square, padded }) => {
    const variance = square - mean ** 2;
    return !padded && mean > 0 && variance > 0.07 * mean ** 2 && variance < 0.6 * mean ** 2;
  });
  // Epanechnikov's kernel, a quarter of its center wide.
  const weight = (mean: number, center: number) => Math.max(0, 1 - (4 * (mean - center) / center) ** 2);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  if (noise.length === 0 || gaussian === 0) return gaussian;
  const candidates = Array.from({ length: 64 }, (_, index) => gaussian * rayleighMean * (0.75 + index / 63));
  const densities = candidates.map((center) => sum(noise.map(({ mean }) => weight(mean, center))) / center);
  let center = candidates[densities.indexOf(Math.max(...densities))];
  let mass = 0;
  let square = 0;
  for (let step = 0; step < 8; step++) {
    const weights = noise.map(({ mean }) => weight(mean, center));
    mass = sum(weights);
    if (mass === 0) return gaussian;
    square = sum(noise.map((window, index) => weights[index] * window.square)) / mass;
    center = sum(noise.map(({ mean }, index) => weights[index] * mean)) / mass;
  }
  const unpadded = windows.filter(({ padded }) => !padded).length;
  const enough = mass >= Math.max(8, 0.05 * unpadded);
  // The mean square of Rayleigh's distribution is 1.27 squared means; with a signal as great as the noise it is 1.25.
  const background = enough && Math.abs(square / center ** 2 - 1.27) < 0.014 + 1 / Math.sqrt(24 * Math.max(mass, 1));
  return background ? center / rayleighMean : gaussian;
}

function windowsOf(image: HostTensor) {
  const extents = extentsOf("estimateSigma", image, false);
  const { across, slice, step, count } = planWindows(extents);
  const { height, width } = extents;
  return Array.from({ length: count }, (_, index) => {
    const x = index % across * windowSize[0];
    const y = Math.floor(index % slice / across) * step;
    const first = (Math.floor(index / slice) * height + y) * width + x;
    let [total, squares, padded] = [0, 0, false];
    for (let row = 0; row < windowSize[1]; row++) {
      for (let column = 0; column < windowSize[0]; column++) {
        const value = image.data[first + row * width + column];
        total += value;
        squares += value * value;
        padded ||= value === 0;
      }
    }
    const pixels = windowSize[0] * windowSize[1];
    return { mean: total / pixels, square: squares / pixels, padded };
  });
}
