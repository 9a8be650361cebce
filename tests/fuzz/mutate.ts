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

/** What may stand in the place of a value of JSON. */
const VALUES: readonly unknown[] = [
  ...[
    0,
    -1,
    1.5,
    1e308,
    -1e-300,
    2 ** 53,
    2 ** 31,
    65536,
    "",
    "0",
    "NaN",
    "background",
    "__proto__",
    null,
    true,
    false,
  ],
  ...[[], {}, [[]], [0], [1, 2, 3], { "0": 1 }, { a: { b: [] } }, "x".repeat(10_000)],
];

/** The same JSON with one to three values changed, taken away, or put in another's place; every fifth time its bytes. */
export function jsonMutant(bytes: Uint8Array<ArrayBuffer>, seed: number): Uint8Array<ArrayBuffer> {
  if (seed % 5 === 0) return mutant(bytes, seed);
  const random = randomNumbers(seed);
  const one = <T>(of: readonly T[]): T => of[Math.min(of.length - 1, Math.floor(random() * of.length))];
  const root: Record<string, unknown> = { all: JSON.parse(new TextDecoder().decode(bytes)) };
  for (let change = 0, changes = 1 + Math.floor(random() * 3); change < changes; change++) {
    const places = placesIn(root);
    if (places.length === 0) break;
    const [holder, key] = one(places);
    const [other, otherKey] = one(places);
    const kind = random();
    if (kind < 0.6) holder[key] = structuredClone(one(VALUES));
    else if (kind < 0.8) delete holder[key];
    else holder[key] = structuredClone(other[otherKey]);
  }
  return new TextEncoder().encode(JSON.stringify(root.all) ?? "");
}

type Holder = Record<string, unknown>;

function placesIn(holder: Holder): [Holder, string][] {
  return Object.entries(holder).flatMap(([key, value]) => {
    const within = typeof value === "object" && value !== null ? placesIn(value as Holder) : [];
    return [[holder, key], ...within] as [Holder, string][];
  });
}
