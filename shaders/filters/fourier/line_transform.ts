/** Complex numbers of an array, in f64. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** exp(-2 pi i number / count): symmetric roots are equal in bits, and those of eighths of the turn exact. */
export function root(number: number, count: number): [number, number] {
  // Within an eighth of a turn sine and cosine keep their precision.
  const turn = ((number % count) + count) % count;
  const eighth = Math.floor(8 * turn / count);
  const rest = eighth % 2 === 1 ? (eighth + 1) * count - 8 * turn : 8 * turn - eighth * count;
  const angle = Math.PI / 4 * rest / count;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [[c, s], [s, c], [-s, c], [-c, s], [-c, -s], [-s, -c], [s, -c], [c, -s]][eighth];
  return [x, -y];
}

/**
 * The discrete Fourier transform of a line in f64: the definition's sum, taken apart by the residues of its index to a
 * prime factor of the length until that is prime.
 */
export function transformLine(line: Complex): Complex {
  const count = line.real.length;
  const roots = { real: new Float64Array(count), imaginary: new Float64Array(count) };
  for (let turn = 0; turn < count; turn++) [roots.real[turn], roots.imaginary[turn]] = root(turn, count);
  const result = { real: new Float64Array(count), imaginary: new Float64Array(count) };
  divide(line, 0, 1, count, roots, result, 0);
  return result;
}

/** Writes the transform of the numbers `first + i * step`, i < count, to the places from `at` on. */
function divide(
  line: Complex,
  first: number,
  step: number,
  count: number,
  roots: Complex,
  result: Complex,
  at: number,
): void {
  if (count === 1) {
    result.real[at] = line.real[first];
    result.imaginary[at] = line.imaginary[first];
    return;
  }
  const prime = smallestFactor(count);
  const part = count / prime;
  for (let residue = 0; residue < prime; residue++) {
    divide(line, first + residue * step, step * prime, part, roots, result, at + residue * part);
  }
  const parts = { real: result.real.slice(at, at + count), imaginary: result.imaginary.slice(at, at + count) };
  for (let k = 0; k < count; k++) {
    let [x, y] = [0, 0];
    for (let residue = 0; residue < prime; residue++) {
      const turn = residue * k % count * step;
      const from = residue * part + k % part;
      x += parts.real[from] * roots.real[turn] - parts.imaginary[from] * roots.imaginary[turn];
      y += parts.real[from] * roots.imaginary[turn] + parts.imaginary[from] * roots.real[turn];
    }
    result.real[at + k] = x;
    result.imaginary[at + k] = y;
  }
}

function smallestFactor(count: number): number {
  for (let factor = 2; factor * factor <= count; factor++) if (count % factor === 0) return factor;
  return count;
}
