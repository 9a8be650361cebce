import openCodec from "npm:@cornerstonejs/codec-libjpeg-turbo-8bit@1.2.8";

/** What we use of the codec, which comes without types. */
interface Codec {
  readonly JPEGEncoder: new () => {
    setQuality(quality: number): void;
    setSubSampling(subSampling: number): void;
    getDecodedBuffer(frame: {
      width: number;
      height: number;
      bitsPerSample: number;
      componentCount: number;
      isSigned: boolean;
    }): Uint8ClampedArray;
    encode(): void;
    getEncodedBuffer(): Uint8ClampedArray;
    delete(): void;
  };
}

/** The codec reserves no more bytes than there are samples, and writes beyond them where headers and tables take more. */
export const leastPixels = 4096;

/** Chroma at full resolution: libjpeg-turbo's TJSAMP_444 and TJSAMP_GRAY. */
const subSampling = { 3: 0, 1: 3 } as const;

const codec: Codec = await openCodec();

/**
 * Writes [1, H, W] or [3, H, W] of 0 to 255 as a baseline JPEG without chroma subsampling. Lossy: for pages to look at, not
 * for results. Throws a `RangeError` for another shape and for fewer than {@linkcode leastPixels} pixels.
 *
 * @param quality 1 to 100.
 */
export function encodeJpeg(pixels: Uint8Array, shape: readonly number[], quality = 88): Uint8Array {
  const [channels, height, width] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new RangeError(`A JPEG of shape [${shape.join(", ")}] is asked for: write [1, H, W] or [3, H, W]`);
  }
  if (height * width < leastPixels) {
    throw new RangeError(`A JPEG of ${height * width} pixels is asked for: enlarge it to at least ${leastPixels}`);
  }
  const encoder = new codec.JPEGEncoder();
  try {
    const frame = { width, height, bitsPerSample: 8, componentCount: channels, isSigned: false };
    const samples = encoder.getDecodedBuffer(frame);
    const size = height * width;
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < size; i++) samples[i * channels + c] = pixels[c * size + i];
    }
    encoder.setQuality(quality);
    encoder.setSubSampling(subSampling[channels]);
    encoder.encode();
    // The codec reuses its memory.
    return new Uint8Array(encoder.getEncodedBuffer());
  } finally {
    encoder.delete();
  }
}
