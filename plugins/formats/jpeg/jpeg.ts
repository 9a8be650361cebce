/**
 * JPEG (ISO/IEC 10918-1) of 8 bits, baseline and progressive, by libjpeg-turbo: read only, since a picture that is written again as
 * JPEG loses more. An orientation in EXIF is applied: the picture stands as a viewer shows it.
 */
import openCodec from "npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8/decode";
import { unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, count, type Decoded, FETCH_AGAIN, planesOf } from "../decoded.ts";
import { declaredVoxels, type Origin } from "../limits.ts";
import { orientationOf, oriented } from "./exif.ts";
import { frameOf } from "./frame.ts";

/** What we use of the codec, which comes without types. */
interface Codec {
  readonly JPEGDecoder: new () => {
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    delete(): void;
  };
}

/** Frames that hold what we read: baseline, extended sequential and progressive, Huffman coded. */
const READ_FRAMES = [0xc0, 0xc1, 0xc2];

/** A block of 64 pixels takes a bit at least in the first scan. */
const MOST_PIXELS_PER_BYTE = 64 * 8;

const codec: Codec = await openCodec();

/** Reads a JPEG as [1, H, W] gray or [3, H, W] RGB. Throws an `InputError`. */
export function decodeJpeg(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Decoded {
  const { name } = origin;
  const frame = frameOf(bytes);
  if (frame === undefined) throw cannotOpen(name, "its JPEG data ends before the first frame", FETCH_AGAIN);
  const { width, height, components } = frame;
  if (!READ_FRAMES.includes(frame.marker) || frame.bits !== 8 || (components !== 1 && components !== 3)) {
    const kind = `it is a JPEG of ${frame.bits} bits, ${components} components and type SOF${frame.marker - 0xc0}`;
    throw cannotOpen(name, kind, "convert it to PNG or to a JPEG of 8 bits, gray or RGB");
  }
  const voxels = declaredVoxels([width, height, components], origin);
  if (width * height > MOST_PIXELS_PER_BYTE * bytes.length) {
    const reason = `its ${count(bytes.length)} bytes can't hold ${width} x ${height} pixels`;
    throw cannotOpen(name, reason, FETCH_AGAIN);
  }
  const pixels = planesOf(samplesOf(bytes, name), components);
  if (pixels.length !== voxels) {
    throw cannotOpen(name, `its JPEG data holds other than ${width} x ${height} pixels`, FETCH_AGAIN);
  }
  const shape = [components, height, width];
  const orientation = orientationOf(bytes);
  return {
    ...(orientation === 1 ? { pixels, shape } : oriented(pixels, shape, orientation)),
    geometry: unknownGeometry(2),
    channels: components === 1 ? "gray" : "rgb",
    warnings: orientation === 1 ? [] : [`The picture was turned as its EXIF orientation (${orientation}) says.`],
  };
}

function samplesOf(bytes: Uint8Array<ArrayBuffer>, name: string): Uint8Array {
  const decoder = new codec.JPEGDecoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    decoder.decode();
    // The codec reuses its memory.
    return decoder.getDecodedBuffer().slice();
  } catch {
    // What it throws is an address.
    throw cannotOpen(name, "its JPEG data is damaged or ends early", FETCH_AGAIN);
  } finally {
    decoder.delete();
  }
}
