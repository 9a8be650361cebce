import type { HostTensor } from "../../contract.ts";
import { borderIndex } from "../../filters/border.ts";
import { countAlong, extentsOf } from "../../filters/extents.ts";
import { mapPixels, placeAlong, strideOf } from "../../filters/pixels_twin.ts";
import type { StructuralSimilarityOptions } from "./structural_similarity.ts";

/** {@linkcode structuralSimilarity} in f64: local means of the images and their products, as its sources have it. */
export function structuralSimilarityTwin(
  [reference, test]: readonly HostTensor[],
  options: StructuralSimilarityOptions,
): HostTensor[] {
  const { window, sigma, truncate, dataRange, K1, K2, useSampleCovariance, slicewise } = options;
  const extents = extentsOf("structuralSimilarity", reference, slicewise);
  const radius = window === "gaussian" ? Math.floor(truncate * sigma + 0.5) : (options.size - 1) / 2;
  const weights: number[] = [];
  for (let offset = -radius; offset <= radius; offset++) {
    weights.push(window === "gaussian" ? Math.exp(-(offset ** 2) / (2 * sigma ** 2)) : 1);
  }
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const local = (image: HostTensor): Float64Array =>
    extents.axes.reduce((input, axis) => {
      const count = countAlong(extents, axis);
      const stride = strideOf(extents, axis);
      return mapPixels(input, (pixel) => {
        const place = placeAlong(extents, axis, pixel);
        return weights.reduce((total, weight, index) => {
          const source = borderIndex(place + index - radius, count, "reflect") ?? 0;
          return total + weight / sum * input.data[pixel + (source - place) * stride];
        }, 0);
      });
    }, image).data;
  const product = (a: HostTensor, b: HostTensor) => mapPixels(a, (pixel) => a.data[pixel] * b.data[pixel]);

  const samples = (2 * radius + 1) ** extents.axes.length;
  const norm = useSampleCovariance ? samples / (samples - 1) : 1;
  const [meanX, meanY] = [local(reference), local(test)];
  const [xx, yy, xy] = [product(reference, reference), product(test, test), product(reference, test)].map(local);
  const [c1, c2] = [(K1 * dataRange) ** 2, (K2 * dataRange) ** 2];
  let total = 0;
  let count = 0;
  for (let pixel = 0; pixel < reference.data.length; pixel++) {
    const within = extents.axes.every((axis) => {
      const place = placeAlong(extents, axis, pixel);
      return place >= radius && place < countAlong(extents, axis) - radius;
    });
    if (!within) continue;
    const [x, y] = [meanX[pixel], meanY[pixel]];
    const [varianceX, varianceY] = [norm * (xx[pixel] - x * x), norm * (yy[pixel] - y * y)];
    const covariance = norm * (xy[pixel] - x * y);
    total += (2 * x * y + c1) * (2 * covariance + c2) / ((x * x + y * y + c1) * (varianceX + varianceY + c2));
    count++;
  }
  return [{ dtype: "f32", shape: [1], data: Float64Array.of(total / count) }];
}
