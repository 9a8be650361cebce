/** Compares pictures, volumes and archives with what other programs read: `D/formats` with `D/expected/formats/`. */
import { DEFAULT_LIMITS } from "../../plugins/formats/limits.ts";
import { listFiles } from "../../plugins/acquire/listing.ts";
import type { Decoded } from "../../plugins/formats/decoded.ts";
import { decode } from "../../plugins/formats/detect.ts";
import { readVolume } from "../../plugins/formats/dicom/volume.ts";
import { compared, type Comparison, equal, folderOf, near, readJson, sha256, siblingOf } from "./reference.ts";

interface Expected {
  readonly shape: readonly number[];
  readonly sha256_f32: string;
  readonly mean: number;
  /** Of JPEG, whose decoders differ. */
  readonly tolerance?: string;
  readonly affine_lps?: readonly (readonly number[])[];
}

/** JPEG: within 2 per value and 0.5 in the mean. */
const JPEG = { value: 2, mean: 0.5 };

/** Compares each file of the index. */
export async function* conformFormats(path: string): AsyncGenerator<Comparison> {
  const { files, truth } = folderOf(path);
  const index = await readJson<Record<string, Expected>>(`${truth}/index.json`);
  for (const [name, expected] of Object.entries(index)) {
    const group = /\.([a-z0-9]+)$/i.exec(name)?.[1] ?? "dicomdir";
    yield await compared(group, name, async () => {
      const file = `${files}/${name}`;
      const isSeries = group === "zip" || group === "dicomdir";
      const image = isSeries
        ? await seriesOf(file)
        : await decode(await Deno.readFile(file), name, { sibling: siblingOf(file) });
      if (expected.tolerance !== undefined) await compareLossy(image, expected, `${truth}/${name}.npy`);
      else await compareExact(image, expected);
      expected.affine_lps?.slice(0, 3).flat().forEach((value, at) => {
        near(`number ${at + 1} of the affine`, image.geometry.affine[at], value, 1e-3);
      });
    });
  }
}

async function compareExact(image: Decoded, expected: Expected): Promise<void> {
  const { shape, pixels, channels } = image;
  const isColor = channels !== "values" && shape[0] > 1;
  equal("shape", isColor ? [...shape.slice(1), shape[0]] : shape[0] === 1 ? shape.slice(1) : shape, expected.shape);
  equal("SHA-256 of the values", await sha256(isColor ? together(pixels, shape[0]) : pixels), expected.sha256_f32);
}

async function compareLossy(
  { shape, pixels, warnings }: Decoded,
  expected: Expected,
  reference: string,
): Promise<void> {
  near("mean", pixels.reduce((sum, value) => sum + value, 0) / pixels.length, expected.mean, JPEG.mean);
  // We turn a picture as its EXIF says; the reference doesn't.
  const isTurned = warnings.some((warning) => warning.includes("EXIF"));
  equal("size", shape.slice(1), isTurned ? expected.shape.slice(0, 2).toReversed() : expected.shape.slice(0, 2));
  if (isTurned) return;
  const wanted = (await decode(await Deno.readFile(reference), reference)).pixels;
  together(pixels, shape[0]).forEach((value, at) => near(`value ${at}`, value, wanted[at], JPEG.value));
}

function together(pixels: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const size = pixels.length / channels;
  return Float32Array.from(
    { length: pixels.length },
    (_, at) => pixels[at % channels * size + Math.floor(at / channels)],
  );
}

/** The one series of an archive or a DICOMDIR. */
async function seriesOf(path: string): Promise<Decoded> {
  const options = { limits: DEFAULT_LIMITS, series: "volumes" } as const;
  for await (const { slices, files, source } of listFiles([path], options, new AbortController().signal)) {
    if (slices === undefined) continue;
    const read = (name: string) => files.get(name)!.content((own) => Deno.readFile(own));
    return await readVolume(slices, { limits: DEFAULT_LIMITS, policy: "block", read, name: source });
  }
  throw new Error("it holds no series");
}
