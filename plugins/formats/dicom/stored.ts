/** Stored values: the numbers of the pixel data before any table or scale (PS3.5, 8). */
import { cannotOpen, thrownReason } from "../decoded.ts";
import { checkBytes, type Origin } from "../limits.ts";
import { InputError } from "../../../engine/pipeline/mod.ts";
import { decodeFrame } from "./compressed.ts";
import type { DicomFile, Element } from "./data_set.ts";
import { encapsulatedFrames } from "./fragments.ts";
import { pixelElement, type PixelFormat } from "./pixel_format.ts";
import { swapBytes } from "../elements.ts";

/** Stored values in the order rows, columns, samples. */
export type StoredValues = Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** The stored values of one frame. */
export interface StoredFrame {
  readonly values: StoredValues;
  /** Whether a decoder has turned its colors to red, green and blue. */
  readonly isRgb: boolean;
}

/** Gives the stored values of a frame, counted from 0. Throws an `InputError` where they are damaged. */
export type ReadFrame = (frame: number) => Promise<StoredFrame>;

/**
 * Opens the pixel data: shifted by HighBit, masked to BitsStored, sign extended. Throws an `InputError` where it is missing or
 * shorter than its format says.
 */
export function openFrames(file: DicomFile, element: Element, format: PixelFormat, origin: Origin): ReadFrame {
  const { compression } = file.syntax;
  if (compression === undefined) return nativeFrames(file, element, format);
  const frames = encapsulatedFrames(file, element, format.frames);
  return async (frame) => {
    try {
      const decoded = await decodeFrame(frames[frame], compression, format, origin);
      if ("samples" in decoded) return { values: fromNumbers(decoded.samples, format), isRgb: decoded.isRgb };
      const words = format.rows * format.columns * format.samples;
      checkBytes(decoded.bytes.length, Math.ceil(words * format.bitsAllocated / 8), "pixel data", file.name);
      const values = fromWords(decoded.bytes, 0, words, format, true);
      return { values: decoded.planar ? samplesTogether(values, format) : values, isRgb: false };
    } catch (error) {
      if (error instanceof InputError) throw error;
      const which = format.frames > 1 ? ` of frame ${frame + 1}` : "";
      throw cannotOpen(file.name, `${thrownReason(error)}${which}`, "fetch the file again");
    }
  };
}

/** The element with the pixels. Throws an `InputError` that says why there is none that we could read. */
export function pixelDataOf({ dataSet, syntax, name }: DicomFile): Element {
  if (syntax.isUnknown) {
    const reason = `its pixels are compressed as ${syntax.name}, which is not read`;
    throw cannotOpen(name, reason, "decompress it first, for example with gdcmconv --raw");
  }
  const tag = pixelElement(dataSet);
  const pixels = tag === undefined ? undefined : dataSet.elements[tag];
  if (pixels === undefined) {
    const kind = dataSet.elements.x00041220 !== undefined ? " (DICOMDIR)" : "";
    throw cannotOpen(name, `it has no pixel data${kind}`, "leave it out or fetch the file again");
  }
  if (Boolean(pixels.hadUndefinedLength) !== (syntax.compression !== undefined)) {
    const is = pixels.hadUndefinedLength ? "compressed" : "not compressed";
    throw cannotOpen(name, `its pixels are ${is} although it says ${syntax.name}`, "export the file again");
  }
  return pixels;
}

function nativeFrames({ dataSet, syntax, name }: DicomFile, element: Element, format: PixelFormat): ReadFrame {
  const { rows, columns, frames, samples, bitsAllocated, planar } = format;
  const isHalved = format.photometric === "YBR_FULL_422";
  const words = rows * columns * (isHalved ? 2 : samples);
  const { dataOffset, length, vr } = element;
  const there = Math.min(length, dataSet.byteArray.length - dataOffset);
  checkBytes(there, Math.ceil(words * frames * bitsAllocated / 8), "pixel data", name);
  const pixels = new Uint8Array(dataSet.byteArray.buffer, dataSet.byteArray.byteOffset + dataOffset, there);
  const isSwapped = !syntax.littleEndian && vr === "OW" && bitsAllocated < 16;
  const bytes = isSwapped ? wordsTurned(pixels) : pixels;
  return (frame) => {
    const values = fromWords(bytes, frame * words, words, format, syntax.littleEndian);
    const samples = isHalved ? fullChroma(values) : planar ? samplesTogether(values, format) : values;
    return Promise.resolve({ values: samples, isRgb: false });
  };
}

/** 8-bit pixels that were written as 16-bit words of big endian. */
function wordsTurned(pixels: Uint8Array): Uint8Array<ArrayBuffer> {
  const turned = new Uint8Array(pixels);
  swapBytes(turned, 2);
  return turned;
}

/** Numbers from words of a file; `first` and `length` count words. */
function fromWords(
  bytes: Uint8Array<ArrayBuffer>,
  first: number,
  length: number,
  format: PixelFormat,
  little: boolean,
): StoredValues {
  const { bitsAllocated, bitsStored, highBit, signed, isFloat } = format;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isFloat) {
    const read = bitsAllocated === 32
      ? (at: number) => view.getFloat32(4 * (first + at), little)
      : (at: number) => view.getFloat64(8 * (first + at), little);
    return Float64Array.from({ length }, (_, at) => read(at));
  }
  const values = arrayFor(format, length);
  // To the top of 32 bits and back: drops what lies above HighBit, and what lies below the stored bits.
  const up = 31 - highBit;
  const down = 32 - bitsStored;
  for (let at = 0, word = first; at < length; at++, word++) {
    const value = bitsAllocated === 16
      ? view.getUint16(2 * word, little)
      : bitsAllocated === 8
      ? bytes[word]
      : bitsAllocated === 32
      ? view.getUint32(4 * word, little)
      : bytes[Math.floor(word / 8)] >> (word & 7) & 1;
    values[at] = signed ? value << up >> down : value << up >>> down;
  }
  return values;
}

/** Numbers of a decoder, limited to the bits that count. */
function fromNumbers(samples: ArrayLike<number>, format: PixelFormat): StoredValues {
  const values = arrayFor(format, format.rows * format.columns * format.samples);
  const unused = 32 - format.bitsStored;
  for (let at = 0; at < values.length; at++) {
    values[at] = format.signed ? samples[at] << unused >> unused : samples[at] << unused >>> unused;
  }
  return values;
}

function arrayFor(
  { bitsAllocated, signed }: PixelFormat,
  length: number,
): Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  return bitsAllocated === 32 && !signed ? new Uint32Array(length) : new Int32Array(length);
}

/** The planes of a frame, turned into samples that lie together. */
function samplesTogether(values: StoredValues, { samples }: PixelFormat): StoredValues {
  const size = values.length / samples;
  const result = values.slice();
  for (let sample = 0, from = 0; sample < samples; sample++) {
    for (let pixel = 0; pixel < size; pixel++) result[pixel * samples + sample] = values[from++];
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
