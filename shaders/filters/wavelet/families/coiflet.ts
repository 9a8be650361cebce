import { binomial, multiply, power } from "./polynomial.ts";

/**
 * The coiflet of `6 * order` taps: `2 * order` vanishing moments of the wavelet and `2 * order - 1` of the scaling
 * function. As Daubechies (1992, section 8.2) writes it,
 * `m0 = c^K (sum over k < K of C(K - 1 + k, k) s^k + s^K f(z))` with `c = (2 + z + 1/z) / 4`, `s = (2 - z - 1/z) / 4`:
 * the moments are right for any f, and Newton's method finds the `2 K` coefficients of f that make it orthogonal.
 */
export function coiflet(order: number): number[] {
  const c = [0.25, 0.5, 0.25];
  const s = [-0.25, 0.5, -0.25];
  const taps = 6 * order;
  const factor = power(c, order);
  // Powers of z from -2 K to 4 K - 1.
  const base = new Array<number>(taps).fill(0);
  for (let k = 0; k < order; k++) {
    multiply(factor, power(s, k)).forEach((value, i) => base[order - k + i] += binomial(order - 1 + k, k) * value);
  }
  const free = multiply(factor, power(s, order));
  const columns = Array.from(
    { length: 2 * order },
    (_, shift) => Array.from({ length: taps }, (_, i) => free[i - shift] ?? 0),
  );
  let unknowns = new Array<number>(2 * order).fill(0);
  const filterOf = (f: readonly number[]) =>
    base.map((value, i) => Math.SQRT2 * f.reduce((sum, x, j) => sum + x * columns[j][i], value));
  for (let step = 0; step < 100; step++) {
    const filter = filterOf(unknowns);
    const residuals = Array.from({ length: taps / 2 }, (_, k) => shifted(filter, filter, 2 * k) - (k === 0 ? 1 : 0));
    const slopes = residuals.map((_, k) =>
      columns.map((column) => Math.SQRT2 * (shifted(column, filter, 2 * k) + shifted(filter, column, 2 * k)))
    );
    const change = leastSquares(slopes, residuals);
    unknowns = unknowns.map((value, i) => value - change[i]);
    if (Math.max(...change.map(Math.abs)) < 1e-14) break;
  }
  return filterOf(unknowns);
}

/** The sum of `a[n] * b[n + shift]`. */
function shifted(a: readonly number[], b: readonly number[], shift: number): number {
  return a.reduce((sum, value, n) => sum + value * (b[n + shift] ?? 0), 0);
}

/** The x that makes `rows * x - values` least, by Gram and Schmidt's orthogonalization, modified. */
function leastSquares(rows: readonly (readonly number[])[], values: readonly number[]): number[] {
  const count = rows[0].length;
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
  const columns = Array.from({ length: count }, (_, j) => rows.map((row) => row[j]));
  const upper = columns.map(() => new Array<number>(count).fill(0));
  const right: number[] = [];
  let rest = [...values];
  columns.forEach((column, j) => {
    upper[j][j] = Math.sqrt(dot(column, column));
    columns[j] = column.map((value) => value / upper[j][j]);
    for (let k = j + 1; k < count; k++) {
      upper[j][k] = dot(columns[j], columns[k]);
      columns[k] = columns[k].map((value, i) => value - upper[j][k] * columns[j][i]);
    }
    right[j] = dot(columns[j], rest);
    rest = rest.map((value, i) => value - right[j] * columns[j][i]);
  });
  const x = new Array<number>(count).fill(0);
  for (let j = count - 1; j >= 0; j--) {
    const known = upper[j].reduce((sum, value, k) => k > j ? sum + value * x[k] : sum, 0);
    x[j] = (right[j] - known) / upper[j][j];
  }
  return x;
}
