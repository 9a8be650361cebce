/** The functions of one element: the number that pages know each by, its parameters' defaults and its twin. */

import type { UnaryOp } from "./unary.ts";

/** One function. */
export interface UnaryFunction {
  /** Value of the pages' override OP. */
  readonly code: number;
  readonly alpha?: number;
  readonly beta?: number;
  /** `integer`: it takes integers as well as floats; `bool`: booleans alone. Otherwise floats. */
  readonly takes?: "integer" | "bool";
  /** It gives bool. */
  readonly test?: true;
  /** The function in f64. */
  readonly twin: (x: number, alpha: number, beta: number) => number;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

function roundHalfToEven(x: number): number {
  const below = Math.floor(x), rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** The error function: its Taylor series, and beyond 3 the continued fraction of its complement. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a > 3) {
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
    return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
  }
  let term = x, sum = x;
  for (let k = 1; k < 100; k++) {
    term *= -x * x / k;
    sum += term / (2 * k + 1);
  }
  return 2 / Math.sqrt(Math.PI) * sum;
}

/** The functions by name. */
export const unaryFunctions: Readonly<Record<UnaryOp, UnaryFunction>> = {
  identity: { code: 0, takes: "integer", twin: (x) => x },
  abs: { code: 1, takes: "integer", twin: Math.abs },
  negative: { code: 2, takes: "integer", twin: (x) => -x },
  sign: { code: 3, takes: "integer", twin: Math.sign },
  clip: {
    code: 4,
    takes: "integer",
    alpha: -3.4028234663852886e38,
    beta: 3.4028234663852886e38,
    twin: clamp,
  },
  floor: { code: 5, twin: Math.floor },
  ceil: { code: 6, twin: Math.ceil },
  round: { code: 7, twin: roundHalfToEven },
  reciprocal: { code: 8, twin: (x) => 1 / x },
  sqrt: { code: 9, twin: Math.sqrt },
  exp: { code: 10, twin: Math.exp },
  log: { code: 11, twin: Math.log },
  sin: { code: 12, twin: Math.sin },
  cos: { code: 13, twin: Math.cos },
  tan: { code: 14, twin: Math.tan },
  asin: { code: 15, twin: Math.asin },
  acos: { code: 16, twin: Math.acos },
  atan: { code: 17, twin: Math.atan },
  sinh: { code: 18, twin: Math.sinh },
  cosh: { code: 19, twin: Math.cosh },
  tanh: { code: 20, twin: Math.tanh },
  asinh: { code: 21, twin: Math.asinh },
  acosh: { code: 22, twin: Math.acosh },
  atanh: { code: 23, twin: Math.atanh },
  erf: { code: 24, twin: erf },
  relu: { code: 25, twin: (x) => Math.max(x, 0) },
  leakyRelu: { code: 26, alpha: 0.01, twin: (x, alpha) => x < 0 ? alpha * x : x },
  elu: { code: 27, alpha: 1, twin: (x, alpha) => x < 0 ? alpha * Math.expm1(x) : x },
  selu: {
    code: 28,
    alpha: 1.6732632423543772,
    beta: 1.0507009873554805,
    twin: (x, alpha, beta) => beta * (x < 0 ? alpha * Math.expm1(x) : x),
  },
  celu: { code: 29, alpha: 1, twin: (x, alpha) => x < 0 ? alpha * Math.expm1(x / alpha) : x },
  thresholdedRelu: { code: 30, alpha: 1, twin: (x, alpha) => x > alpha ? x : 0 },
  sigmoid: { code: 31, twin: sigmoid },
  hardSigmoid: { code: 32, alpha: 0.2, beta: 0.5, twin: (x, alpha, beta) => clamp(alpha * x + beta, 0, 1) },
  silu: { code: 33, twin: (x) => x * sigmoid(x) },
  hardSwish: { code: 34, twin: (x) => x * clamp(x / 6 + 0.5, 0, 1) },
  softplus: { code: 35, twin: softplus },
  softsign: { code: 36, twin: (x) => x / (1 + Math.abs(x)) },
  mish: { code: 37, twin: (x) => x * Math.tanh(softplus(x)) },
  gelu: { code: 38, twin: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)) },
  geluTanh: {
    code: 39,
    twin: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  not: { code: 40, takes: "bool", twin: (x) => 1 - x },
  isNaN: { code: 41, test: true, twin: (x) => Number.isNaN(x) ? 1 : 0 },
  zeroIfInfinite: { code: 43, twin: (x) => Math.abs(x) === Infinity ? 0 : x },
  isInf: { code: 42, test: true, twin: (x) => Math.abs(x) === Infinity ? 1 : 0 },
};
