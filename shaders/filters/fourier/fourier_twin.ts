import type { HostTensor } from "../../contract.ts";
import type { Axis, Extents } from "../extents.ts";
import { countAlong } from "../extents.ts";
import { type Complex, transformLine } from "./line_transform.ts";
import { placeAlong, strideOf } from "../pixels_twin.ts";

/** Transforms each line of an array along an axis; for the inverse, which is not divided, from its end. */
function transformAxis({ real, imaginary }: Complex, extents: Extents, axis: Axis, inverse: boolean): Complex {
  const count = countAlong(extents, axis);
  const stride = strideOf(extents, axis);
  const result = { real: new Float64Array(real.length), imaginary: new Float64Array(real.length) };
  for (let first = 0; first < real.length; first++) {
    if (placeAlong(extents, axis, first) !== 0) continue;
    const line = { real: new Float64Array(count), imaginary: new Float64Array(count) };
    for (let j = 0; j < count; j++) {
      const at = first + (inverse ? (count - j) % count : j) * stride;
      line.real[j] = real[at];
      line.imaginary[j] = imaginary[at];
    }
    const sums = transformLine(line);
    for (let k = 0; k < count; k++) {
      result.real[first + k * stride] = sums.real[k];
      result.imaginary[first + k * stride] = sums.imaginary[k];
    }
  }
  return result;
}

/** The discrete Fourier transform of complex numbers along some axes; the inverse one is divided by their count. */
export function transformTwin(numbers: Complex, extents: Extents, axes: readonly Axis[], inverse = false): Complex {
  const sums = axes.reduce((value, axis) => transformAxis(value, extents, axis, inverse), numbers);
  if (!inverse) return sums;
  const count = axes.reduce((product, axis) => product * countAlong(extents, axis), 1);
  return { real: sums.real.map((x) => x / count), imaginary: sums.imaginary.map((x) => x / count) };
}

/** Real numbers as complex ones. */
export function realTwin(real: Float64Array): Complex {
  return { real, imaginary: new Float64Array(real.length) };
}

/** The two halves of a tensor [2, ...]. */
export function partsTwin({ data }: HostTensor): Complex {
  return { real: data.subarray(0, data.length / 2), imaginary: data.subarray(data.length / 2) };
}

/** The first columns of a tensor, those of `shape`. */
export function firstColumnsTwin({ dtype, shape: from, data }: HostTensor, shape: readonly number[]): HostTensor {
  const [width, kept] = [from.at(-1)!, shape.at(-1)!];
  return { dtype, shape: [...shape], data: data.filter((_, index) => index % width < kept) };
}

/** A tensor [2, ...] from its two halves. */
export function joinTwin({ real, imaginary }: Complex, shape: readonly number[]): HostTensor {
  const data = new Float64Array(2 * real.length);
  data.set(real);
  data.set(imaginary, real.length);
  return { dtype: "f32", shape: [...shape], data };
}
