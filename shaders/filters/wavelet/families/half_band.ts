/**
 * Daubechies' half-band polynomial `P(y) = sum over k < moments of C(moments - 1 + k, k) y^k` with
 * `y = (2 - z - 1/z) / 4`: what the product of a decomposing and a reconstructing low-pass filter is besides its zeros
 * at z = -1 (I. Daubechies, Ten Lectures on Wavelets, 1992, sections 6.1 and 8.3).
 */
import { binomial, type Complex, squareRoot, zerosOf } from "./polynomial.ts";

/** Coefficients of the half-band polynomial in y. */
export function halfBand(moments: number): number[] {
  return Array.from({ length: moments }, (_, k) => binomial(moments - 1 + k, k));
}

/** Zeros in z that a filter takes together so that it stays real: a real one, or two conjugates. All within |z| < 1. */
export type ZeroGroup = readonly Complex[];

/** The zeros of the half-band polynomial within the unit circle, by groups; those beyond it are their inverses. */
export function halfBandZeros(moments: number): ZeroGroup[] {
  const inY = zerosOf(halfBand(moments));
  // Conjugates go in one group. Real zeros carry a rounding error in their imaginary part.
  const isReal = ({ re, im }: Complex) => Math.abs(im) < 1e-7 * Math.abs(re);
  return inY.filter((zero) => isReal(zero) || zero.im > 0)
    .sort((a, b) => a.re - b.re)
    .map((y) => isReal(y) ? [inside({ re: y.re, im: 0 })] : conjugates(inside(y)));
}

/** The inverses of zeros: those on the other side of the unit circle. */
export function inverses(group: ZeroGroup): ZeroGroup {
  return group.map(({ re, im }) => {
    const size = re * re + im * im;
    return { re: re / size, im: -im / size };
  });
}

function conjugates(zero: Complex): ZeroGroup {
  return [zero, { re: zero.re, im: -zero.im }];
}

/** The solution z of `y = (2 - z - 1/z) / 4` with |z| < 1. */
function inside(y: Complex): Complex {
  const half = { re: 1 - 2 * y.re, im: -2 * y.im };
  const root = squareRoot({ re: half.re ** 2 - half.im ** 2 - 1, im: 2 * half.re * half.im });
  const a = { re: half.re + root.re, im: half.im + root.im };
  const b = { re: half.re - root.re, im: half.im - root.im };
  // The greater one has no cancellation; the other is its inverse.
  const greater = Math.hypot(a.re, a.im) > Math.hypot(b.re, b.im) ? a : b;
  return inverses([greater])[0];
}
