import type { HostTensor } from "../../contract.ts";
import { detailNames, specOf, type WaveletBorder, withCount } from "../dwt/bands.ts";
import { type Axis, countAlong, type Extents } from "../extents.ts";
import { strideOf } from "../pixels_twin.ts";
import { type WaveletFilters, waveletFilters } from "../wavelet/coefficients.ts";
import type { IdwtOptions } from "./idwt.ts";
import { planInverse } from "./plan.ts";

/** {@linkcode idwt} in f64: each output is the sum over all coefficients whose filters reach it. */
export function idwtTwin(coefficients: readonly HostTensor[], options: IdwtOptions): HostTensor[] {
  const filters = waveletFilters(options.wavelet);
  return [
    planInverse(coefficients, options).reduce((approximation, { first, from, to }) => {
      const names = detailNames(from.axes);
      const bands = new Map([["a".repeat(from.axes.length), approximation]]);
      names.forEach((name, index) => bands.set(name, coefficients[first + index]));
      return join(bands, from, to, filters, options.border);
    }, coefficients[0]),
  ];
}

function join(
  level: ReadonlyMap<string, HostTensor>,
  from: Extents,
  to: Extents,
  filters: WaveletFilters,
  border: WaveletBorder,
): HostTensor {
  let bands = level;
  let at = from;
  for (const axis of from.axes) {
    const next = withCount(at, axis, countAlong(to, axis));
    const joined = new Map<string, HostTensor>();
    for (const [name, low] of bands) {
      if (name.startsWith("a")) {
        const high = bands.get(`d${name.slice(1)}`)!;
        joined.set(name.slice(1), merge(low, high, at, next, axis, filters, border));
      }
    }
    bands = joined;
    at = next;
  }
  return bands.get("")!;
}

function merge(
  low: HostTensor,
  high: HostTensor,
  from: Extents,
  to: Extents,
  axis: Axis,
  { recLo, recHi }: WaveletFilters,
  border: WaveletBorder,
): HostTensor {
  const [count, pixels] = [countAlong(from, axis), countAlong(to, axis)];
  const stride = strideOf(from, axis);
  const taps = recLo.length;
  const shift = border === "symmetric" ? taps - 2 : taps / 2 - 1;
  const spec = specOf(to);
  const size = spec.shape.reduce((a, b) => a * b, 1);
  const data = Float64Array.from({ length: size }, (_, index) => {
    const place = Math.floor(index / stride) % pixels;
    const line = Math.floor(index / stride / pixels) * count * stride + index % stride;
    let sum = 0;
    // Coefficient k reaches this output with the tap `place + shift - 2 k`.
    for (let k = Math.ceil((place + shift - taps + 1) / 2); 2 * k <= place + shift; k++) {
      const source = line + (border === "symmetric" ? k : ((k % count) + count) % count) * stride;
      const tap = place + shift - 2 * k;
      sum += recLo[tap] * low.data[source] + recHi[tap] * high.data[source];
    }
    return sum;
  });
  return { ...spec, data };
}
