/** Compares DICOM files with the values that reference decoders gave: `D/dicom` with `D/expected/dicom/`. */
import { decode } from "../../plugins/formats/detect.ts";
import { inflate, isGzip } from "../../plugins/formats/inflate.ts";
import { originOf } from "../../plugins/formats/limits.ts";
import { type DicomImage, openDicom } from "../../plugins/formats/dicom/image.ts";
import { conformSeries } from "./dicom_series.ts";
import { compared, type Comparison, equal, folderOf, near, readJson, refused, sha256 } from "./reference.ts";

interface Numbers {
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sample_means?: readonly number[];
}

interface Expected {
  readonly transfer_syntax: string | null;
  readonly transfer_syntax_guess?: string;
  readonly decodes: boolean;
  readonly lossy?: boolean;
  readonly samples?: number;
  readonly value_type?: "int32" | "float64";
  readonly sha256?: string;
  readonly stored?: Numbers;
  readonly modality?: Numbers;
  readonly photometric?: string;
  readonly rgb?: { readonly sha256: string; readonly sample_means: readonly number[]; readonly tolerance?: number };
}

/** Values of a lossy file. */
interface Samples {
  readonly block8_shape: readonly [number, number, number];
  readonly block8_f32: string;
  readonly pixels_count: number;
  readonly pixels_i32: string;
}

const HIGH_THROUGHPUT = "1.2.840.10008.1.2.4.203";

/** JPEG-LS near lossless says exactly what comes out. */
const DETERMINISTIC = "1.2.840.10008.1.2.4.81";

/** Compares each file of the index, and the series that dcm2niix made volumes of where these are there. */
export async function* conformDicom(path: string): AsyncGenerator<Comparison> {
  const { files, truth } = folderOf(path);
  yield* conformSeries(path);
  const index = await readJson<Record<string, Expected>>(`${truth}/index.json`);
  const samples = await readJson<Record<string, Samples>>(`${truth}/samples.json`);
  for (const [name, expected] of Object.entries(index)) {
    const syntax = expected.transfer_syntax ?? expected.transfer_syntax_guess ?? "no transfer syntax";
    yield await compared(syntax, name, async () => {
      const bytes = await Deno.readFile(`${files}/${name}`);
      if (!expected.decodes) return await refused(name, () => decode(bytes, name));
      const origin = originOf(name);
      const image = openDicom(isGzip(bytes) ? inflate(bytes, "gzip", origin) : bytes, origin);
      const values = await valuesOf(image);
      await compareStored(image, values.stored, expected, samples[name]);
      await compareReal(values.real, expected);
    });
  }
}

async function compareStored(
  image: DicomImage,
  values: Values["stored"],
  expected: Expected,
  samples: Samples | undefined,
): Promise<void> {
  const isExact = !expected.lossy || expected.transfer_syntax === DETERMINISTIC;
  if (isExact) return equal("SHA-256 of the stored values", await sha256(values), expected.sha256);
  if (samples === undefined || expected.stored === undefined) throw new Error("there are no samples to compare with");
  const { rows, columns, samples: count, photometric } = image.format;
  const isColor = count > 1;
  // The filter that enlarges subsampled chroma is free.
  const isFree = isColor && photometric === "YBR_FULL_422";
  const bound = isFree ? { pixel: Infinity, block: 4, mean: 1 } : isColor
    ? { pixel: 3, block: 1, mean: 1 }
    // The data's README: ".203: within 2", as its float arithmetic differs, so that a flat block may be off as a whole.
    : { pixel: 2, block: expected.transfer_syntax === HIGH_THROUGHPUT ? 2 : 0.5, mean: 0.5 };
  const pixels = numbersOf(samples.pixels_i32, Int32Array);
  for (let n = 0; n < samples.pixels_count; n++) {
    const at = Math.floor(n * rows * columns / samples.pixels_count);
    for (let sample = 0; sample < count; sample++) {
      const which = n * count + sample;
      near(`pixel ${at}, sample ${sample}`, Number(values[at * count + sample]), pixels[which], bound.pixel);
    }
  }
  const blocks = numbersOf(samples.block8_f32, Float32Array);
  const [down, across] = samples.block8_shape;
  for (let block = 0; block < down * across; block++) {
    for (let sample = 0; sample < count; sample++) {
      const mean = blockMean(values, image.format, block % across, Math.floor(block / across), sample);
      near(`block ${block}, sample ${sample}`, mean, blocks[block * count + sample], bound.block);
    }
  }
  near("mean of the stored values", meanOf(values), expected.stored.mean, bound.mean);
}

interface Values {
  readonly stored: Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  /** By channel, the frames one after the other. */
  readonly real: readonly Float32Array[];
}

async function valuesOf({ format, stored, channels, toReal }: DicomImage): Promise<Values> {
  const pixels = format.rows * format.columns;
  const size = pixels * format.samples;
  const all = format.isFloat ? new Float64Array(size * format.frames) : new Int32Array(size * format.frames);
  const real = Array.from({ length: channels }, () => new Float32Array(pixels * format.frames));
  for (let frame = 0; frame < format.frames; frame++) {
    const found = await stored(frame);
    all.set(found.values, frame * size);
    toReal(found, frame, real.map((plane) => plane.subarray(frame * pixels, (frame + 1) * pixels)));
  }
  return { stored: all, real };
}

function blockMean(
  values: ArrayLike<number>,
  { rows, columns, samples }: DicomImage["format"],
  column: number,
  row: number,
  sample: number,
): number {
  let [sum, count] = [0, 0];
  for (let y = 8 * row; y < Math.min(rows, 8 * row + 8); y++) {
    for (let x = 8 * column; x < Math.min(columns, 8 * column + 8); x++) {
      sum += values[(y * columns + x) * samples + sample];
      count++;
    }
  }
  return sum / count;
}

async function compareReal(real: Values["real"], expected: Expected): Promise<void> {
  const { modality, rgb, lossy } = expected;
  if (rgb !== undefined) {
    const samples = Int32Array.from({ length: 3 * real[0].length }, (_, at) => real[at % 3][Math.floor(at / 3)]);
    if (rgb.tolerance === undefined) equal("SHA-256 of the colors", await sha256(samples), rgb.sha256);
    rgb.sample_means.forEach((mean, channel) => {
      near(`mean of color ${channel}`, meanOf(real[channel]), mean, Math.max(0.5, 1e-5 * mean));
    });
  }
  if (modality === undefined || real.length > 1) return;
  const [values] = real;
  const [least, most] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [
    Infinity,
    -Infinity,
  ]);
  const span = Math.max(1, Math.abs(modality.min), Math.abs(modality.max));
  const bound = lossy ? 2 * Math.max(1, span / 4096) : 1e-5 * span;
  near("least value", least, modality.min, bound);
  near("greatest value", most, modality.max, bound);
  near("mean value", meanOf(values), modality.mean, bound);
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at];
  return sum / values.length;
}

function numbersOf<T>(base64: string, type: new (buffer: ArrayBuffer) => T): T {
  return new type(Uint8Array.fromBase64(base64).buffer);
}
