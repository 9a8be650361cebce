import { assert, assertEquals, assertThrows } from "@std/assert";
import { encodeJpeg } from "../../../plugins/formats/jpeg/encode.ts";
import { decodeJpeg } from "../../../plugins/formats/jpeg/jpeg.ts";
import { decodeJpeg12 } from "../../../plugins/formats/jpeg12/jpeg12.ts";
import { rgbFromYbr } from "../../../plugins/formats/dicom/tables.ts";
import { originOf } from "../../../plugins/formats/limits.ts";
import { missing, testData } from "../../test_data.ts";

/** 70 x 61 pixels of waves, a size that no block divides. */
const [height, width] = [61, 70];
const waves = Uint8Array.from(
  { length: 3 * height * width },
  (_, at) =>
    128 + 100 * Math.sin(at % width / 5 + Math.floor(at / (height * width))) * Math.cos(Math.floor(at / width) / 7),
);

/** Greatest difference from libjpeg-turbo, in values of 8 bits. */
async function differenceFromTurbo(
  bytes: Uint8Array<ArrayBuffer>,
  size: { width: number; height: number },
): Promise<number> {
  const { samples, components } = decodeJpeg12(bytes, size);
  const own = components === 3 ? rgbFromYbr(samples, 8) : samples;
  const { pixels } = await decodeJpeg(bytes, originOf("a.jpg"));
  const count = size.width * size.height;
  let most = 0;
  for (let at = 0; at < own.length; at++) {
    most = Math.max(most, Math.abs(own[at] - pixels[at % components * count + Math.floor(at / components)]));
  }
  return most;
}

Deno.test("sequential JPEG of 8 bits is as libjpeg-turbo decodes it, gray and in color", async () => {
  const gray = encodeJpeg(waves.subarray(0, height * width), [1, height, width]);
  const color = encodeJpeg(waves, [3, height, width]);
  assert(await differenceFromTurbo(gray as Uint8Array<ArrayBuffer>, { width, height }) <= 1);
  // Two roundings of each of three components.
  assert(await differenceFromTurbo(color as Uint8Array<ArrayBuffer>, { width, height }) <= 4);
});

Deno.test({
  name: "a progressive JPEG with subsampled chroma is as libjpeg-turbo decodes it",
  ignore: missing("formats"),
  async fn() {
    const bytes = await Deno.readFile(testData("formats/rgb8_420_progressive.jpg"));
    assert(await differenceFromTurbo(bytes, { width: 128, height: 128 }) <= 5);
  },
});

Deno.test("a damaged JPEG is refused in words, and one of another size before it takes memory", () => {
  const bytes = encodeJpeg(waves.subarray(0, height * width), [1, height, width]);
  assertThrows(
    () => decodeJpeg12(bytes, { width: 4, height: 4 }),
    RangeError,
    "it has 70 x 61 pixels instead of 4 x 4",
  );
  assertThrows(() => decodeJpeg12(bytes.slice(0, -400), { width, height }), RangeError, "ends early");
  for (let seed = 1; seed <= 300; seed++) {
    const mutant = bytes.slice();
    for (let n = 0; n < 3; n++) mutant[(seed * 7919 + n * 104729) % bytes.length] ^= 1 << (seed + n) % 8;
    try {
      assertEquals(decodeJpeg12(mutant, { width, height }).samples.length % (width * height), 0);
    } catch (error) {
      assert(error instanceof RangeError, `seed ${seed}: ${error}`);
    }
  }
});
