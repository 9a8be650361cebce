import type { HostTensor } from "../../contract.ts";
import type { Axis, Extents } from "../extents.ts";
import { countAlong } from "../extents.ts";
import { placeAlong, strideOf } from "../pixels_twin.ts";

/** Complex numbers of an array, in f64. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** The sum over a line, from the definition, for each number of an array: along one axis, O(n) a number. */
function transformAxis({ real, imaginary }: Complex, extents: Extents, axis: Axis, sign: number): Complex {
  const count = countAlong(extents, axis);
  const stride = strideOf(extents, axis);
  const cosines = Float64Array.from({ length: count }, (_, turn) => Math.cos(2 * Math.PI * turn / count));
  const sines = Float64Array.from({ length: count }, (_, turn) => sign * Math.sin(2 * Math.PI * turn / count));
  const result = { real: new Float64Array(real.length), imaginary: new Float64Array(real.length) };
  for (let at = 0; at < real.length; at++) {
    const k = placeAlong(extents, axis, at);
    const first = at - k * stride;
    let [x, y] = [0, 0];
    for (let j = 0; j < count; j++) {
      const turn = j * k % count;
      const [u, v] = [real[first + j * stride], imaginary[first + j * stride]];
      x += u * cosines[turn] - v * sines[turn];
      y += u * sines[turn] + v * cosines[turn];
    }
    result.real[at] = x;
    result.imaginary[at] = y;
  }
  return result;
}

/** The discrete Fourier transform of complex numbers along some axes; the inverse one is divided by their count. */
export function transformTwin(numbers: Complex, extents: Extents, axes: readonly Axis[], inverse = false): Complex {
  const sign = inverse ? 1 : -1;
  const sums = axes.reduce((value, axis) => transformAxis(value, extents, axis, sign), numbers);
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

/** A tensor [2, ...] from its two halves. */
export function joinTwin({ real, imaginary }: Complex, shape: readonly number[]): HostTensor {
  const data = new Float64Array(2 * real.length);
  data.set(real);
  data.set(imaginary, real.length);
  return { dtype: "f32", shape: [...shape], data };
}
