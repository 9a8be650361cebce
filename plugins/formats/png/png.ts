/**
 * PNG (W3C PNG, third edition): read with 1 to 16 bits, gray, RGB, with alpha or a palette; written with 8 or 16 bits.
 * Gray of 1, 2 and 4 bits is stretched to 0..255 (section 13.12), so that white is 255 as in most readers; gray of 8 and 16 bits
 * keeps its values. A palette becomes RGB.
 */
import { decode as decodePixels, type DecodedPng, encode as encodePixels } from "fast-png";
import { unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, type Channels, count, type Decoded, FETCH_AGAIN, planesOf, thrownReason } from "../decoded.ts";

/** Reads a PNG. The shape is [C, H, W]: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. Throws an `InputError`. */
export function decodePng(bytes: Uint8Array<ArrayBuffer>, name: string): Decoded {
  checkChunks(bytes, name);
  let png: DecodedPng;
  try {
    png = decodePixels(bytes, { checkCrc: true });
  } catch (error) {
    throw cannotOpen(name, `its PNG data is damaged (${thrownReason(error)})`, FETCH_AGAIN);
  }
  const { width, height } = png;
  const samples = png.palette === undefined ? samplesOf(png) : coloredSamples(png, png.palette);
  const channels = samples.length / (width * height);
  return {
    pixels: planesOf(samples, channels),
    shape: [channels, height, width],
    geometry: unknownGeometry(2),
    channels: (["gray", "gray+alpha", "rgb", "rgba"] as Channels[])[channels - 1],
    warnings: [],
  };
}

/** How a PNG is written. */
export interface EncodePngOptions {
  /** Bits a sample. Values are rounded and limited to 0..255 or 0..65,535. */
  readonly bits: 8 | 16;
}

/** Writes [1, H, W] as gray or [3, H, W] as RGB (8 bits). Throws a `RangeError` for another shape. */
export function encodePng(
  pixels: ArrayLike<number>,
  shape: readonly number[],
  options: EncodePngOptions,
): Uint8Array<ArrayBuffer> {
  const [channels, height, width] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3) || (channels === 3 && options.bits === 16)) {
    const allowed = "[1, H, W] with 8 or 16 bits or [3, H, W] with 8 bits";
    throw new RangeError(
      `A PNG of shape [${shape.join(", ")}] and ${options.bits} bits is asked for: write ${allowed}`,
    );
  }
  const top = 2 ** options.bits - 1;
  const data = options.bits === 8 ? new Uint8Array(pixels.length) : new Uint16Array(pixels.length);
  const size = height * width;
  for (let channel = 0, at = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < size; pixel++, at++) {
      data[pixel * channels + channel] = Math.min(top, Math.max(0, Math.round(pixels[at])));
    }
  }
  return new Uint8Array(encodePixels({ width, height, data, channels, depth: options.bits }));
}

/** Says where a file ends too early, which inflating would tell less clearly. */
function checkChunks(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 8; at + 8 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length) {
      const reason = `its ${kind} chunk ends after ${count(bytes.length - at)} of ${count(end - at)} bytes`;
      throw cannotOpen(name, reason, FETCH_AGAIN);
    }
    if (kind === "IEND") return;
    at = end;
  }
  throw cannotOpen(name, `it ends after ${count(bytes.length)} bytes without an IEND chunk`, FETCH_AGAIN);
}

/** Gray and color samples as numbers, unpacked and stretched where a byte holds several. */
function samplesOf(png: DecodedPng): ArrayLike<number> {
  if (png.depth >= 8) return png.data;
  const stretch = 255 / (2 ** png.depth - 1);
  return unpacked(png).map((value) => value * stretch);
}

function coloredSamples(png: DecodedPng, palette: readonly (readonly number[])[]): Uint8Array {
  const indices = unpacked(png);
  const channels = palette[0].length;
  const samples = new Uint8Array(indices.length * channels);
  indices.forEach((index, at) => samples.set(palette[index] ?? [], at * channels));
  return samples;
}

/** One number a pixel from rows of 1, 2, 4 or 8 bits a pixel; each row begins with a new byte. */
function unpacked({ data, depth, width, height }: DecodedPng): Uint8Array {
  const pixels = new Uint8Array(width * height);
  const bytesPerRow = Math.ceil(width * depth / 8);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const bit = x * depth;
      pixels[at] = data[y * bytesPerRow + (bit >> 3)] >> (8 - depth - bit % 8) & (2 ** depth - 1);
    }
  }
  return pixels;
}
