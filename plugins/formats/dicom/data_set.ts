import dicomParser from "npm:dicom-parser@1.8.21";
import { InputError } from "../../../engine/pipeline/mod.ts";
import { concat } from "../bytes.ts";
import { cannotOpen, FETCH_AGAIN, printable, thrownReason } from "../decoded.ts";
import { inflate } from "../inflate.ts";
import type { Origin } from "../limits.ts";
import { PIXEL_DATA } from "./pixel_format.ts";
import { guessedSyntax, hasPrefix, lacksPreamble } from "./prefix.ts";
import { type TransferSyntax, transferSyntax } from "./syntaxes.ts";

/** What we use of a data set as dicom-parser gives it. Tags are written `x0028110a`. */
export interface DataSet {
  /** The bytes that offsets count in; other than the file's where that was deflated. */
  readonly byteArray: Uint8Array<ArrayBuffer>;
  /** The elements by tag. */
  readonly elements: Readonly<Record<string, Element | undefined>>;
  /** A value of VR US; nothing where the element is missing. */
  uint16(tag: string, index?: number): number | undefined;
  /** A value of VR SS. */
  int16(tag: string, index?: number): number | undefined;
  /** Text; all values of it, with backslashes between, where no `index` is given. */
  string(tag: string, index?: number): string | undefined;
  /** A value of VR UL. */
  uint32(tag: string, index?: number): number | undefined;
  /** A value of VR FD. */
  double(tag: string, index?: number): number | undefined;
}

/** Where an element lies. */
export interface Element {
  /** Value representation; none in implicit VR. */
  readonly vr?: string;
  /** Where the value begins. */
  readonly dataOffset: number;
  /** Length of the value in bytes. */
  readonly length: number;
  /** Whether the value is encapsulated or a sequence without a length. */
  readonly hadUndefinedLength?: boolean;
  /** Of a sequence. */
  readonly items?: readonly { readonly dataSet?: DataSet }[];
}

/** A parsed file: its elements up to the pixels. */
export interface DicomFile {
  /** The elements. */
  readonly dataSet: DataSet;
  /** How the pixels are encoded. */
  readonly syntax: TransferSyntax;
  /** Of the file, for messages. */
  readonly name: string;
}

const IMPLICIT = "1.2.840.10008.1.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";

/** What we use of dicom-parser. Its own types know neither where a header ends nor whose memory the bytes are. */
const parser = dicomParser as unknown as {
  readPart10Header(bytes: Uint8Array): DataSet & { readonly position: number };
  parseDicom(
    bytes: Uint8Array,
    options: {
      readonly untilTag: string;
      readonly inflater: (deflated: Uint8Array<ArrayBuffer>, position: number) => Uint8Array;
      readonly TransferSyntaxUID?: string;
    },
  ): DataSet;
};

/** Sequences within sequences; no known object comes near. */
const MOST_NESTED = 32;

/** Parses the elements of a file, also of one without preamble and meta header. Throws an `InputError`. */
export function parseFile(content: Uint8Array<ArrayBuffer>, origin: Origin): DicomFile {
  const { name } = origin;
  const complete = lacksPreamble(content) ? withPreamble(content) : content;
  try {
    const meta = hasPrefix(complete) ? parser.readPart10Header(complete) : undefined;
    const uid = meta?.string("x00020010")?.trim() ?? guessedSyntax(complete) ?? "";
    const start = meta?.position ?? 0;
    const isImplicit = meta !== undefined && saysExplicitWrongly(complete, start, uid);
    // What has no meta header is parsed by the syntax that it is given.
    const bytes = isImplicit ? complete.subarray(start) : complete;
    const dataSet: DataSet = parser.parseDicom(bytes, {
      untilTag: PIXEL_DATA,
      inflater: (deflated: Uint8Array<ArrayBuffer>, position: number) => inflated(deflated, position, origin),
      ...(isImplicit ? { TransferSyntaxUID: IMPLICIT } : meta === undefined ? { TransferSyntaxUID: uid } : {}),
    });
    checkElements(dataSet, dataSet.byteArray.length, 0);
    return { dataSet, syntax: transferSyntax(uid), name };
  } catch (error) {
    if (error instanceof InputError) throw error;
    const reason = thrownReason(error);
    if (reason.includes("0002,0010")) {
      throw cannotOpen(name, "its meta header names no transfer syntax (0002,0010)", "export the file again");
    }
    throw cannotOpen(name, `its DICOM elements are damaged or end early (${reason})`, FETCH_AGAIN);
  }
}

