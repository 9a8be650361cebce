/** Marker segments of a JPEG (ISO/IEC 10918-1, annex B). */
import { type HuffmanTable, huffmanTable } from "./huffman.ts";

/** A component as the frame header has it. */
export interface Component {
  readonly id: number;
  /** Sampling factors along x and y, 1 to 4. */
  readonly h: number;
  readonly v: number;
  /** Number of its quantization table. */
  readonly table: number;
}

/** The frame header. */
export interface FrameHeader {
  /** 0xc0 baseline, 0xc1 extended, 0xc2 progressive, 0xc3 lossless and so on. */
  readonly marker: number;
  /** Bits per sample. */
  readonly precision: number;
  readonly height: number;
  readonly width: number;
  readonly components: readonly Component[];
}

/** The header of one scan, and where its data begins. */
export interface ScanHeader {
  /** Positions in the frame's components, with the tables of DC and AC. */
  readonly components: readonly { readonly index: number; readonly dc: number; readonly ac: number }[];
  /** First and last coefficient in zigzag order. */
  readonly first: number;
  readonly last: number;
  /** Bits that earlier scans left out, and that this one leaves out. */
  readonly high: number;
  readonly low: number;
  readonly start: number;
}

/** Tables as they stand when a scan begins. */
export interface Tables {
  /** Quantization, in zigzag order. */
  readonly quantization: (Uint16Array | undefined)[];
  readonly dc: (HuffmanTable | undefined)[];
  readonly ac: (HuffmanTable | undefined)[];
  /** Units between restart markers; 0 means none. */
  restartInterval: number;
  /** What an Adobe segment says of colors: 0 none, 1 YCbCr, 2 YCCK. */
  adobeTransform?: number;
}

/** Tables before the first segment. */
export function noTables(): Tables {
  return { quantization: [], dc: [], ac: [], restartInterval: 0 };
}

/** Reads DQT: quantization tables of 8 or 16 bits. */
export function readQuantization(segment: Uint8Array, tables: Tables): void {
  for (let at = 0; at < segment.length;) {
    const wide = segment[at] >> 4 === 0 ? 1 : 2;
    const values = segment.subarray(at + 1, at + 1 + 64 * wide);
    if (values.length < 64 * wide) throw new RangeError("a quantization table is cut off");
    tables.quantization[segment[at] & 3] = Uint16Array.from(
      { length: 64 },
      (_, k) => wide === 1 ? values[k] : values[2 * k] << 8 | values[2 * k + 1],
    );
    at += 1 + 64 * wide;
  }
}

/** Reads DHT: Huffman tables. */
export function readHuffman(segment: Uint8Array, tables: Tables): void {
  for (let at = 0; at < segment.length;) {
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = segment.subarray(at + 17, at + 17 + total);
    if (counts.length < 16 || symbols.length < total) throw new RangeError("a Huffman table is cut off");
    (segment[at] >> 4 === 0 ? tables.dc : tables.ac)[segment[at] & 3] = huffmanTable(counts, symbols);
    at += 17 + total;
  }
}

/** Reads SOFn. Throws a `RangeError` where its numbers don't go together. */
export function readFrame(marker: number, segment: Uint8Array): FrameHeader {
  const count = segment[5] ?? 0;
  if (segment.length < 6 + 3 * count) throw new RangeError("the frame header is cut off");
  const components = Array.from({ length: count }, (_, index) => {
    const [id, factors, table] = segment.subarray(6 + 3 * index);
    return { id, h: factors >> 4, v: factors & 15, table: table & 3 };
  });
  const [height, width] = [segment[1] << 8 | segment[2], segment[3] << 8 | segment[4]];
  const fits = height > 0 && width > 0 && count >= 1 && count <= 4 &&
    components.every(({ h, v }) => h >= 1 && h <= 4 && v >= 1 && v <= 4);
  if (!fits) throw new RangeError(`the frame header says ${width} x ${height} pixels of ${count} components`);
  return { marker, precision: segment[0], height, width, components };
}

/** Reads SOS, whose data begins at `start`. */
export function readScan(segment: Uint8Array, frame: FrameHeader, start: number): ScanHeader {
  const count = segment[0] ?? 0;
  if (count < 1 || count > 4 || segment.length < 4 + 2 * count) throw new RangeError("a scan header is cut off");
  const components = Array.from({ length: count }, (_, number) => {
    const [id, tables] = segment.subarray(1 + 2 * number);
    const index = frame.components.findIndex((component) => component.id === id);
    if (index < 0) throw new RangeError(`a scan names component ${id}, which the frame lacks`);
    return { index, dc: tables >> 4 & 3, ac: tables & 3 };
  });
  if (new Set(components.map(({ index }) => index)).size < count) {
    throw new RangeError("a scan names a component twice");
  }
  const [first, last, approximation] = segment.subarray(1 + 2 * count);
  return { components, first, last, high: approximation >> 4, low: approximation & 15, start };
}
