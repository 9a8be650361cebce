import type { Spec } from "../../contract.ts";
import { type Axis, extentsOf, forAxes, inPixels } from "../extents.ts";
import type { Kernel } from "../passes/separable/separable.ts";
import type { GaussianOptions, GaussianOrder } from "./gaussian.ts";

/** What {@linkcode gaussianSigmas} finds. */
export interface GaussianAxis {
  readonly axis: Axis;
  /** Standard deviation in pixels. */
  readonly sigma: number;
  readonly order: GaussianOrder;
}

/** The filtered axes with standard deviation in pixels and derivative; throws where options and image don't fit. */
export function gaussianSigmas(image: Spec, options: GaussianOptions): GaussianAxis[] {
  const extents = extentsOf("gaussian", image, options.slicewise);
  const { axes } = extents;
  const sigmas = options.sigmaMm === undefined
    ? forAxes("sigmaPx", options.sigmaPx ?? 0, axes)
    : inPixels(extents, forAxes("sigmaMm", options.sigmaMm, axes), options.spacing);
  const orders = forAxes("order", options.order, axes) as GaussianOrder[];
  return axes.map((axis, index) => ({ axis, sigma: sigmas[index], order: orders[index] }));
}

/** The sampled Gaussian or its derivative, as weights of the pixels around one. */
export function gaussianKernel(sigma: number, order: GaussianOrder, truncate: number): Kernel {
  if (sigma === 0) return { weights: Float64Array.of(1), first: 0 };
  const radius = Math.floor(truncate * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const variance = sigma * sigma;
  return {
    first: -radius,
    weights: weights.map((weight, index) => {
      const at = index - radius;
      const polynomial = order === 0 ? 1 : order === 1 ? at / variance : (at * at / variance - 1) / variance;
      return weight / sum * polynomial;
    }),
  };
}
