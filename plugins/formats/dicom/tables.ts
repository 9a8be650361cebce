import { cannotOpen } from "../decoded.ts";
import type { DataSet, DicomFile } from "./data_set.ts";

/** A table of DICOM: stored values from `first` on take `values` one after the other; what lies outside takes the nearest. */
export interface Table {
  readonly first: number;
  readonly values: Uint16Array;
}

/** Reads a table from its descriptor and data elements. Throws an `InputError` where its numbers don't go together. */
function tableOf(dataSet: DataSet, descriptor: string, data: string, signed: boolean, { name }: DicomFile): Table {
  const tag = `(${data.slice(1, 5)},${data.slice(5)})`;
  const described = dataSet.elements[descriptor];
  const element = dataSet.elements[data];
  if (described === undefined || described.length < 6 || element === undefined) {
    throw cannotOpen(name, `its lookup table ${tag} is missing`, "export it again");
  }
  const entries = dataSet.uint16(descriptor, 0) || 65_536;
  const first = (signed ? dataSet.int16(descriptor, 1) : dataSet.uint16(descriptor, 1)) ?? 0;
  // Entries of 8 bits may be packed two in a word.
  const isPacked = element.length < 2 * entries;
  if (element.length < entries) {
    const reason = `its lookup table ${tag} has ${element.length} bytes for ${entries} entries`;
    throw cannotOpen(name, reason, "export it again");
  }
  const values = new Uint16Array(entries);
  for (let at = 0; at < entries; at++) {
    values[at] = isPacked ? dataSet.byteArray[element.dataOffset + at] : dataSet.uint16(data, at) ?? 0;
  }
  return { first, values };
}

/** What a table has for a stored value. */
export function look({ first, values }: Table, stored: number): number {
  return values[Math.min(values.length - 1, Math.max(0, stored - first))];
}

/** The modality lookup table (PS3.3 C.11.1): `item` is the item of its sequence. */
export function modalityTable(item: DataSet, signed: boolean, file: DicomFile): Table {
  return tableOf(item, "x00283002", "x00283006", signed, file);
}

/** The tables of red, green and blue of a palette (PS3.3 C.7.9). */
export function paletteTables(signed: boolean, file: DicomFile): Table[] {
  const { dataSet, name } = file;
  if (dataSet.elements.x00281221 !== undefined && dataSet.elements.x00281201 === undefined) {
    return ["1", "2", "3"].map((color) =>
      segmentedTable(dataSet, `x0028110${color}`, `x0028122${color}`, signed, name)
    );
  }
  return ["1", "2", "3"].map((color) => tableOf(dataSet, `x0028110${color}`, `x0028120${color}`, signed, file));
}

/** A table written as runs and ramps (PS3.3 C.7.9.2). */
function segmentedTable(dataSet: DataSet, descriptor: string, data: string, signed: boolean, name: string): Table {
  const refuse = (): never => {
    throw cannotOpen(
      name,
      `its segmented lookup table (${data.slice(1, 5)},${data.slice(5)}) is damaged`,
      "export it again",
    );
  };
  const entries = dataSet.uint16(descriptor, 0) || 65_536;
  const first = (signed ? dataSet.int16(descriptor, 1) : dataSet.uint16(descriptor, 1)) ?? 0;
  const words = Math.floor((dataSet.elements[data]?.length ?? 0) / 2);
  const word = (at: number): number => at < words ? dataSet.uint16(data, at) ?? 0 : refuse();
  const values: number[] = [];
  const follow = (from: number, segments: number, nested: boolean): void => {
    for (let at = from, done = 0; at < words && done < segments && values.length < entries; done++) {
      const [code, length] = [word(at), word(at + 1)];
      if (code === 0) {
        for (let index = 0; index < length; index++) values.push(word(at + 2 + index));
        at += 2 + length;
      } else if (code === 1) {
        const [start, end] = [values.at(-1) ?? refuse(), word(at + 2)];
        for (let index = 1; index <= length; index++) values.push(Math.round(start + (end - start) * index / length));
        at += 3;
      } else if (code === 2 && !nested) {
        follow((word(at + 3) * 65_536 + word(at + 2)) / 2, length, true);
        at += 4;
      } else refuse();
    }
  };
  follow(0, Infinity, false);
  if (values.length < entries) refuse();
  return { first, values: Uint16Array.from(values.slice(0, entries)) };
}

/** Turns full-range YBR of `bits` bits into RGB (PS3.3 C.7.6.3.1.2), limited to the range and rounded; samples lie together. */
export function rgbFromYbr(ybr: ArrayLike<number>, bits: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(ybr.length);
  const [middle, top] = [2 ** (bits - 1), 2 ** bits - 1];
  const limited = (value: number): number => Math.min(top, Math.max(0, Math.round(value)));
  for (let at = 0; at < ybr.length; at += 3) {
    const [y, cb, cr] = [ybr[at], ybr[at + 1] - middle, ybr[at + 2] - middle];
    samples[at] = limited(y + 1.402 * cr);
    samples[at + 1] = limited(y - 0.344136 * cb - 0.714136 * cr);
    samples[at + 2] = limited(y + 1.772 * cb);
  }
  return samples;
}
