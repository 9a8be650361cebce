import { halfBandZeros, inverses, type ZeroGroup } from "./half_band.ts";
import { type Complex, fromZeros, multiply, power } from "./polynomial.ts";

/** Daubechies' wavelet of so many vanishing moments: all zeros within the unit circle (minimum phase). */
export function daubechies(moments: number): number[] {
  return lowPass(moments, halfBandZeros(moments));
}

/**
 * The symlet: of each group of zeros it takes those within or beyond the unit circle, such that the phase is as linear
 * as can be (Daubechies 1992, section 8.1.1).
 */
export function symlet(moments: number): number[] {
  const groups = halfBandZeros(moments);
  const last = groups.length - 1;
  let best: ZeroGroup[] = [];
  let least = Infinity;
  for (let choice = 0; choice < 2 ** last; choice++) {
    // A choice and its opposite give mirror images, so that one group's is free: it is as PyWavelets has it.
    const chosen = groups.map((group, index) => {
      const beyond = index === last ? moments % 2 === 0 : ((choice >> index) & 1) === 1;
      return beyond ? inverses(group) : group;
    });
    const found = phaseDeviation(chosen.flat());
    if (found < least) [best, least] = [chosen, found];
  }
  return lowPass(moments, best);
}

/** The filter with its zeros at -1 and the given ones, the highest power of z first, of sum sqrt(2). */
function lowPass(moments: number, groups: readonly ZeroGroup[]): number[] {
  const filter = groups.reduce((product, group) => multiply(product, fromZeros(group)), power([1, 1], moments));
  const sum = filter.reduce((total, value) => total + value, 0);
  return filter.map((value) => value * Math.SQRT2 / sum).reverse();
}

/** Sum of squares by which the phase of a product of zeros departs from a line; zeros at -1 have a linear phase. */
function phaseDeviation(zeros: readonly Complex[]): number {
  const steps = 64;
  const phases: number[] = [];
  let last = 0;
  for (let step = 1; step <= steps; step++) {
    const w = Math.PI * step / steps;
    // Of the zeros' product at 1, the phase is 0: what has turned since then, step by step.
    const angle = zeros.reduce((sum, { re, im }) => sum + Math.atan2(Math.sin(w) - im, Math.cos(w) - re), 0);
    const start = zeros.reduce((sum, { re, im }) => sum + Math.atan2(-im, 1 - re), 0);
    const turn = angle - start - last;
    last += turn - 2 * Math.PI * Math.round(turn / (2 * Math.PI));
    phases.push(last);
  }
  const slope = phases.reduce((sum, phase, i) => sum + phase * (i + 1), 0) /
    phases.reduce((sum, _, i) => sum + (i + 1) ** 2, 0);
  return phases.reduce((sum, phase, i) => sum + (phase - slope * (i + 1)) ** 2, 0);
}
