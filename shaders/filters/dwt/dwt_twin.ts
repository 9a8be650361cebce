import type { HostTensor } from "../../contract.ts";
import { type Axis, countAlong, type Extents, extentsOf } from "../extents.ts";
import { strideOf } from "../pixels_twin.ts";
import { type WaveletFilters, waveletFilters } from "../wavelet/coefficients.ts";
import { coefficientCount, detailNames, specOf, type WaveletBorder, withCount } from "./bands.ts";
import type { DwtOptions } from "./dwt.ts";

/** {@linkcode dwt} in f64: one axis after the other, each coefficient's sum over the filter. */
export function dwtTwin([image]: readonly HostTensor[], options: DwtOptions): HostTensor[] {
  const filters = waveletFilters(options.wavelet);
  let extents = extentsOf("dwt", image, options.slicewise);
  let approximation = image;
  const details: HostTensor[] = [];
  for (let level = 0; level < options.levels; level++) {
    const bands = splitLevel(approximation, extents, filters, options.border);
    approximation = bands.get("a".repeat(extents.axes.length))!.image;
    details.unshift(...detailNames(extents.axes).map((name) => bands.get(name)!.image));
    extents = [...bands.values()][0].extents;
  }
  return [approximation, ...details];
}

interface Part {
  readonly image: HostTensor;
  readonly extents: Extents;
}

function splitLevel(image: HostTensor, extents: Extents, filters: WaveletFilters, border: WaveletBorder) {
  let bands = new Map<string, Part>([["", { image, extents }]]);
  for (const axis of extents.axes.toReversed()) {
    const split = new Map<string, Part>();
    for (const [name, part] of bands) {
      split.set(`a${name}`, convolve(part, axis, filters.decLo, border));
      split.set(`d${name}`, convolve(part, axis, filters.decHi, border));
    }
    bands = split;
  }
  return bands;
}

function convolve({ image, extents }: Part, axis: Axis, filter: readonly number[], border: WaveletBorder): Part {
  const count = countAlong(extents, axis);
  const coefficients = coefficientCount(count, filter.length, border);
  const stride = strideOf(extents, axis);
  const next = withCount(extents, axis, coefficients);
  const shift = border === "symmetric" ? 1 : filter.length / 2;
  const spec = specOf(next);
  const size = spec.shape.reduce((a, b) => a * b, 1);
  // The taps of a high pass sum to 0: of differences, so that what is constant gives exactly 0.
  const isHighPass = Math.abs(filter.reduce((sum, tap) => sum + tap, 0)) < 1e-9;
  const data = Float64Array.from({ length: size }, (_, index) => {
    const place = Math.floor(index / stride) % coefficients;
    const line = Math.floor(index / stride / coefficients) * count * stride + index % stride;
    const pixel = (at: number) => {
      return image.data[line + (border === "symmetric" ? mirrored(at, count) : repeated(at, count)) * stride];
    };
    const base = isHighPass ? pixel(2 * place) : 0;
    return filter.reduce((sum, tap, j) => sum + tap * (pixel(2 * place + shift - j) - base), 0);
  });
  return { image: { ...spec, data }, extents: next };
}

/** d c b a | a b c d | d c b a. */
function mirrored(index: number, count: number): number {
  let at = index;
  while (at < 0 || at >= count) at = at < 0 ? -1 - at : 2 * count - 1 - at;
  return at;
}

/** a b c d | a b c d | a b c d, and a b c c | a b c c | a b c c. */
function repeated(index: number, count: number): number {
  const period = count + count % 2;
  let at = index;
  while (at < 0) at += period;
  while (at >= period) at -= period;
  return Math.min(at, count - 1);
}
