/** RLE of DICOM (PS3.5 annex G): PackBits, a segment for each byte of each sample, the highest byte first. */

/**
 * The bytes of a frame's words, little endian, the planes of the samples one after the other. Throws a `RangeError` where a segment
 * is cut off or the header has another number of them.
 */
export function decodeRle(
  frame: Uint8Array<ArrayBuffer>,
  pixels: number,
  samples: number,
  bytesPerSample: number,
): Uint8Array<ArrayBuffer> {
  if (frame.length < 64) throw new RangeError(`its RLE header ends after ${frame.length} of 64 bytes`);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const segments = view.getUint32(0, true);
  if (segments !== samples * bytesPerSample) {
    throw new RangeError(`it has ${segments} RLE segments instead of ${samples * bytesPerSample}`);
  }
  const offsets = Array.from({ length: segments }, (_, segment) => view.getUint32(4 + 4 * segment, true));
  const result = new Uint8Array(pixels * samples * bytesPerSample);
  for (const [segment, start] of offsets.entries()) {
    const [sample, byte] = [Math.floor(segment / bytesPerSample), bytesPerSample - 1 - segment % bytesPerSample];
    const first = sample * pixels * bytesPerSample + byte;
    unpack(frame.subarray(start, offsets[segment + 1]), result, first, bytesPerSample, pixels);
  }
  return result;
}

/** Unpacks one segment into every `step`-th byte from `first` on. */
function unpack(packed: Uint8Array, result: Uint8Array, first: number, step: number, pixels: number): void {
  let done = 0;
  for (let at = 0; done < pixels && at < packed.length;) {
    const code = packed[at++];
    if (code === 128) continue;
    const isRun = code > 128;
    const length = Math.min(isRun ? 257 - code : code + 1, pixels - done);
    if (at + (isRun ? 1 : length) > packed.length) break;
    for (let index = 0; index < length; index++) {
      result[first + (done + index) * step] = packed[isRun ? at : at + index];
    }
    at += isRun ? 1 : code + 1;
    done += length;
  }
  if (done < pixels) throw new RangeError(`an RLE segment ends after ${done} of ${pixels} bytes`);
}
