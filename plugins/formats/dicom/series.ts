/** Which series a DICOM file belongs to, told from its beginning, without its pixels. */
import { InputError } from "../../../engine/pipeline/mod.ts";
import type { Origin } from "../limits.ts";
import { type DataSet, type DicomFile, parseFile } from "./data_set.ts";
import { pixelElement, pixelFormat } from "./pixel_format.ts";
import { type Slice, slicesOf } from "./slice.ts";

/** What the beginning of a file says. */
export interface SeriesFile {
  /** SeriesInstanceUID; empty where there is none. */
  readonly series: string;
  /** SeriesNumber, and empty where there is none. */
  readonly number: string;
  /** Modality. */
  readonly modality: string;
  /** SequenceName, SeriesDescription and ProtocolName, which may name the weighting of an MR image. */
  readonly description: string;
  /** Patient's name and id, for finding them where they must not be. */
  readonly identity: readonly string[];
  readonly slices: readonly Slice[];
}

/** Bytes that most headers fit into. */
export const SERIES_HEAD_BYTES = 2 ** 17;

/**
 * The series of a file by its first bytes; `undefined` where more of them are needed, or all are there and no image is. `source` is what the
 * slices name as their file.
 */
export function seriesFileOf(head: Uint8Array<ArrayBuffer>, origin: Origin): SeriesFile | undefined {
  let file: DicomFile;
  try {
    file = parseFile(head, origin);
    if (pixelElement(file.dataSet) === undefined) return undefined;
    const format = pixelFormat(file, origin.limits);
    const slices = slicesOf(file, format, origin.name, () => {});
    return { ...identityOf(file.dataSet), slices };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

function identityOf(dataSet: DataSet): Omit<SeriesFile, "slices"> {
  const text = (tag: string): string => dataSet.string(tag)?.trim() ?? "";
  return {
    series: text("x0020000e"),
    number: text("x00200011"),
    modality: text("x00080060"),
    description: ["x00180024", "x0008103e", "x00181030"].map(text).join(" "),
    identity: [text("x00100010"), text("x00100020")].filter((value) => value !== ""),
  };
}
