/**
 * Lossy JPEG of 8 and 12 bits (ISO/IEC 10918-1), Huffman coded: baseline, extended sequential and progressive, with restart markers and
 * any sampling. It exists as no library at hand reads 12 bits, and as DICOM, not the file, says whether colors are transformed.
 * Samples are those of the components, neither clipped to another range nor turned into RGB; between subsampled ones
 * they are interpolated linearly.
 */
import { samplesOfBlocks } from "./dct.ts";
import {
  type FrameHeader,
  noTables,
  readFrame,
  readHuffman,
  readQuantization,
  readScan,
  type ScanHeader,
  type Tables,
} from "./header.ts";
import { type Blocks, blocksOf, decodeScan } from "./scan.ts";

/** A decoded picture. */
export interface JpegPicture {
  readonly width: number;
  readonly height: number;
  /** Bits per sample, 8 or 12. */
  readonly precision: number;
  /** Samples per pixel. */
  readonly components: number;
  /** The samples of each pixel together, 0 to 2^precision - 1. */
  readonly samples: Uint16Array<ArrayBuffer>;
  /** What an Adobe segment says of colors: 0 none, 1 YCbCr; nothing without one. */
  readonly adobeTransform?: number;
  /** Identifiers of the components as the frame has them. */
  readonly componentIds: readonly number[];
}

/** A block takes a bit at least. */
const MOST_PIXELS_PER_BYTE = 64 * 8;
/** More scans than 64 coefficients of 4 components and 14 bits can be of use for, and few enough to end. */
const MOST_SCANS = 1000;

/**
 * Decodes a picture. Throws a `RangeError` that says what is damaged, missing or not supported, and where the picture is of
 * another size than `expected`, before its coefficients are allocated.
 */
export function decodeJpeg12(
  data: Uint8Array,
  expected: { readonly width: number; readonly height: number },
): JpegPicture {
  const tables = noTables();
  let frame: FrameHeader | undefined;
  let blocks: readonly Blocks[] = [];
  let scans = 0;
  for (let at = 2; at + 4 <= data.length;) {
    if (data[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = data[at + 1];
    if (marker === 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xd9) break;
    const end = at + 2 + (data[at + 2] << 8 | data[at + 3]);
    if (end > data.length || end < at + 4) throw new RangeError("a segment ends beyond the file");
    const segment = data.subarray(at + 4, end);
    at = end;
    if (marker === 0xdb) readQuantization(segment, tables);
    else if (marker === 0xc4) readHuffman(segment, tables);
    else if (marker === 0xdd) tables.restartInterval = segment[0] << 8 | segment[1];
    else if (marker === 0xee && isAdobe(segment)) tables.adobeTransform = segment[11];
    else if (isFrame(marker)) {
      if (frame !== undefined) throw new RangeError("it has two frames");
      frame = checked(readFrame(marker, segment), expected, data.length);
      blocks = blocksOf(frame);
    } else if (marker === 0xda) {
      if (frame === undefined) throw new RangeError("a scan comes before the frame header");
      if (++scans > MOST_SCANS) throw new RangeError(`it has more than ${MOST_SCANS} scans`);
      at = decodeScan(data, frame, checkedScan(readScan(segment, frame, end), frame), tables, blocks);
    }
  }
  if (frame === undefined || scans === 0) throw new RangeError("it has no frame with a scan");
  return pictureOf(frame, blocks, tables);
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function isAdobe(segment: Uint8Array): boolean {
  return segment.length >= 12 && String.fromCharCode(...segment.subarray(0, 5)) === "Adobe";
}

function checked(
  frame: FrameHeader,
  expected: { readonly width: number; readonly height: number },
  bytes: number,
): FrameHeader {
  const { marker, precision, width, height } = frame;
  if (marker > 0xc2) throw new RangeError(`its frame is of type SOF${marker - 0xc0}`);
  if (precision !== 8 && precision !== 12) throw new RangeError(`its samples have ${precision} bits`);
  if (width !== expected.width || height !== expected.height) {
    throw new RangeError(`it has ${width} x ${height} pixels instead of ${expected.width} x ${expected.height}`);
  }
  if (width * height > MOST_PIXELS_PER_BYTE * bytes) {
    throw new RangeError(`its ${bytes} bytes can't hold ${width} x ${height} pixels`);
  }
  return frame;
}

function checkedScan(scan: ScanHeader, frame: FrameHeader): ScanHeader {
  const units = scan.components.reduce(
    (sum, { index }) => sum + frame.components[index].h * frame.components[index].v,
    0,
  );
  if (scan.components.length > 1 && units > 10) throw new RangeError(`a unit of a scan has ${units} blocks`);
  return scan;
}

function pictureOf(frame: FrameHeader, blocks: readonly Blocks[], tables: Tables): JpegPicture {
  const { width, height, precision, components } = frame;
  const count = components.length;
  const samples = new Uint16Array(width * height * count);
  const most = { h: Math.max(...components.map(({ h }) => h)), v: Math.max(...components.map(({ v }) => v)) };
  for (const [index, { h, v, table }] of components.entries()) {
    const quantization = tables.quantization[table];
    if (quantization === undefined) throw new RangeError(`component ${index + 1} has no quantization table`);
    const plane = samplesOfBlocks(blocks[index], quantization, precision);
    const line = 8 * blocks[index].stride;
    if (h === most.h && v === most.v) {
      for (let y = 0, to = index; y < height; y++) {
        for (let x = 0; x < width; x++, to += count) samples[to] = plane[y * line + x];
      }
      continue;
    }
    const [across, down] = [taps(width, h / most.h), taps(height, v / most.v)];
    for (let y = 0, to = index; y < height; y++) {
      const [top, bottom, low] = [line * down.from[y], line * down.to[y], down.share[y]];
      for (let x = 0; x < width; x++, to += count) {
        const [left, right, far] = [across.from[x], across.to[x], across.share[x]];
        const above = plane[top + left] * (1 - far) + plane[top + right] * far;
        const below = plane[bottom + left] * (1 - far) + plane[bottom + right] * far;
        samples[to] = Math.round(above * (1 - low) + below * low);
      }
    }
  }
  const { adobeTransform } = tables;
  const componentIds = components.map(({ id }) => id);
  return { width, height, precision, components: count, samples, adobeTransform, componentIds };
}

/** For each of `length` samples of the picture, the two of a subsampled component that it lies between, and its share of the second. */
function taps(length: number, scale: number): { from: Int32Array; to: Int32Array; share: Float64Array } {
  const last = Math.ceil(length * scale) - 1;
  const place = (at: number): number => Math.min(last, Math.max(0, (at + 0.5) * scale - 0.5));
  const places = Float64Array.from({ length }, (_, at) => place(at));
  const from = Int32Array.from(places, Math.floor);
  return { from, to: from.map((at) => Math.min(last, at + 1)), share: places.map((value, at) => value - from[at]) };
}
