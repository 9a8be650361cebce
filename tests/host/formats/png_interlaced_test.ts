/** PNGs in Adam7's seven passes, written here by the table of the specification (W3C PNG, 8.2) and read back. */
import { assertEquals } from "@std/assert";
import { crc32, deflateSync } from "node:zlib";
import { decode } from "../../../plugins/formats/detect.ts";

/** The pass of each pixel of an 8 x 8 tile, as the specification draws it. */
const PASS = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];

function chunk(type: string, data: Uint8Array): Uint8Array {
  const named = new Uint8Array([...new TextEncoder().encode(type), ...data]);
  const words = new DataView(new ArrayBuffer(8));
  words.setUint32(0, data.length);
  words.setUint32(4, crc32(named));
  const bytes = new Uint8Array(words.buffer);
  return new Uint8Array([...bytes.subarray(0, 4), ...named, ...bytes.subarray(4)]);
}

function packed(samples: readonly number[], bits: number): number[] {
  const text = samples.map((sample) => sample.toString(2).padStart(bits, "0")).join("");
  return (text.match(/.{1,8}/g) ?? []).map((byte) => parseInt(byte.padEnd(8, "0"), 2));
}

/** A line filtered by "up" (filter 2) if `above` is given, else by "sub" (filter 1). */
function filtered(line: readonly number[], above: readonly number[] | undefined, pixelBytes: number): number[] {
  const before = (at: number): number => above === undefined ? line[at - pixelBytes] ?? 0 : above[at];
  return [above === undefined ? 1 : 2, ...line.map((byte, at) => byte - before(at) & 255)];
}

function interlacedPng(height: number, width: number, bits: number, sample: (y: number, x: number) => number) {
  const lines: number[] = [];
  for (const pass of "1234567") {
    let above: number[] | undefined;
    for (let y = 0; y < height; y++) {
      const columns = Array.from({ length: width }, (_, x) => x).filter((x) => PASS[y % 8][x % 8] === pass);
      if (columns.length === 0) continue;
      const line = packed(columns.map((x) => sample(y, x)), bits);
      lines.push(...filtered(line, above, Math.max(1, bits / 8)));
      above = line;
    }
  }
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, bits);
  header.setUint8(12, 1);
  const signature = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10];
  const chunks = [
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", new Uint8Array(deflateSync(Uint8Array.from(lines)))),
    chunk("IEND", new Uint8Array()),
  ];
  return new Uint8Array([...signature, ...chunks.flatMap((bytes) => [...bytes])]);
}

for (const bits of [1, 2, 4, 8, 16]) {
  Deno.test(`interlaced PNGs of ${bits} bits are read at every size up to 9 x 9`, async () => {
    const sample = (y: number, x: number): number => (y * 7919 + x * 104_729 + 13) % 2 ** bits;
    for (let height = 1; height <= 9; height++) {
      for (let width = 1; width <= 9; width++) {
        const { pixels, shape } = await decode(interlacedPng(height, width, bits, sample), "interlaced.png");
        assertEquals(shape, [1, height, width]);
        const scale = bits < 8 ? 255 / (2 ** bits - 1) : 1;
        const expected = Array.from(
          { length: height * width },
          (_, at) => sample(Math.floor(at / width), at % width) * scale,
        );
        assertEquals([...pixels], expected);
      }
    }
  });
}
