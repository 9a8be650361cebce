/** The codecs of JPEG-LS, JPEG 2000 and its high-throughput form, each loaded when the first frame of its kind comes. */

import { isLimited, unwrapped, withHalfSteps } from "./ht_overflow.ts";
import { frameOf } from "../jpeg/frame.ts";

/** Numbers of a code stream, together for each pixel. */
export interface CodeStream {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly bits: number;
  readonly signed: boolean;
  readonly samples: Uint8Array | Int8Array | Uint16Array | Int16Array;
}

/** The size that a frame must have; a code stream of another one is refused before it is decoded. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/** What we use of the codecs, which come without types. */
interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  getFrameInfo(): {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
    readonly isSigned: boolean;
  };
  getInterleaveMode?(): number;
  delete(): void;
}

type Codec = Readonly<Record<string, new () => Decoder>>;

/** Codecs by name: how to open them, and their class. */
const CODECS = {
  "JPEG-LS": {
    open: async () => (await import("npm:@cornerstonejs/codec-charls@1.2.7/decode")).default,
    decoder: "JpegLSDecoder",
  },
  "JPEG 2000": {
    open: async () => (await import("npm:@cornerstonejs/codec-openjpeg@1.3.6/decode")).default,
    decoder: "J2KDecoder",
  },
  "HTJ2K": {
    open: async () => (await import("npm:@cornerstonejs/codec-openjph@2.4.11")).default,
    decoder: "HTJ2KDecoder",
  },
} as const;

/** Name of a codec. */
export type CodecName = keyof typeof CODECS;

const opened = new Map<CodecName, Promise<Codec>>();

/** Decodes a frame. Throws a `RangeError` where it is damaged or of another size. */
export async function decodeCodeStream(
  name: CodecName,
  bytes: Uint8Array<ArrayBuffer>,
  size: FrameSize,
): Promise<CodeStream> {
  const { open, decoder: className } = CODECS[name];
  // What a codec prints is not for our output.
  const silent = { print: () => {}, printErr: () => {} };
  if (!opened.has(name)) opened.set(name, open().then((openCodec) => openCodec(silent) as Promise<Codec>));
  try {
    const Decoder = (await opened.get(name)!)[className];
    const stream = decodeBy(Decoder, name, bytes, size);
    const changed = name === "HTJ2K" && isLimited(stream) ? withHalfSteps(bytes) : undefined;
    const samples = changed && unwrapped(decodeBy(Decoder, name, changed, size));
    return samples === undefined ? stream : { ...stream, samples };
  } catch (error) {
    // A codec that failed may have lost its memory: the next frame gets a fresh one.
    opened.delete(name);
    if (error instanceof RangeError && error.message.startsWith("its ")) throw error;
    throw new RangeError(`its ${name} data is damaged or ends early`);
  }
}

function decodeBy(
  Decoder: new () => Decoder,
  name: CodecName,
  bytes: Uint8Array<ArrayBuffer>,
  size: FrameSize,
): CodeStream {
  const decoder = new Decoder();
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes);
    checkSize(name === "JPEG-LS" ? jpegSize(bytes) : codeStreamSize(bytes), name, size);
    decoder.decode();
    const { width, height, componentCount: components, bitsPerSample: bits, isSigned: signed } = decoder.getFrameInfo();
    checkSize({ width, height, components }, name, size);
    const count = width * height * components;
    // The codec reuses its memory.
    const data = decoder.getDecodedBuffer().slice();
    const samples = numbersOf(data, bits, signed, count, name);
    const isPlanar = components > 1 && decoder.getInterleaveMode?.() === 0;
    return { width, height, components, bits, signed, samples: isPlanar ? together(samples, components) : samples };
  } finally {
    decoder.delete();
  }
}

function checkSize(found: FrameSize | undefined, name: CodecName, size: FrameSize): void {
  if (found === undefined) throw new RangeError(`its ${name} data has no header`);
  const { width, height, components } = found;
  if (width === size.width && height === size.height && components === size.components) return;
  const wanted = `${size.width} x ${size.height} x ${size.components}`;
  throw new RangeError(`its ${name} data has ${width} x ${height} x ${components} samples instead of ${wanted}`);
}

function jpegSize(bytes: Uint8Array<ArrayBuffer>): FrameSize | undefined {
  const frame = frameOf(bytes);
  return frame?.marker === 0xf7 ? frame : undefined;
}

/** The size that a JPEG 2000 code stream has (ISO/IEC 15444-1, A.5.1), bare or in a file of boxes before which others stand. */
function codeStreamSize(bytes: Uint8Array<ArrayBuffer>): FrameSize | undefined {
  const start = [0xff, 0x4f, 0xff, 0x51];
  for (let at = 0; at + 42 <= Math.min(bytes.length, 65_536); at++) {
    if (!start.every((byte, index) => bytes[at + index] === byte)) continue;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, 42);
    const [x, y, left, top] = [8, 12, 16, 20].map((offset) => view.getUint32(offset));
    return { width: x - left, height: y - top, components: view.getUint16(40) };
  }
  return undefined;
}

function numbersOf(
  data: Uint8Array<ArrayBuffer>,
  bits: number,
  signed: boolean,
  count: number,
  name: CodecName,
): CodeStream["samples"] {
  const width = bits <= 8 ? 1 : 2;
  if (bits > 16 || data.length < count * width) {
    throw new RangeError(`its ${name} data has ${data.length} bytes for ${count} samples of ${bits} bits`);
  }
  const { buffer } = data;
  if (width === 1) return signed ? new Int8Array(buffer, 0, count) : new Uint8Array(buffer, 0, count);
  return signed ? new Int16Array(buffer, 0, count) : new Uint16Array(buffer, 0, count);
}

function together<T extends CodeStream["samples"]>(planes: T, components: number): T {
  const size = planes.length / components;
  return planes.map((_, at) => planes[at % components * size + Math.floor(at / components)]) as T;
}
