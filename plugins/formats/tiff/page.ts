/** Pixels of one page: strips or tiles, undone in the order compression, predictor, samples. */
import { cannotOpen, FETCH_AGAIN, thrownReason } from "../decoded.ts";
import { type Elements, elementsAt, type ElementType, floatsOf } from "../elements.ts";
import { inflate } from "../inflate.ts";
import { checkBytes, declaredVoxels, type Origin } from "../limits.ts";
import { InputError } from "../../../engine/pipeline/mod.ts";
import type { Directory } from "./directory.ts";
import { unpackBits, unpackLzw } from "./unpack.ts";

/** How the pixels of a page lie. */
export interface PageFormat {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  readonly bits: number;
  /** Type of the numbers; nothing below 8 bits. */
  readonly type?: ElementType;
  readonly littleEndian: boolean;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  /** Whether each sample has blocks of its own. */
  readonly planar: boolean;
  /** Red, green and blue of 0 to 65,535. */
  readonly palette?: readonly number[];
  /** Size of a strip or tile. */
  readonly block: { readonly width: number; readonly height: number };
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
}

const COMPRESSIONS = [1, 5, 8, 32773, 32946];
const KINDS: Readonly<Record<number, string>> = { 1: "u", 2: "i", 3: "f" };

/** Reads and checks what a page declares. */
export function formatOf(page: Directory, origin: Origin): PageFormat {
  const { name } = origin;
  const [width, height] = [page.number("ImageWidth") ?? 0, page.number("ImageLength") ?? 0];
  const samples = page.number("SamplesPerPixel") ?? 1;
  declaredVoxels([width, height, samples], origin);
  const allBits = page.numbers("BitsPerSample");
  const bits = allBits[0] ?? 1;
  const kind = KINDS[page.number("SampleFormat") ?? 1];
  const photometric = page.number("PhotometricInterpretation") ?? 1;
  const compression = page.number("Compression") ?? 1;
  const type = `${kind}${bits}`;
  const isKnown = ["u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f16", "f32", "f64"].includes(type);
  const isPacked = [1, 2, 4].includes(bits) && kind === "u" && samples === 1;
  if ((!isKnown && !isPacked) || allBits.some((other) => other !== bits)) {
    throw cannotOpen(
      name,
      `its samples have ${allBits.join(", ")} bits of kind ${page.number("SampleFormat") ?? 1}`,
      "save it with 8 or 16 bits or float",
    );
  }
  if (!COMPRESSIONS.includes(compression)) {
    throw cannotOpen(
      name,
      `its TIFF compression is number ${compression}`,
      "save it uncompressed, with LZW or deflated",
    );
  }
  const palette = photometric === 3 ? page.numbers("ColorMap") : undefined;
  if (photometric > 3 || (palette !== undefined && (palette.length !== 3 * 2 ** bits || bits > 16 || samples !== 1))) {
    throw cannotOpen(name, `its colors are of TIFF kind ${photometric}`, "save it gray or RGB");
  }
  const isTiled = page.number("TileWidth") !== undefined;
  const block = isTiled
    ? { width: page.number("TileWidth") ?? 0, height: page.number("TileLength") ?? 0 }
    : { width, height: Math.min(height, page.number("RowsPerStrip") ?? height) };
  declaredVoxels([block.width, block.height, samples], origin);
  const offsets = page.numbers(isTiled ? "TileOffsets" : "StripOffsets");
  const counts = page.numbers(isTiled ? "TileByteCounts" : "StripByteCounts");
  const planar = samples > 1 && page.number("PlanarConfiguration") === 2;
  const blocks = Math.ceil(width / block.width) * Math.ceil(height / block.height) * (planar ? samples : 1);
  if (offsets.length < blocks || counts.length < blocks) {
    throw cannotOpen(
      name,
      `it has ${Math.min(offsets.length, counts.length)} of ${blocks} strips or tiles`,
      FETCH_AGAIN,
    );
  }
  const predictor = page.number("Predictor") ?? 1;
  if (predictor > 2) throw cannotOpen(name, `its TIFF predictor is number ${predictor}`, "save it without one");
  return {
    width,
    height,
    samples,
    bits,
    type: isKnown ? type as ElementType : undefined,
    littleEndian: page.littleEndian,
    compression,
    predictor,
    photometric,
    planar,
    palette,
    block,
    offsets,
    counts,
  };
}

