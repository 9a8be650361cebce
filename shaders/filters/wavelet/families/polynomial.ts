/** Polynomials as lists of coefficients, the constant one first. */
export type Polynomial = readonly number[];

/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** The product of two polynomials. */
export function multiply(a: Polynomial, b: Polynomial): number[] {
  const product = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((left, i) => b.forEach((right, j) => product[i + j] += left * right));
  return product;
}

/** A polynomial to the power of a whole number. */
export function power(base: Polynomial, exponent: number): number[] {
  let result = [1];
  for (let step = 0; step < exponent; step++) result = multiply(result, base);
  return result;
}

/** The binomial coefficient "n over k". */
export function binomial(n: number, k: number): number {
  let result = 1;
  for (let step = 1; step <= k; step++) result = result * (n - k + step) / step;
  return Math.round(result);
}

/** The polynomial with these zeros, which come with their conjugates, and the leading coefficient 1. */
export function fromZeros(zeros: readonly Complex[]): number[] {
  let re = [1];
  let im = [0];
  for (const zero of zeros) {
    const nextRe = [0, ...re];
    const nextIm = [0, ...im];
    re.forEach((_, i) => {
      nextRe[i] -= re[i] * zero.re - im[i] * zero.im;
      nextIm[i] -= re[i] * zero.im + im[i] * zero.re;
    });
    [re, im] = [nextRe, nextIm];
  }
  return re;
}

/** The square root with a real part of at least 0. */
export function squareRoot({ re, im }: Complex): Complex {
  const size = Math.hypot(re, im);
  const real = Math.sqrt(Math.max(0, (size + re) / 2));
  return { re: real, im: Math.sign(im || 1) * Math.sqrt(Math.max(0, (size - re) / 2)) };
}

/** All zeros of a real polynomial of simple zeros, to rounding: the method of Aberth (1973) and Ehrlich (1967). */
export function zerosOf(polynomial: Polynomial): Complex[] {
  const degree = polynomial.length - 1;
  const radius = 1 + Math.max(...polynomial.map((value) => Math.abs(value / polynomial[degree])));
  // Unequal angles off the axis, so that no two guesses are conjugates.
  let zeros: Complex[] = Array.from({ length: degree }, (_, i) => {
    const angle = 2 * Math.PI * i / degree + 0.4;
    return { re: 0.5 * radius * Math.cos(angle), im: 0.5 * radius * Math.sin(angle) };
  });
  for (let step = 0; step < 200; step++) {
    let moved = 0;
    zeros = zeros.map((zero, index) => {
      const newton = divide(...evaluate(polynomial, zero));
      let repulsion: Complex = { re: 0, im: 0 };
      zeros.forEach((other, at) => {
        if (at === index) return;
        const term = divide({ re: 1, im: 0 }, { re: zero.re - other.re, im: zero.im - other.im });
        repulsion = { re: repulsion.re + term.re, im: repulsion.im + term.im };
      });
      const product = times(newton, repulsion);
      const change = divide(newton, { re: 1 - product.re, im: -product.im });
      moved = Math.max(moved, Math.hypot(change.re, change.im) / Math.hypot(zero.re, zero.im));
      return { re: zero.re - change.re, im: zero.im - change.im };
    });
    if (moved < 1e-15) break;
  }
  return zeros;
}

/** The value and the derivative at a complex number, by Horner's rule. */
function evaluate(polynomial: Polynomial, at: Complex): [Complex, Complex] {
  let value: Complex = { re: 0, im: 0 };
  let slope: Complex = { re: 0, im: 0 };
  for (const coefficient of polynomial.toReversed()) {
    const turned = times(slope, at);
    slope = { re: turned.re + value.re, im: turned.im + value.im };
    const next = times(value, at);
    value = { re: next.re + coefficient, im: next.im };
  }
  return [value, slope];
}

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function divide(a: Complex, b: Complex): Complex {
  const size = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / size, im: (a.im * b.re - a.re * b.im) / size };
}
