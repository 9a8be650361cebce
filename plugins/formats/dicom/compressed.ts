/** Frames of the compressed transfer syntaxes, as the numbers that they were made from. */
import { thrownReason } from "../decoded.ts";
import { inflate } from "../inflate.ts";
import type { Origin } from "../limits.ts";
import { frameOf } from "../jpeg/frame.ts";
import type { PixelFormat } from "./pixel_format.ts";
import { decodeRle } from "./rle.ts";
import { type CodecName, decodeCodeStream } from "./wasm_codecs.ts";

/** How the pixels of a file are compressed. */
export type Compression = "rle" | "jpeg" | "jpeg-lossless" | "deflated" | CodecName;

/** What a frame was decoded to. */
export type DecodedFrame =
  /** Words as they stand in an uncompressed file, little endian; planes of samples one after the other where `planar`. */
  | { readonly bytes: Uint8Array<ArrayBuffer>; readonly planar: boolean }
  /** Numbers, together for each pixel, and whether their colors are red, green and blue whatever the file says. */
  | { readonly samples: ArrayLike<number>; readonly isRgb: boolean };

/** Decodes one frame. Throws a `RangeError` that says what is wrong with it, in words that go on from "as". */
export async function decodeFrame(
  frame: Uint8Array<ArrayBuffer>,
  compression: Compression,
  format: PixelFormat,
  origin: Origin,
): Promise<DecodedFrame> {
  const { rows, columns, samples, bitsAllocated, planar, photometric } = format;
  const pixels = rows * columns;
  switch (compression) {
    case "rle":
      // Single bits are packed eight in a byte.
      return bitsAllocated < 8
        ? { bytes: decodeRle(frame, Math.ceil(pixels * bitsAllocated / 8), samples, 1), planar: samples > 1 }
        : { bytes: decodeRle(frame, pixels, samples, bitsAllocated / 8), planar: samples > 1 };
    case "deflated": {
      const most = Math.ceil(pixels * samples * bitsAllocated / 8);
      // A byte may fill up to an even length.
      return { bytes: inflate(frame, "raw", origin, { most: most + 1 }), planar };
    }
    case "jpeg":
      return await lossyJpeg(frame, format);
    case "jpeg-lossless":
      return await losslessJpeg(frame, format);
    default: {
      const size = { width: columns, height: rows, components: samples };
      const stream = await decodeCodeStream(compression, frame, size);
      return { samples: stream.samples, isRgb: photometric === "YBR_RCT" || photometric === "YBR_ICT" };
    }
  }
}

/** JPEG of 8 and 12 bits; YCbCr becomes RGB where the file says YBR, which counts more than what the JPEG says. */
async function lossyJpeg(frame: Uint8Array<ArrayBuffer>, format: PixelFormat): Promise<DecodedFrame> {
  const { rows, columns, samples: wanted, photometric } = format;
  const { decodeJpeg12 } = await import("../jpeg12/jpeg12.ts");
  const { samples, components, precision } = reasoned(() => decodeJpeg12(frame, { width: columns, height: rows }));
  if (components !== wanted) throw new RangeError(`its JPEG has ${components} components instead of ${wanted}`);
  if (!photometric.startsWith("YBR")) return { samples, isRgb: photometric === "RGB" };
  const { rgbFromYbr } = await import("./tables.ts");
  return { samples: rgbFromYbr(samples, precision), isRgb: true };
}

async function losslessJpeg(frame: Uint8Array<ArrayBuffer>, format: PixelFormat): Promise<DecodedFrame> {
  const header = frameOf(frame);
  const { rows, columns, samples } = format;
  if (header === undefined) throw new RangeError("its JPEG data ends before the first frame");
  const { marker, width, height, components, bits } = header;
  if (marker !== 0xc3) throw new RangeError(`its JPEG is of type SOF${marker - 0xc0} instead of lossless`);
  if (width !== columns || height !== rows || components !== samples) {
    throw new RangeError(
      `its JPEG has ${width} x ${height} x ${components} samples instead of ${columns} x ${rows} x ${samples}`,
    );
  }
  const { Decoder } = await import("npm:@cornerstonejs/jpeg-lossless-decoder-js@2.2.1");
  const own = frame.slice();
  const decoded = reasoned(() => new Decoder().decompress(own.buffer, 0, own.length));
  const numbers = bits <= 8 ? new Uint8Array(decoded) : new Uint16Array(decoded);
  if (numbers.length < rows * columns * samples) throw new RangeError("its JPEG data is damaged or ends early");
  return { samples: numbers, isRgb: false };
}

function reasoned<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw new RangeError(`its JPEG data is damaged (${thrownReason(error)})`);
  }
}
