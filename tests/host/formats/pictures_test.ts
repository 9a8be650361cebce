import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../engine/errors.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { originOf } from "../../../plugins/formats/limits.ts";
import { decodeNpy } from "../../../plugins/formats/npy/npy.ts";
import { missing, testData } from "../../test_data.ts";
import { readJson, samplesTogether, sha256 } from "./hashes.ts";

interface Expected {
  readonly shape: readonly number[];
  readonly sha256_f32: string;
  readonly mean: number;
}

const ignore = missing("formats", "expected/formats/index.json");

/** What the index has and we don't read, with what our message must say. */
const UNREAD: readonly [RegExp, string][] = [
  [/\.nrrd$/, "it is an NRRD file"],
  [/\.nhdr$/, "it is an NRRD file"],
  [/\.mh[ad]$/, "it is a MetaImage file"],
  [/\.tif$/, "it is a TIFF file"],
  [/\.zip$/, "it is a ZIP archive"],
  [/DICOMDIR$/, "it has no pixel data (DICOMDIR)"],
];

Deno.test({
  name: "files of the formats index have the expected values, or a reason why they aren't read",
  ignore,
  async fn() {
    const index = await readJson<Record<string, Expected>>(testData("expected/formats/index.json"));
    let read = 0;
    let unread = 0;
    for (const [name, expected] of Object.entries(index)) {
      const bytes = await Deno.readFile(testData(`formats/${name}`));
      const reason = UNREAD.find(([pattern]) => pattern.test(name))?.[1];
      if (reason !== undefined) {
        assertStringIncludes(await refusal(bytes, name), reason);
        unread++;
        continue;
      }
      const { pixels, shape, channels } = await decode(bytes, name);
      const size = shape.slice(1);
      if (name.endsWith(".jpg")) {
        await checkJpeg(name, pixels, shape, expected);
      } else {
        assertEquals(shape[0] === 1 ? size : [...size, shape[0]], [...expected.shape], name);
        const values = channels === "values" ? pixels : samplesTogether(pixels, shape[0]);
        assertEquals(await sha256(Float32Array.from(values)), expected.sha256_f32, name);
      }
      read++;
    }
    console.log(`formats: ${read} agree, ${unread} refused with their reason`);
    assertEquals(read, 15);
  },
});

async function checkJpeg(
  name: string,
  pixels: Float32Array,
  shape: readonly number[],
  expected: Expected,
): Promise<void> {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  assertAlmostEquals(mean, expected.mean, 0.5, name);
  const file = testData(`expected/formats/${name}.npy`);
  if (name.includes("exif")) return assertEquals(shape.slice(1), expected.shape.toReversed(), "turned by EXIF");
  // The array is [H, W] or [H, W, 3], which our reader takes for an image or a volume of rows.
  const wanted = decodeNpy(await Deno.readFile(file), originOf(file)).pixels;
  const got = samplesTogether(pixels, shape[0]);
  const worst = got.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at])), 0);
  assert(worst === 0, `${name} differs by ${worst}`);
}

async function refusal(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<string> {
  try {
    await decode(bytes, name);
  } catch (error) {
    assert(error instanceof InputError, `${name}: ${error}`);
    assert(!error.message.includes("\n"), error.message);
    return error.message;
  }
  throw new Error(`${name} was read, but it isn't in the list of what is`);
}
