import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { borderIndex, type BorderOptions } from "../border.ts";
import { countAlong, type Extents, extentsOf } from "../extents.ts";
import { mapPixels, placeAlong, strideOf } from "../pixels_twin.ts";
import type { ConvolveOptions } from "./convolve.ts";

/** {@linkcode convolve} in f64: out(p) = sum over m of kernel(m) * image(p + center - m); or p - center + m, not flipped. */
export function convolveTwin([image, kernel]: readonly HostTensor[], options: ConvolveOptions): HostTensor[] {
  const extents = extentsOf("convolve", image, options.slicewise);
  const size = kernel.shape.slice(-extents.axes.length);
  const taps = sizeOf(size);
  const count = kernel.data.length / taps;
  const pixels = image.shape.slice(1).reduce((product, axis) => product * axis, 1);
  const data = new Float64Array(image.shape[0] * count * pixels);
  for (let k = 0; k < count; k++) {
    const weights = kernel.data.subarray(k * taps, (k + 1) * taps);
    const sums = convolveAll(image, extents, { size, weights, flip: options.flip }, options).data;
    for (let channel = 0; channel < image.shape[0]; channel++) {
      data.set(sums.subarray(channel * pixels, (channel + 1) * pixels), (channel * count + k) * pixels);
    }
  }
  return [{ dtype: "f32", shape: [image.shape[0] * count, ...image.shape.slice(1)], data }];
}

/** A kernel of a twin: its size along the filtered axes, its elements, row-major. */
export interface TwinKernel {
  readonly size: readonly number[];
  readonly weights: Float64Array;
  readonly flip: boolean;
}

/** The sums of one kernel over all pixels. */
export function convolveAll(
  image: HostTensor,
  extents: Extents,
  { size, weights, flip }: TwinKernel,
  { border, cval }: BorderOptions,
): HostTensor {
  return mapPixels(image, (pixel) => {
    // For each axis: the step in the flat data to the pixel that each element of the kernel meets.
    const steps = extents.axes.map((axis, index) => {
      const place = placeAlong(extents, axis, pixel);
      const center = Math.floor(size[index] / 2);
      return Array.from({ length: size[index] }, (_, m) => {
        const source = borderIndex(place + (flip ? center - m : m - center), countAlong(extents, axis), border);
        return source === undefined ? undefined : (source - place) * strideOf(extents, axis);
      });
    });
    let sum = 0;
    const add = (axis: number, at: number | undefined, tap: number) => {
      if (axis === size.length) {
        sum += weights[tap] * (at === undefined ? cval : image.data[at]);
        return;
      }
      steps[axis].forEach((step, m) => {
        add(axis + 1, at === undefined || step === undefined ? undefined : at + step, tap * size[axis] + m);
      });
    };
    add(0, pixel, 0);
    return sum;
  });
}
