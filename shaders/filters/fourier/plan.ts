/** How a transform of a length is made of passes, and the tables of the passes: of whole numbers and f64, on the host. */
import { root, transformLine } from "./line_transform.ts";

/** A pass transforms `a * b` numbers at a time: `b` transforms of `a` numbers, then `a` of `b`. */
export interface Pass {
  readonly a: number;
  readonly b: number;
}

/** The lengths that a pass can be made of. */
const steps = [1, 2, 3, 4, 5, 8] as const;

/** The most numbers that a pass transforms at a time; they lie in registers. */
const greatestRadix = 16;

/** The passes that there are, by how many numbers they transform. */
const passOf: ReadonlyMap<number, Pass> = (() => {
  const passes = new Map<number, Pass>();
  for (const a of steps.slice(1)) {
    for (const b of steps.filter((b) => b <= a && a * b <= greatestRadix)) passes.set(a * b, { a, b });
  }
  return passes;
})();

/** Whether a length has no prime factor above 5. */
export function isSmooth(count: number): boolean {
  let rest = count;
  for (const factor of [2, 3, 5]) while (rest % factor === 0) rest /= factor;
  return rest === 1;
}

/**
 * The passes of a length without prime factors above 5, as few as possible and then as small as possible, the smallest
 * first; none for the length 1.
 */
export function passesOf(count: number): Pass[] {
  return fewest(count, new Map())?.map((radix) => passOf.get(radix)!) ?? [];
}

function fewest(count: number, known: Map<number, number[] | undefined>): number[] | undefined {
  if (count === 1) return [];
  if (known.has(count)) return known.get(count);
  let best: number[] | undefined;
  for (const radix of passOf.keys()) {
    if (count % radix !== 0) continue;
    const rest = fewest(count / radix, known);
    if (rest === undefined) continue;
    const found = [...rest, radix].sort((a, b) => a - b);
    if (best === undefined || found.length < best.length || (found.length === best.length && sum(found) < sum(best))) {
      best = found;
    }
  }
  known.set(count, best);
  return best;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** The length, `least` or more, without prime factors above 5 that takes the fewest and smallest passes for its size. */
export function convenientLength(least: number): number {
  let best = 2 ** Math.ceil(Math.log2(least));
  const cost = (count: number) => count * passesOf(count).reduce((total, { a, b }) => total + 1 + a * b / 64, 0);
  for (let count = least; count < best; count++) if (isSmooth(count) && cost(count) < cost(best)) best = count;
  return best;
}

/**
 * The table of a pass: a row for each `k < span` with the `a * b` factors `exp(-2 pi i k j / (span a b))`, and a last row
 * with the factors between the two steps. Two complex numbers per texel.
 */
export function passTable({ a, b }: Pass, span: number): { data: Float32Array; shape: [number, number] } {
  const radix = a * b;
  const width = 4 * Math.ceil(radix / 2);
  const data = new Float32Array((span + 1) * width);
  for (let k = 0; k < span; k++) {
    for (let j = 0; j < radix; j++) data.set(root(k * j, span * radix), k * width + 2 * j);
  }
  for (let j = 0; j < radix; j++) data.set(root(Math.floor(j / b) * (j % b), radix), span * width + 2 * j);
  return { data, shape: [span + 1, width] };
}

/** The tables of Bluestein's transform of a length as a convolution of the length `padded`. */
export interface Chirp {
  readonly padded: number;
  /** exp(-pi i j^2 / count), `count` complex numbers. */
  readonly chirp: Float32Array;
  /** The transform of its conjugate as a circular sequence, `padded` complex numbers over `padded`. */
  readonly kernel: Float32Array;
}

/** The tables of the lengths that were asked for last: they take some milliseconds for a thousand numbers. */
const chirps = new Map<number, Chirp>();
const keptChirps = 8;

/** See {@linkcode Chirp}. */
export function chirpOf(count: number): Chirp {
  const chirp = chirps.get(count) ?? makeChirp(count);
  chirps.delete(count);
  chirps.set(count, chirp);
  if (chirps.size > keptChirps) chirps.delete(chirps.keys().next().value!);
  return chirp;
}

/** The tables are f64 until they are rounded at last. */
function makeChirp(count: number): Chirp {
  const padded = convenientLength(2 * count - 1);
  const chirp = new Float64Array(2 * count);
  const real = new Float64Array(padded);
  const imaginary = new Float64Array(padded);
  for (let j = 0; j < count; j++) {
    const [x, y] = root(j * j % (2 * count), 2 * count);
    chirp.set([x, y], 2 * j);
    for (const at of [j, (padded - j) % padded]) {
      real[at] = x;
      imaginary[at] = -y;
    }
  }
  const kernel = new Float32Array(2 * padded);
  const transform = transformLine({ real, imaginary });
  for (let k = 0; k < padded; k++) kernel.set([transform.real[k] / padded, transform.imaginary[k] / padded], 2 * k);
  return { padded, chirp: Float32Array.from(chirp), kernel };
}
