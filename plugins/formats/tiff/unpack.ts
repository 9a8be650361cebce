/** PackBits and LZW as TIFF has them (TIFF 6.0, sections 9 and 13). Neither gives more than `most` bytes. */

/** Undoes PackBits. */
export function unpackBits(packed: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(most);
  let done = 0;
  for (let at = 0; at < packed.length && done < most;) {
    const code = packed[at++];
    if (code === 128) continue;
    const length = Math.min(code > 128 ? 257 - code : code + 1, most - done);
    if (code > 128) result.fill(packed[at++], done, done + length);
    else {
      result.set(packed.subarray(at, at + length), done);
      at += code + 1;
    }
    done += length;
  }
  return result.subarray(0, done);
}

const CLEAR = 256;
const END = 257;

/** Undoes LZW with codes of 9 to 12 bits, the highest bit first. Throws a `RangeError` for a code that can't be. */
export function unpackLzw(packed: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(most);
  // Each code is the bytes of an earlier one and one more: where it ends in the result, and how long it is.
  const ends = new Uint32Array(4096);
  const lengths = new Uint16Array(4096);
  let [next, width, bits, held, done, previous] = [258, 9, 0, 0, 0, -1];
  for (let at = 0; done < most;) {
    while (held < width && at < packed.length) {
      bits = (bits << 8 | packed[at++]) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = bits >>> held & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, previous] = [258, 9, -1];
      continue;
    }
    const isNew = code === next && previous >= 0;
    if (!isNew && (code >= next || (previous < 0 && code > 255))) throw new RangeError("an LZW code of no entry");
    const from = code < 256 ? -1 : isNew ? done - lengthOf(previous, lengths) : ends[code] - lengths[code];
    const length = isNew ? lengthOf(previous, lengths) + 1 : lengthOf(code, lengths);
    const start = done;
    if (code < 256) result[done++] = code;
    else for (let index = 0; index < length && done < most; index++) result[done++] = result[from + index];
    if (previous >= 0 && next < 4096) {
      // The entry is the bytes of the code before and the first of this one, which stand one after the other.
      ends[next] = start + 1;
      lengths[next] = lengthOf(previous, lengths) + 1;
      next++;
    }
    if (next + 1 >= 1 << width && width < 12) width++;
    previous = code;
  }
  return result.subarray(0, done);
}

function lengthOf(code: number, lengths: Uint16Array): number {
  return code < 256 ? 1 : lengths[code];
}
