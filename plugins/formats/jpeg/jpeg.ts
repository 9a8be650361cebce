/**
 * JPEG (ISO/IEC 10918-1) of 8 bits, baseline and progressive, by libjpeg-turbo: read only, since a picture that is written again as
 * JPEG loses more. An orientation in EXIF is applied: the picture stands as a viewer shows it.
 */
import openCodec from "@cornerstonejs/codec-libjpeg-turbo-8bit/decode";
import { unknownGeometry } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, type Decoded, FETCH_AGAIN, planesOf } from "../decoded.ts";
import { orientationOf, oriented } from "./exif.ts";

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

const codec: Codec = await openCodec();

/** Reads a JPEG as [1, H, W] gray or [3, H, W] RGB. Throws an `InputError`. */
export function decodeJpeg(bytes: Uint8Array<ArrayBuffer>, name: string): Decoded {
  const frame = frameOf(bytes);
  if (frame === undefined) throw cannotOpen(name, "its JPEG data ends before the first frame", FETCH_AGAIN);
  const { width, height, components } = frame;
  if (!READ_FRAMES.includes(frame.marker) || frame.bits !== 8 || (components !== 1 && components !== 3)) {
    const kind = `it is a JPEG of ${frame.bits} bits, ${components} components and type SOF${frame.marker - 0xc0}`;
    throw cannotOpen(name, kind, "convert it to PNG or to a JPEG of 8 bits, gray or RGB");
  }
  const pixels = planesOf(samplesOf(bytes, name), components);
  if (pixels.length !== width * height * components) {
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

interface Frame {
  readonly marker: number;
  readonly bits: number;
  readonly height: number;
  readonly width: number;
  readonly components: number;
}

/** The first frame header, found by walking the segments. */
function frameOf(bytes: Uint8Array<ArrayBuffer>): Frame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
    } else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { marker, bits: bytes[at + 4], height, width, components: bytes[at + 9] };
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}
