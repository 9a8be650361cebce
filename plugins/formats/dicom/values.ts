/** From stored values to real ones: modality scale or table, palette, color (PS3.3 C.11.1, C.7.6.3). */
import type { DisplayWindow } from "../../../engine/pipeline/mod.ts";
import { cannotOpen } from "../decoded.ts";
import { type Complain, type DataSet, decimals, type DicomFile, itemsOf } from "./data_set.ts";
import { groupOf } from "./functional_groups.ts";
import type { PixelFormat } from "./pixel_format.ts";
import type { StoredFrame } from "./stored.ts";
import { look, modalityTable, paletteTables, rgbFromYbr } from "./tables.ts";

/** Writes the real values of a frame: `planes` holds one plane per channel. */
export type ToValues = (stored: StoredFrame, frame: number, planes: readonly Float32Array[]) => void;

/** Values that stand for no measurement, in the unit of the image; both ends belong to it. */
export interface Padding {
  readonly low: number;
  readonly high: number;
}

/** How the frames of a file become real values. */
export interface ValueRule {
  /** 1 gray, 3 red, green and blue. */
  readonly channels: 1 | 3;
  readonly toValues: ToValues;
  /** Of the first frame. */
  readonly window?: DisplayWindow;
  /** Of the first frame. */
  readonly padding?: Padding;
}

/** The rule of a file. Throws an `InputError` where a number that values depend on can't be read. */
export function valueRule(file: DicomFile, format: PixelFormat, warn: Complain): ValueRule {
  const { photometric, signed, bitsStored } = format;
  if (photometric === "PALETTE COLOR") {
    const tables = paletteTables(signed, file);
    return {
      channels: 3,
      toValues: ({ values }, _, planes) =>
        planes.forEach((plane, color) => plane.forEach((_, at) => plane[at] = look(tables[color], values[at]))),
    };
  }
  if (format.samples === 3) {
    const isYbr = photometric.startsWith("YBR");
    return {
      channels: 3,
      toValues: ({ values, isRgb }, _, planes) => {
        const samples = isYbr && !isRgb ? rgbFromYbr(values, bitsStored) : values;
        planes.forEach((plane, color) => plane.forEach((_, at) => plane[at] = samples[3 * at + color]));
      },
    };
  }
  const scale = grayScale(file, format);
  return {
    channels: 1,
    toValues: ({ values }, frame, [plane]) => {
      const real = scale(frame);
      for (let at = 0; at < plane.length; at++) plane[at] = real(values[at]);
    },
    window: windowOf(file, warn),
    padding: paddingOf(file, format, scale(0)),
  };
}

/** By frame, the real value of a stored one. */
function grayScale(file: DicomFile, format: PixelFormat): (frame: number) => (stored: number) => number {
  if (format.isFloat) return () => (stored) => stored;
  const item = itemsOf(file.dataSet, "x00283000")[0];
  if (item !== undefined) {
    const table = modalityTable(item, format.signed, file);
    return () => (stored) => look(table, stored);
  }
  return (frame) => {
    const [slope, intercept] = rescaleOf(file, frame);
    return (stored) => stored * slope + intercept;
  };
}

function rescaleOf(file: DicomFile, frame: number): [slope: number, intercept: number] {
  const refuse: Complain = (sentence) => {
    throw cannotOpen(file.name, sentence, "correct it, as all values depend on it");
  };
  const group = groupOf(file, frame, "x00289145");
  const slope = decimals(group, "x00281053", refuse)?.[0] ?? 1;
  if (slope === 0) refuse("RescaleSlope is 0");
  return [slope, decimals(group, "x00281052", refuse)?.[0] ?? 0];
}

function windowOf(file: DicomFile, warn: Complain): DisplayWindow | undefined {
  const group = groupOf(file, 0, "x00289132");
  const center = decimals(group, "x00281050", (sentence) => warn(`${sentence}: it is left out.`))?.[0];
  const width = decimals(group, "x00281051", (sentence) => warn(`${sentence}: it is left out.`))?.[0];
  return center === undefined || width === undefined || !(width > 0) ? undefined : { center, width };
}

/** Pixel Padding Value and Pixel Padding Range Limit (PS3.3 C.7.5.1.1.2), which are stored values. */
function paddingOf(
  { dataSet }: DicomFile,
  { signed }: PixelFormat,
  real: (stored: number) => number,
): Padding | undefined {
  const ends = ["x00280120", "x00280121"].flatMap((tag) => wordAt(dataSet, tag, signed) ?? []);
  if (ends.length === 0 || dataSet.elements.x00280120 === undefined) return undefined;
  const values = ends.map(real);
  return { low: Math.min(...values), high: Math.max(...values) };
}

function wordAt(dataSet: DataSet, tag: string, signed: boolean): number | undefined {
  if (dataSet.elements[tag]?.length !== 2) return undefined;
  return signed ? dataSet.int16(tag) : dataSet.uint16(tag);
}