/** Fills one plane per sample, or three of a palette's colors. */
export function readPage(
  bytes: Uint8Array<ArrayBuffer>,
  format: PageFormat,
  planes: readonly Float32Array[],
  origin: Origin,
): void {
  const { width, height, block, planar, samples } = format;
  const across = Math.ceil(width / block.width);
  const blocks = across * Math.ceil(height / block.height);
  for (let number = 0; number < blocks * (planar ? samples : 1); number++) {
    const [x, y] = [number % across * block.width, Math.floor(number % blocks / across) * block.height];
    // The last strip has fewer rows; a tile is always whole.
    const rows = block.width === width ? Math.min(block.height, height - y) : block.height;
    const values = blockValues(bytes, number, rows, format, origin);
    const together = planar ? 1 : samples;
    const first = planar ? Math.floor(number / blocks) : 0;
    for (let row = 0; row < Math.min(rows, height - y); row++) {
      for (let column = 0; column < Math.min(block.width, width - x); column++) {
        const from = (row * block.width + column) * together;
        const to = (y + row) * width + x + column;
        for (let sample = 0; sample < together; sample++) {
          set(planes, first + sample, to, values[from + sample], format);
        }
      }
    }
  }
}

function set(
  planes: readonly Float32Array[],
  sample: number,
  at: number,
  value: number,
  { palette, photometric, bits }: PageFormat,
): void {
  if (palette !== undefined) {
    // Tables have 16 bits where pictures mean 8.
    planes.forEach((plane, color) => plane[at] = palette[color * 2 ** bits + value] >> 8);
  } else {
    const stretch = bits < 8 ? 255 / (2 ** bits - 1) : 1;
    // 0 is white.
    const stored = photometric === 0 && bits <= 16 ? 2 ** bits - 1 - value : value;
    planes[sample][at] = stored * stretch;
  }
}

/** The numbers of a block, row by row. */
function blockValues(
  bytes: Uint8Array<ArrayBuffer>,
  number: number,
  rows: number,
  format: PageFormat,
  origin: Origin,
): ArrayLike<number> {
  const { block, planar, samples, bits, type, littleEndian, predictor } = format;
  const perRow = block.width * (planar ? 1 : samples);
  const rowBytes = Math.ceil(perRow * bits / 8);
  const packed = blockBytes(bytes, number, format, origin.name);
  const data = unpacked(packed, rows * rowBytes, format, origin);
  checkBytes(data.length, rows * rowBytes, "strip or tile", origin.name);
  if (type === undefined) return smallSamples(data, perRow, rows, bits);
  const elements = elementsAt(data, 0, rows * perRow, type, littleEndian);
  if (predictor === 2) undoPredictor(elements, perRow, planar ? 1 : samples);
  return floatsOf(elements).pixels;
}

function blockBytes(
  bytes: Uint8Array<ArrayBuffer>,
  number: number,
  { offsets, counts }: PageFormat,
  name: string,
): Uint8Array<ArrayBuffer> {
  const [start, count] = [offsets[number], counts[number]];
  checkBytes(bytes.length - start, count, `strip or tile ${number + 1}`, name);
  return bytes.subarray(start, start + count);
}

function unpacked(
  packed: Uint8Array<ArrayBuffer>,
  most: number,
  { compression }: PageFormat,
  origin: Origin,
): Uint8Array<ArrayBuffer> {
  if (compression === 1) return packed;
  if (compression === 8 || compression === 32946) return inflate(packed, "zlib", origin, { most: most + 4096 });
  try {
    return compression === 5 ? unpackLzw(packed, most) : unpackBits(packed, most);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw cannotOpen(origin.name, `its TIFF data is damaged (${thrownReason(error)})`, FETCH_AGAIN);
  }
}

/** Samples below 8 bits, the first in the highest bits; each row begins with a new byte. */
function smallSamples(data: Uint8Array, perRow: number, rows: number, bits: number): Uint8Array {
  const rowBytes = Math.ceil(perRow * bits / 8);
  return Uint8Array.from({ length: perRow * rows }, (_, at) => {
    const bit = at % perRow * bits;
    return data[Math.floor(at / perRow) * rowBytes + (bit >> 3)] >> (8 - bits - bit % 8) & (2 ** bits - 1);
  });
}

/** Each sample is the difference from the one before it in its row. */
function undoPredictor(elements: Elements, perRow: number, samples: number): void {
  if (elements instanceof BigInt64Array || elements instanceof BigUint64Array) return;
  for (let row = 0; row < elements.length; row += perRow) {
    for (let at = row + samples; at < row + perRow; at++) elements[at] += elements[at - samples];
  }
}
