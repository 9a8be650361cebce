/** What the frame header of a JPEG or JPEG-LS says. */
export interface JpegFrame {
  /** 0xc0 baseline, 0xc1 extended, 0xc2 progressive, 0xc3 lossless, 0xf7 JPEG-LS and so on. */
  readonly marker: number;
  /** Bits per sample. */
  readonly bits: number;
  readonly height: number;
  readonly width: number;
  readonly components: number;
}

/** The first frame header, found by walking the segments; nothing where there is none. */
export function frameOf(bytes: Uint8Array<ArrayBuffer>): JpegFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
    } else if (marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { marker, bits: bytes[at + 4], height, width, components: bytes[at + 9] };
    } else {
      at += 2 + view.getUint16(at + 2);
    }
  }
  return undefined;
}
