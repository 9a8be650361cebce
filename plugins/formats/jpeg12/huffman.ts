/** Huffman codes of a JPEG (ISO/IEC 10918-1, annexes C and F.2.2). */

/** A table of codes, looked up by 16 bits in two steps. */
export interface HuffmanTable {
  /** By the next 8 bits: the symbol, and above it the length of its code in bits; 0 where the code is longer. */
  readonly short: Uint16Array;
  /** Greatest code of each length from 1 to 16; -1 where there is none. */
  readonly greatest: Int32Array;
  /** What to add to a code of each length to get the place of its symbol. */
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

/** Makes a table from the counts of codes by length and the symbols in their order. Throws a `RangeError` where they don't fit. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const short = new Uint16Array(256);
  const greatest = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let [code, at] = [0, 0];
  for (let length = 1; length <= 16; length++) {
    offset[length] = at - code;
    for (let number = 0; number < counts[length - 1]; number++, code++, at++) {
      if (code >= 1 << length) throw new RangeError("a Huffman table has more codes than its lengths allow");
      greatest[length] = code;
      if (length > 8) continue;
      const first = code << (8 - length);
      short.fill(length << 8 | symbols[at], first, first + (1 << (8 - length)));
    }
    code <<= 1;
  }
  return { short, greatest, offset, symbols };
}

/** Bits of the entropy-coded data up to the next marker. */
export class BitReader {
  readonly #data: Uint8Array;
  #at: number;
  #bits = 0;
  #held = 0;

  constructor(data: Uint8Array, start: number) {
    this.#data = data;
    this.#at = start;
  }

  /** Where the marker behind the data is, or the end of the file. */
  get markerAt(): number {
    let at = this.#at;
    while (at + 1 < this.#data.length && !(this.#data[at] === 0xff && this.#data[at + 1] !== 0)) at++;
    return at;
  }

  /** The next `count` bits, up to 16, as a number. Throws a `RangeError` at the end of the data. */
  take(count: number): number {
    if (count === 0) return 0;
    this.#fill(count);
    if (this.#held < count) throw new RangeError("its entropy-coded data ends early");
    this.#held -= count;
    return this.#bits >>> this.#held & ((1 << count) - 1);
  }

  /** A signed number of `count` bits as JPEG writes it: the lower half of the codes is negative. */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.take(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** The next symbol. Throws a `RangeError` where the bits are no code. */
  symbol(table: HuffmanTable): number {
    this.#fill(16);
    const next = this.#held >= 8 ? this.#bits >>> (this.#held - 8) & 0xff : this.#bits << (8 - this.#held) & 0xff;
    const found = table.short[next];
    const short = found >> 8;
    if (short > 0 && short <= this.#held) {
      this.#held -= short;
      return found & 0xff;
    }
    for (let length = 1; length <= Math.min(16, this.#held); length++) {
      const code = this.#bits >>> (this.#held - length) & ((1 << length) - 1);
      if (code > table.greatest[length]) continue;
      this.#held -= length;
      return table.symbols[code + table.offset[length]];
    }
    throw new RangeError(this.#held < 16 ? "its entropy-coded data ends early" : "its data has a code of no table");
  }

  /** Goes behind a restart marker. Throws a `RangeError` where none is next. */
  restart(): void {
    const at = this.markerAt;
    const marker = this.#data[at + 1];
    if (at + 1 >= this.#data.length || marker < 0xd0 || marker > 0xd7) {
      throw new RangeError("a restart marker is missing");
    }
    this.#at = at + 2;
    this.#bits = this.#held = 0;
  }

  /** Holds at least `count` bits, as far as there are some. 24 bits at most are held, so that a byte more fits. */
  #fill(count: number): void {
    while (this.#held < count && this.#at < this.#data.length) {
      const byte = this.#data[this.#at];
      if (byte === 0xff) {
        if (this.#data[this.#at + 1] !== 0) return;
        this.#at++;
      }
      this.#at++;
      this.#bits = (this.#bits << 8 | byte) & 0xffffff;
      this.#held += 8;
    }
  }
}
