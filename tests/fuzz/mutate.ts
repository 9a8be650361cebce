/** Seeded changes of bytes, as damage and malice make them. */
import { concat } from "../../plugins/formats/bytes.ts";
import { randomNumbers } from "../../shaders/mod.ts";

/** Numbers that break what is computed from them, as bytes of 1 to 8. */
const EXTREMES: readonly (readonly number[])[] = [
  [0],
  [0xff],
  [0x7f],
  [0x80],
  [0xff, 0xff],
  [0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0x7f],
  [0, 0, 0, 0x80],
  [0x7f, 0xff, 0xff, 0xff],
  [0, 0, 0x80, 0x7f],
  [0, 0, 0xc0, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
];

/** Bytes in which most changes are made: headers. */
const HEAD = 600;

/** The same bytes with one to four changes: bits, extreme numbers, text, and pieces that are cut, doubled or moved. */
export function mutant(bytes: Uint8Array<ArrayBuffer>, seed: number): Uint8Array<ArrayBuffer> {
  const random = randomNumbers(seed);
  const below = (count: number): number => Math.min(count - 1, Math.floor(random() * count));
  let result = bytes.slice();
  for (let change = 0, changes = 1 + below(4); change < changes && result.length > 0; change++) {
    const at = random() < 0.7 ? below(Math.min(HEAD, result.length)) : below(result.length);
    switch (below(7)) {
      case 0:
        result[at] ^= 1 << below(8);
        break;
      case 1:
      case 2:
        result.set(EXTREMES[below(EXTREMES.length)].slice(0, result.length - at), at);
        break;
      case 3:
        result[at] = "0123456789-.,\\ AzNaN\0\n"[below(21)].charCodeAt(0);
        break;
      case 4:
        result = result.slice(0, at);
        break;
      case 5:
        result = concat([result.subarray(0, at), result.subarray(at + below(16))]);
        break;
      default:
        result = concat([result.subarray(0, at), result.subarray(below(result.length), at), result.subarray(at)]);
    }
  }
  return result;
}
