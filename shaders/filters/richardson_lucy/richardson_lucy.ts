import { z } from "npm:zod@4.6.7";
import { type Callable, defineCallable } from "../../call.ts";
import { definePage, type Page, type Recorder, type Spec, type Value } from "../../contract.ts";
import { tiles as tilesLib } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { sizeOf } from "../../shape.ts";
import type { BorderOptions } from "../border.ts";
import { checkIterations, kernelShape, packKernels, recordConvolution, targetOf } from "../convolve/record.ts";
import { type Extents, extentsOf, slicewiseOption } from "../extents.ts";
import { groupsOver, overLayers } from "../tiles.ts";
import { richardsonLucyTwin } from "./richardson_lucy_twin.ts";
import startText from "./richardson_lucy_start.wgsl" with { type: "text" };

/** Options of {@linkcode richardsonLucy}. */
export interface RichardsonLucyOptions {
  /** How often the estimate is corrected; few iterations keep noise down. Default 50. */
  iterations: number;
  /** Clip the result to [-1, 1], as scikit-image does; not for images of another range. Default true. */
  clip: boolean;
  /** Filter the slices of a volume one by one, in 2-D. Default false. */
  slicewise: boolean;
}

const schema: z.ZodType<RichardsonLucyOptions> = z.strictObject({
  iterations: z.int().min(1).max(10_000).default(50).describe("How often the estimate is corrected"),
  clip: z.boolean().default(true).describe("Clip the result to [-1, 1]; not for images of another range"),
  slicewise: slicewiseOption,
});

/** The page of {@linkcode richardsonLucy} besides those of the convolution. */
export const richardsonLucyStart: Page = definePage({
  name: "richardson_lucy_start",
  file: import.meta.resolve("./richardson_lucy_start.wgsl"),
  text: startText,
  libs: [tilesLib],
  bindings: [{ name: "estimate", access: "write", layout: "rows4" }],
});

/** What keeps the division from 0, as in scikit-image. */
export const epsilon = 1e-12;

const beyond: BorderOptions = { border: "constant", cval: 0 };

/**
 * `richardsonLucy(r, image, psf, options)`: deconvolution with a known point spread function, for Poisson noise.
 *
 * - Source: W. H. Richardson, Bayesian-based iterative method of image restoration, JOSA 62, 1972; L. B. Lucy, An iterative
 *   technique for the rectification of observed distributions, Astronomical Journal 79, 1974; as scikit-image's
 *   `richardson_lucy`: from an estimate u of 0.5, `u <- u * H^T(image / (H u + 1e-12))` with H the convolution. For sizes
 *   that are even H^T is the transpose of H, where scikit-image's is off by a pixel.
 * - Input: an image `[C, H, W]` or a volume `[C, D, H, W]` of f32, not negative; a point spread function `[h, w]` or, in 3-D,
 *   `[d, h, w]`, whose element `floor(size / 2)` is its center and whose sum should be 1. The output has the image's unit.
 * - Border: zeros, so that the estimate falls off within a kernel's reach of it.
 * - Complexity: two convolutions per iteration (see `convolve`).
 * - Bound: 2e-6 of the greatest value: f32 sums and divisions, whose errors the iterations carry on but don't enlarge.
 *
 * @example
 * ```ts ignore
 * const sharp = engine.run((r) => filters.richardsonLucy(r, image, psf, { iterations: 10 }));
 * ```
 */
export const richardsonLucy: Callable<[image: Value, psf: Value], RichardsonLucyOptions> = defineCallable(2, {
  name: "richardsonLucy",
  options: optionsOf(schema),
  outputs: ([image, psf], options: RichardsonLucyOptions) => {
    const shape = psfShape(image, psf, options);
    for (const flip of [true, false]) checkIterations("richardsonLucy", shape, flip);
    return [{ dtype: "f32", shape: image.shape }];
  },
  cost: ([image, psf], { iterations }) => {
    const size = sizeOf(image.shape);
    return { bytes: 8 * size, flops: iterations * size * (4 * sizeOf(psf.shape) + 3) };
  },
  record: (r, [image, psf], options) => {
    const extents = extentsOf("richardsonLucy", image, options.slicewise);
    const temporary = () => r.temporary({ dtype: "f32", shape: image.shape });
    if (sizeOf(image.shape) === 0) return [temporary()];
    const kernel = r.reshape(psf, psfShape(image, psf, options));
    const [blur, transpose] = [true, false].map((flip) => packKernels(r, kernel, flip));
    let estimate = temporary();
    recordStart(r, estimate, extents);
    for (let iteration = 1; iteration <= options.iterations; iteration++) {
      const ratio = temporary();
      const next = temporary();
      recordConvolution(r, estimate, blur, extents, beyond, targetOf(ratio, extents), {
        kind: "ratio",
        other: image,
        epsilon,
      });
      const clips = options.clip && iteration === options.iterations;
      recordConvolution(r, ratio, transpose, extents, beyond, targetOf(next, extents), {
        kind: "product",
        other: estimate,
        range: clips ? [-1, 1] : [-greatest, greatest],
      });
      estimate = next;
    }
    return [estimate];
  },
  twin: richardsonLucyTwin,
  bound: 2e-6,
});

/** The greatest f32. */
const greatest = (2 - 2 ** -23) * 2 ** 127;

function recordStart(r: Recorder, estimate: Value, { channels, depth, height, width }: Extents): void {
  const { shift, groups } = groupsOver(Math.ceil(width / 4), height);
  r.dispatch(richardsonLucyStart, {
    bind: { estimate },
    params: { shift },
    iterations: 0,
    ...overLayers(groups, channels * depth),
  });
}

/** The point spread function as one kernel. */
function psfShape(image: Spec, psf: Spec, { slicewise }: RichardsonLucyOptions) {
  const extents = extentsOf("richardsonLucy", image, slicewise);
  if (psf.shape.length > extents.axes.length) {
    throw new RangeError(
      `richardsonLucy takes a point spread function of ${extents.axes.length} axes (${extents.axes.join(", ")}), not [${
        psf.shape.join(", ")
      }]`,
    );
  }
  return kernelShape("richardsonLucy", psf, extents);
}
