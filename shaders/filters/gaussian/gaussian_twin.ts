import type { HostTensor } from "../../contract.ts";
import { borderIndex } from "../border.ts";
import { countAlong, type Extents, extentsOf } from "../extents.ts";
import { mapPixels, placeAlong, strideOf } from "../pixels_twin.ts";
import type { GaussianOptions } from "./gaussian.ts";
import { type GaussianAxis, gaussianSigmas } from "./gaussian_kernel.ts";

/** {@linkcode gaussian} in f64: one axis after the other, each pixel's sum over its window. */
export function gaussianTwin([image]: readonly HostTensor[], options: GaussianOptions): HostTensor[] {
  const extents = extentsOf("gaussian", image, options.slicewise);
  const passes = gaussianSigmas(image, options).filter(({ sigma }) => sigma > 0);
  return [passes.reduce((input, pass) => smooth(input, extents, pass, options), image)];
}

function smooth(image: HostTensor, extents: Extents, pass: GaussianAxis, options: GaussianOptions): HostTensor {
  const { axis, sigma, order } = pass;
  const radius = Math.floor(options.truncate * sigma + 0.5);
  const bell = (offset: number) => Math.exp(-(offset ** 2) / (2 * sigma ** 2));
  let sum = 0;
  for (let offset = -radius; offset <= radius; offset++) sum += bell(offset);
  // The derivatives of the Gaussian; a window's sum correlates, so that the first one's sign is turned.
  const factors = [() => 1, (x: number) => x / sigma ** 2, (x: number) => x ** 2 / sigma ** 4 - 1 / sigma ** 2];
  const weights: number[] = [];
  for (let offset = -radius; offset <= radius; offset++) weights.push(bell(offset) / sum * factors[order](offset));
  const count = countAlong(extents, axis);
  const stride = strideOf(extents, axis);
  return mapPixels(image, (pixel) => {
    const place = placeAlong(extents, axis, pixel);
    let total = 0;
    for (let offset = -radius; offset <= radius; offset++) {
      const source = borderIndex(place + offset, count, options.border);
      const value = source === undefined ? options.cval : image.data[pixel + (source - place) * stride];
      total += weights[offset + radius] * value;
    }
    return total;
  });
}
