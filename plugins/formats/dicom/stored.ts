import { cannotOpen, count, FETCH_AGAIN } from "../decoded.ts";
import type { DicomFile, Element } from "./data_set.ts";

/** How the pixels lie in the file (PS3.3 C.7.6.3). */
export interface PixelFormat {
  /** Height in pixels. */
  readonly rows: number;
  /** Width in pixels. */
  readonly columns: number;
  /** 1 or more. */
  readonly frames: number;
  /** Samples a pixel: 1 for gray, 3 for color. */
  readonly samples: number;
  /** Bits that a sample takes: 1, 8, 16 or 32. */
  readonly bitsAllocated: number;
  /** Bits of them that count. */
  readonly bitsStored: number;
  /** Position of the uppermost bit that counts; 0 is the lowest. */
  readonly highBit: number;
  /** Whether values are two's complement. */
  readonly signed: boolean;
  /** Whether each frame keeps its color planes apart. */
  readonly planar: boolean;
  /** PhotometricInterpretation, such as `MONOCHROME2`. */
  readonly photometric: string;
}

/** Stored values in the order frames, rows, columns, samples. */
export type StoredValues = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Reads the image pixel module. Throws an `InputError` where it is incomplete or describes what we don't read. */
export function pixelFormat({ dataSet, name }: DicomFile): PixelFormat {
  const rows = dataSet.uint16("x00280010");
  const columns = dataSet.uint16("x00280011");
  const bitsAllocated = dataSet.uint16("x00280100");
  const photometric = dataSet.string("x00280004")?.trim();
  const samples = dataSet.uint16("x00280002");
  const numbers = { Rows: rows, Columns: columns, BitsAllocated: bitsAllocated, SamplesPerPixel: samples };
  const missing = Object.entries({ ...numbers, PhotometricInterpretation: photometric })
    .filter(([, value]) => value === undefined || value === "" || value === 0).map(([key]) => key);
  if (!rows || !columns || !bitsAllocated || !samples || !photometric) {
    throw cannotOpen(name, `it lacks ${missing.join(", ")}`, "export the file again with the image pixel module");
  }
  if (![1, 8, 16, 32].includes(bitsAllocated)) {
    throw cannotOpen(name, `its pixels take ${bitsAllocated} bits each`, "export it with 8, 16 or 32 bits allocated");
  }
  const bitsStored = dataSet.uint16("x00280101") ?? bitsAllocated;
  const highBit = dataSet.uint16("x00280102") ?? bitsStored - 1;
  if (bitsStored < 1 || highBit >= bitsAllocated || bitsStored > highBit + 1) {
    const reason = `BitsStored is ${bitsStored} and HighBit ${highBit} of ${bitsAllocated} bits allocated`;
    throw cannotOpen(name, reason, "export the file again");
  }
  return {
    rows,
    columns,
    frames: Math.max(1, dataSet.intString("x00280008") ?? 1),
    samples,
    bitsAllocated,
    bitsStored,
    highBit,
    signed: dataSet.uint16("x00280103") === 1,
    planar: samples > 1 && dataSet.uint16("x00280006") === 1,
    photometric,
  };
}

/**
 * The stored values: shifted by HighBit, masked to BitsStored, sign extended. Throws an `InputError` where the pixel
 * data is shorter than its format says.
 */
export function storedValues(file: DicomFile, pixelData: Element, format: PixelFormat): StoredValues {
  const { dataSet, syntax, name } = file;
  const { rows, columns, frames, samples, bitsAllocated } = format;
  const { dataOffset, length, vr } = pixelData;
  const halved = format.photometric === "YBR_FULL_422";
  const words = rows * columns * frames * (halved ? 2 : samples);
  const wanted = Math.ceil(words * bitsAllocated / 8);
  const there = Math.min(length, dataSet.byteArray.length - dataOffset);
  if (there < wanted) {
    throw cannotOpen(name, `its pixel data ends after ${count(there)} of ${count(wanted)} bytes`, FETCH_AGAIN);
  }
  let bytes = new Uint8Array(dataSet.byteArray.buffer, dataSet.byteArray.byteOffset + dataOffset, there);
  if (!syntax.littleEndian && vr === "OW" && bitsAllocated < 16) bytes = bytesSwapped(bytes);
  const values = wordsOf(bytes, words, format, syntax.littleEndian);
  if (halved) return fullChroma(values);
  return format.planar ? samplesTogether(values, format) : values;
}

function wordsOf(bytes: Uint8Array, length: number, format: PixelFormat, little: boolean): StoredValues {
  const { bitsAllocated, bitsStored, highBit, signed } = format;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = bitsAllocated === 32 && !signed ? new Uint32Array(length) : new Int32Array(length);
  // To the top of 32 bits and back: drops what lies above HighBit, and what lies below the stored bits.
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  for (let at = 0; at < length; at++) {
    const word = bitsAllocated === 16
      ? view.getUint16(2 * at, little)
      : bitsAllocated === 8
      ? bytes[at]
      : bitsAllocated === 32
      ? view.getUint32(4 * at, little)
      : bytes[at >> 3] >> (at & 7) & 1;
    values[at] = signed ? word << up >> down : word << up >>> down;
  }
  return values;
}

/** 8-bit pixels that were written as 16-bit words of big endian. */
function bytesSwapped(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const swapped = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at++) swapped[at] = bytes[at ^ 1] ?? bytes[at];
  return swapped;
}

/** Color planes of each frame, turned into samples that lie together. */
function samplesTogether(values: StoredValues, { rows, columns, frames, samples }: PixelFormat): StoredValues {
  const size = rows * columns;
  const result = values.slice();
  let from = 0;
  for (let frame = 0; frame < frames; frame++) {
    for (let sample = 0; sample < samples; sample++) {
      for (let pixel = 0; pixel < size; pixel++) result[(frame * size + pixel) * samples + sample] = values[from++];
    }
  }
  return result;
}

/** Two pixels that share their chroma (y0 y1 cb cr), turned into two of three samples. */
function fullChroma(values: StoredValues): StoredValues {
  const result = new Int32Array(values.length / 2 * 3);
  for (let from = 0, to = 0; from + 3 < values.length; from += 4) {
    for (let pixel = 0; pixel < 2; pixel++) {
      result[to++] = values[from + pixel];
      result[to++] = values[from + 2];
      result[to++] = values[from + 3];
    }
  }
  return result;
}
