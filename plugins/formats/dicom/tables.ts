import { cannotOpen } from "../decoded.ts";
import type { DataSet, DicomFile } from "./data_set.ts";
import type { StoredValues } from "./stored.ts";

/** A table of DICOM: stored values from `first` on take `values` one after the other; what lies outside takes the nearest. */
interface Table {
  readonly first: number;
  readonly values: Uint16Array;
}

/** Reads a table from its descriptor and data elements. Throws an `InputError` where data is missing. */
function tableOf(dataSet: DataSet, descriptor: string, data: string, signed: boolean, file: DicomFile): Table {
  const element = dataSet.elements[data];
  const entries = dataSet.uint16(descriptor, 0) || 65_536;
  const first = (signed ? dataSet.int16(descriptor, 1) : dataSet.uint16(descriptor, 1)) ?? 0;
  if (element === undefined || element.length < entries) {
    throw cannotOpen(
      file.name,
      `its lookup table (${data.slice(1, 5)},${data.slice(5)}) is missing`,
      "export it again",
    );
  }
  // Entries of 8 bits may be packed two in a word.
  const isPacked = element.length < 2 * entries;
  const values = new Uint16Array(entries);
  for (let at = 0; at < entries; at++) {
    values[at] = isPacked ? dataSet.byteArray[element.dataOffset + at] : dataSet.uint16(data, at) ?? 0;
  }
  return { first, values };
}

function look({ first, values }: Table, stored: number): number {
  return values[Math.min(values.length - 1, Math.max(0, stored - first))];
}

/** Values by a modality lookup table (PS3.3 C.11.1): `item` is the item of its sequence. */
export function byModalityTable(
  stored: StoredValues,
  item: DataSet,
  signed: boolean,
  file: DicomFile,
): Float32Array<ArrayBuffer> {
  const table = tableOf(item, "x00283002", "x00283006", signed, file);
  return Float32Array.from(stored, (value) => look(table, value));
}

/** Red, green and blue samples by the palette (PS3.3 C.7.9), together for each pixel. */
export function byPalette(stored: StoredValues, signed: boolean, file: DicomFile): Float32Array<ArrayBuffer> {
  const tables = ["1", "2", "3"].map((color) =>
    tableOf(file.dataSet, `x0028110${color}`, `x0028120${color}`, signed, file)
  );
  const samples = new Float32Array(3 * stored.length);
  for (let at = 0; at < samples.length; at++) samples[at] = look(tables[at % 3], stored[Math.floor(at / 3)]);
  return samples;
}

/** Turns YBR_FULL of 8 bits into RGB (PS3.3 C.7.6.3.1.2), limited to 0..255 and rounded. */
export function rgbFromYbr(stored: StoredValues): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(stored.length);
  const limited = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));
  for (let at = 0; at < stored.length; at += 3) {
    const [y, cb, cr] = [stored[at], stored[at + 1] - 128, stored[at + 2] - 128];
    samples[at] = limited(y + 1.402 * cr);
    samples[at + 1] = limited(y - 0.344136 * cb - 0.714136 * cr);
    samples[at + 2] = limited(y + 1.772 * cb);
  }
  return samples;
}
