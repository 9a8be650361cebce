/** Rows of a PNG as its compressed data holds them: filtered, and in seven passes where it is interlaced (W3C PNG, 8 and 9). */

/** How samples lie in a PNG. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  /** Bits per sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** Samples per pixel. */
  readonly channels: number;
  /** Whether the rows come in Adam7's seven passes. */
  readonly interlaced: boolean;
}

/** First column and row of each pass, and the steps between its columns and rows. */
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

interface Pass {
  readonly columns: number;
  readonly rows: number;
  readonly rowBytes: number;
  readonly at: (column: number, row: number) => number;
}

function passesOf({ width, height, depth, channels, interlaced }: Samples): Pass[] {
  const passes = interlaced ? ADAM7 : [[0, 0, 1, 1]];
  return passes.map(([x, y, dx, dy]) => {
    const columns = Math.max(0, Math.ceil((width - x) / dx));
    const rows = columns === 0 ? 0 : Math.max(0, Math.ceil((height - y) / dy));
    const rowBytes = Math.ceil(columns * channels * depth / 8);
    return { columns, rows, rowBytes, at: (column, row) => (y + row * dy) * width + x + column * dx };
  });
}

/** Bytes that the rows take before they are compressed, each with the byte that names its filter. */
export function filteredBytes(samples: Samples): number {
  return passesOf(samples).reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
}

/**
 * The samples of each pixel, together, one number each. `data` holds `filteredBytes`, and is changed. Throws a `RangeError` for an
 * unknown filter.
 */
export function samplesOf(data: Uint8Array, samples: Samples): Uint8Array | Uint16Array<ArrayBuffer> {
  const { width, height, depth, channels } = samples;
  const result = depth === 16 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
  const pixelBytes = Math.max(1, channels * depth / 8);
  let start = 0;
  for (const { columns, rows, rowBytes, at } of passesOf(samples)) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const line = data.subarray(start + 1, start + 1 + rowBytes);
      unfilter(data[start], line, above, pixelBytes);
      for (let column = 0; column < columns; column++) {
        const to = at(column, row) * channels;
        for (let channel = 0; channel < channels; channel++) {
          result[to + channel] = sampleAt(line, column * channels + channel, depth);
        }
      }
      above = line;
      start += 1 + rowBytes;
    }
  }
  return result;
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index];
  if (depth === 16) return line[2 * index] << 8 | line[2 * index + 1];
  const bit = index * depth;
  return line[bit >> 3] >> (8 - depth - bit % 8) & (2 ** depth - 1);
}

function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  if (filter > 4) throw new RangeError(`a row has filter ${filter}`);
  if (filter === 0) return;
  for (let at = 0; at < line.length; at++) {
    const left = at >= pixelBytes ? line[at - pixelBytes] : 0;
    if (filter === 1) line[at] += left;
    else if (filter === 2) line[at] += above[at];
    else if (filter === 3) line[at] += left + above[at] >> 1;
    else line[at] += paeth(left, above[at], at >= pixelBytes ? above[at - pixelBytes] : 0);
  }
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? above : corner;
}
