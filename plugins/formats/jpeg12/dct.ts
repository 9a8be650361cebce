/** From coefficients to samples (ISO/IEC 10918-1, A.3.3). */
import type { Blocks } from "./scan.ts";

/** Position in a block of 8 x 8, row by row, of each coefficient in zigzag order. */
const ZIGZAG = zigzag();

/** cos((2x + 1) u pi / 16) / 2, times 1 / sqrt(2) for u = 0, at 8 u + x. */
const COSINES = Float64Array.from({ length: 64 }, (_, at) => {
  const [u, x] = [at >> 3, at & 7];
  return Math.cos((2 * x + 1) * u * Math.PI / 16) / 2 * (u === 0 ? Math.SQRT1_2 : 1);
});

/** A half is rounded up although sums of cosines lie a little beside it. */
const HALF = 0.5 + 1e-6;

/** The samples of all blocks as a plane whose lines have `8 * stride` samples, limited to 0 .. 2^precision - 1. */
export function samplesOfBlocks(blocks: Blocks, quantization: Uint16Array, precision: number): Uint16Array {
  const { stride, coefficients } = blocks;
  const line = 8 * stride;
  const plane = new Uint16Array(coefficients.length);
  const [middle, top] = [2 ** (precision - 1), 2 ** precision - 1];
  const block = new Float64Array(64);
  const half = new Float64Array(64);
  for (let number = 0; number < coefficients.length / 64; number++) {
    for (let k = 0; k < 64; k++) block[ZIGZAG[k]] = coefficients[64 * number + k] * quantization[k];
    alongRows(block, half);
    const corner = Math.floor(number / stride) * 8 * line + number % stride * 8;
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 8; x++) {
        let sum = 0;
        for (let v = 0; v < 8; v++) sum += COSINES[8 * v + y] * half[8 * v + x];
        plane[corner + y * line + x] = Math.min(top, Math.max(0, Math.floor(sum + middle + HALF)));
      }
    }
  }
  return plane;
}

function alongRows(block: Float64Array, result: Float64Array): void {
  for (let v = 0; v < 8; v++) {
    for (let x = 0; x < 8; x++) {
      let sum = 0;
      for (let u = 0; u < 8; u++) sum += COSINES[8 * u + x] * block[8 * v + u];
      result[8 * v + x] = sum;
    }
  }
}

function zigzag(): Uint8Array {
  const places = Array.from({ length: 64 }, (_, at) => ({ at, x: at & 7, y: at >> 3 }));
  places.sort((a, b) => {
    const diagonal = a.x + a.y - (b.x + b.y);
    if (diagonal !== 0) return diagonal;
    // Even diagonals go up, odd ones down.
    return (a.x + a.y) % 2 === 0 ? b.y - a.y : a.y - b.y;
  });
  return Uint8Array.from(places, ({ at }) => at);
}
