import { halfBand, halfBandZeros, inverses, type ZeroGroup } from "./half_band.ts";
import { fromZeros, multiply, power } from "./polynomial.ts";

/** Low-pass filters of a biorthogonal pair, symmetric and of sum sqrt(2), without padding. */
export interface Biorthogonal {
  readonly reconstruction: number[];
  readonly decomposition: number[];
}

/**
 * The pair whose reconstructing filter is a B-spline: it has `reconstruction` zeros at -1 and no others, the decomposing
 * one `decomposition` of them and the whole half-band polynomial (A. Cohen, I. Daubechies, J.-C. Feauveau, 1992,
 * section 6.A).
 */
export function splinePair(reconstruction: number, decomposition: number): Biorthogonal {
  const half = halfBand((reconstruction + decomposition) / 2);
  const y = [-0.25, 0.5, -0.25];
  const product = new Array<number>(2 * half.length - 1).fill(0);
  half.forEach((factor, k) => {
    power(y, k).forEach((value, i) => product[half.length - 1 - k + i] += factor * value);
  });
  return {
    reconstruction: normalized(power([1, 1], reconstruction)),
    decomposition: normalized(multiply(power([1, 1], decomposition), product)),
  };
}

/**
 * A pair of about equal lengths: the zeros of the half-band polynomial are shared out, `taken` of its groups to the
 * reconstructing filter (the same, section 6.C; 4 and 4 zeros at -1 are the 9 and 7 taps of JPEG 2000).
 */
export function factoredPair(reconstruction: number, decomposition: number, taken: readonly number[]): Biorthogonal {
  const groups = halfBandZeros((reconstruction + decomposition) / 2);
  const filter = (zerosAtMinusOne: number, chosen: readonly ZeroGroup[]) =>
    normalized(chosen.reduce(
      (product, group) => multiply(product, fromZeros([...group, ...inverses(group)])),
      power([1, 1], zerosAtMinusOne),
    ));
  return {
    reconstruction: filter(reconstruction, groups.filter((_, index) => taken.includes(index))),
    decomposition: filter(decomposition, groups.filter((_, index) => !taken.includes(index))),
  };
}

function normalized(filter: readonly number[]): number[] {
  const sum = filter.reduce((total, value) => total + value, 0);
  // Symmetric but for rounding: the mean of both sides is.
  return filter.map((value, i) => Math.SQRT2 / sum * (value + filter[filter.length - 1 - i]) / 2);
}
