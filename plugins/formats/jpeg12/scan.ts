/** Entropy-coded data of a scan, sequential and progressive (ISO/IEC 10918-1, annexes F and G). */
import type { FrameHeader, ScanHeader, Tables } from "./header.ts";
import { BitReader, type HuffmanTable } from "./huffman.ts";

/** The coefficients of one component, block by block. */
export interface Blocks {
  /** Blocks along x and y that hold pixels of the picture. */
  readonly across: number;
  readonly down: number;
  /** Blocks along x with those that fill up the units of an interleaved scan. */
  readonly stride: number;
  /** 64 numbers per block, in zigzag order. */
  readonly coefficients: Int16Array;
}

/** Room for the coefficients of each component. */
export function blocksOf({ width, height, components }: FrameHeader): Blocks[] {
  const most = { h: Math.max(...components.map(({ h }) => h)), v: Math.max(...components.map(({ v }) => v)) };
  const units = { x: Math.ceil(width / (8 * most.h)), y: Math.ceil(height / (8 * most.v)) };
  return components.map(({ h, v }) => ({
    across: Math.ceil(width * h / most.h / 8),
    down: Math.ceil(height * v / most.v / 8),
    stride: units.x * h,
    coefficients: new Int16Array(units.x * h * units.y * v * 64),
  }));
}

/** Reads one scan into the coefficients; gives where the next marker is. Throws a `RangeError` where the data is damaged. */
export function decodeScan(
  data: Uint8Array,
  frame: FrameHeader,
  scan: ScanHeader,
  tables: Tables,
  blocks: readonly Blocks[],
): number {
  const reader = new BitReader(data, scan.start);
  const state = new ScanState(reader, frame, scan);
  const parts = scan.components.map(({ index, dc, ac }) => ({
    ...frame.components[index],
    blocks: blocks[index],
    number: index,
    dc: tables.dc[dc],
    ac: tables.ac[ac],
  }));
  const [alone] = parts;
  const isAlone = parts.length === 1;
  const across = isAlone ? alone.blocks.across : alone.blocks.stride / alone.h;
  const down = isAlone ? alone.blocks.down : alone.blocks.coefficients.length / 64 / alone.blocks.stride / alone.v;
  const { restartInterval } = tables;
  for (let unit = 0; unit < across * down; unit++) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      reader.restart();
      state.reset();
    }
    const [x, y] = [unit % across, Math.floor(unit / across)];
    for (const { blocks: { stride, coefficients }, h, v, number, dc, ac } of parts) {
      for (let j = 0; j < (isAlone ? 1 : v); j++) {
        for (let i = 0; i < (isAlone ? 1 : h); i++) {
          const at = isAlone ? y * stride + x : (y * v + j) * stride + x * h + i;
          state.block(coefficients.subarray(64 * at, 64 * at + 64), number, dc, ac);
        }
      }
    }
  }
  return reader.markerAt;
}

/** What goes on from block to block of a scan. */
class ScanState {
  readonly #reader: BitReader;
  readonly #scan: ScanHeader;
  readonly #isProgressive: boolean;
  #predicted = [0, 0, 0, 0];
  /** Blocks whose band holds nothing new. */
  #endOfBand = 0;

  constructor(reader: BitReader, frame: FrameHeader, scan: ScanHeader) {
    this.#reader = reader;
    this.#scan = scan;
    this.#isProgressive = frame.marker === 0xc2;
    const { first, last, high, low, components } = scan;
    const fits = this.#isProgressive
      ? first <= last && last < 64 && low <= 13 && (first > 0 ? components.length === 1 : last === 0) &&
        (high === 0 || high === low + 1)
      : true;
    if (!fits) throw new RangeError(`a scan is of coefficients ${first} to ${last}, bits ${high} and ${low}`);
  }

  reset(): void {
    this.#predicted = [0, 0, 0, 0];
    this.#endOfBand = 0;
  }

  block(block: Int16Array, component: number, dc: HuffmanTable | undefined, ac: HuffmanTable | undefined): void {
    const { first, high } = this.#scan;
    if (!this.#isProgressive) {
      this.#firstDc(block, component, given(dc));
      this.#sequentialAc(block, given(ac));
    } else if (first === 0) {
      if (high === 0) this.#firstDc(block, component, given(dc));
      else if (this.#reader.take(1) === 1) block[0] |= 1 << this.#scan.low;
    } else if (high === 0) {
      this.#firstAc(block, given(ac));
    } else {
      this.#refineAc(block, given(ac));
    }
  }

  #firstDc(block: Int16Array, component: number, table: HuffmanTable): void {
    const size = this.#reader.symbol(table);
    if (size > 15) throw new RangeError(`a difference has ${size} bits`);
    this.#predicted[component] += this.#reader.signed(size);
    block[0] = this.#isProgressive ? this.#predicted[component] << this.#scan.low : this.#predicted[component];
  }

  #sequentialAc(block: Int16Array, table: HuffmanTable): void {
    for (let k = 1; k < 64; k++) {
      const symbol = this.#reader.symbol(table);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0 && run < 15) return;
      k += run;
      if (k > 63) throw new RangeError("a block has more than 64 coefficients");
      if (size > 0) block[k] = this.#reader.signed(size);
    }
  }

  #firstAc(block: Int16Array, table: HuffmanTable): void {
    if (this.#endOfBand > 0) {
      this.#endOfBand--;
      return;
    }
    const { first, last, low } = this.#scan;
    for (let k = first; k <= last; k++) {
      const symbol = this.#reader.symbol(table);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0 && run < 15) {
        this.#endOfBand = (1 << run) - 1 + this.#reader.take(run);
        return;
      }
      k += run;
      if (k > 63) throw new RangeError("a block has more than 64 coefficients");
      if (size > 0) block[k] = this.#reader.signed(size) * (1 << low);
    }
  }

  /** One bit more of each coefficient that is not 0 yet, and new ones (figure G.7). */
  #refineAc(block: Int16Array, table: HuffmanTable): void {
    const { first, last, low } = this.#scan;
    const bit = 1 << low;
    let k = first;
    if (this.#endOfBand === 0) {
      for (; k <= last; k++) {
        const symbol = this.#reader.symbol(table);
        let run = symbol >> 4;
        const size = symbol & 15;
        let value = 0;
        if (size > 1) throw new RangeError("a refined coefficient has more than one bit");
        if (size === 1) {
          value = this.#reader.take(1) === 1 ? bit : -bit;
        } else if (run < 15) {
          this.#endOfBand = (1 << run) + this.#reader.take(run);
          break;
        }
        for (; k <= last; k++) {
          if (block[k] !== 0) this.#refine(block, k, bit);
          else if (run-- === 0) break;
        }
        if (value !== 0 && k <= last) block[k] = value;
      }
    }
    if (this.#endOfBand > 0) {
      for (; k <= last; k++) if (block[k] !== 0) this.#refine(block, k, bit);
      this.#endOfBand--;
    }
  }

  #refine(block: Int16Array, k: number, bit: number): void {
    if (this.#reader.take(1) === 1 && (block[k] & bit) === 0) block[k] += block[k] > 0 ? bit : -bit;
  }
}

function given(table: HuffmanTable | undefined): HuffmanTable {
  if (table === undefined) throw new RangeError("a scan uses a Huffman table that the file lacks");
  return table;
}