/** Throws a `RangeError` where an element reaches behind the file or sequences are nested too deep. */
function checkElements({ elements }: DataSet, end: number, depth: number): void {
  if (depth > MOST_NESTED) throw new RangeError(`sequences are nested more than ${MOST_NESTED} deep`);
  for (const [tag, element] of Object.entries(elements)) {
    // The parser adds an element of its own where it was given the syntax.
    if (element?.dataOffset === undefined || tag === PIXEL_DATA) continue;
    if (!(element.length >= 0) || element.dataOffset + element.length > end) {
      throw new RangeError(`element ${tag.slice(1)} of ${element.length} bytes reaches beyond the end`);
    }
    for (const { dataSet } of element.items ?? []) if (dataSet !== undefined) checkElements(dataSet, end, depth + 1);
  }
}

/** Whether elements have no VR although the syntax has them: some writers compressed files of implicit VR so. */
function saysExplicitWrongly(bytes: Uint8Array, start: number, uid: string): boolean {
  const isLetter = (byte: number): boolean => byte >= 0x41 && byte <= 0x5a;
  const isPlain = uid !== IMPLICIT && uid !== DEFLATED && start + 8 <= bytes.length;
  return isPlain && bytes[start] === 8 && bytes[start + 1] === 0 &&
    !(isLetter(bytes[start + 4]) && isLetter(bytes[start + 5]));
}

function withPreamble(content: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(132 + content.length);
  bytes.set([0x44, 0x49, 0x43, 0x4d], 128);
  bytes.set(content, 132);
  return bytes;
}

/** The items of a sequence, each a data set. */
export function itemsOf(dataSet: DataSet, tag: string): DataSet[] {
  return (dataSet.elements[tag]?.items ?? []).flatMap((item) => item.dataSet ?? []);
}

/** Names of the elements that messages mention. */
const KEYWORDS: Readonly<Record<string, string>> = {
  x00180050: "SliceThickness",
  x00180088: "SpacingBetweenSlices",
  x00181164: "ImagerPixelSpacing",
  x00182010: "NominalScannedPixelSpacing",
  x00200032: "ImagePositionPatient",
  x00200037: "ImageOrientationPatient",
  x00280030: "PixelSpacing",
  x00281050: "WindowCenter",
  x00281051: "WindowWidth",
  x00281052: "RescaleIntercept",
  x00281053: "RescaleSlope",
  x3004000c: "GridFrameOffsetVector",
};

/** What happens to text that is no number: the sentence is a warning or a reason to refuse. */
export type Complain = (sentence: string) => void;

/**
 * All numbers of an element that keeps them as decimal text; nothing where it is missing or empty, or, after a complaint, where
 * one of them is no number.
 */
export function decimals(dataSet: DataSet, tag: string, complain: Complain): number[] | undefined {
  const text = dataSet.string(tag);
  if (text === undefined || text.trim() === "") return undefined;
  const parts = text.split("\\").map((part) => part.trim());
  const values = parts.map((part) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(part) ? Number(part) : NaN);
  if (values.every(Number.isFinite)) return values;
  complain(`${KEYWORDS[tag] ?? tag} is "${printable(text)}", which is not a number`);
  return undefined;
}

/** The bytes up to `position` followed by the inflated rest. */
function inflated(bytes: Uint8Array<ArrayBuffer>, position: number, origin: Origin): Uint8Array {
  const rest = inflate(bytes.subarray(position), "raw", origin);
  return concat([bytes.subarray(0, position), rest]);
}
