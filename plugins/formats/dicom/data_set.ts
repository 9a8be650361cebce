import dicomParser from "@cornerstonejs/dicom-parser";
import { inflateRawSync } from "node:zlib";
import { cannotOpen, FETCH_AGAIN, thrownReason } from "../decoded.ts";
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
  /** A value of VR IS. */
  intString(tag: string, index?: number): number | undefined;
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

/** Tag of the element with the pixels, where parsing stops. */
export const PIXEL_DATA = "x7fe00010";

/** A parsed file: its elements up to the pixels. */
export interface DicomFile {
  /** The elements. */
  readonly dataSet: DataSet;
  /** How the pixels are encoded. */
  readonly syntax: TransferSyntax;
  /** Of the file, for messages. */
  readonly name: string;
}

/** Parses the elements of a file, also of one without preamble and meta header. Throws an `InputError`. */
export function parseFile(content: Uint8Array<ArrayBuffer>, name: string): DicomFile {
  const bytes = lacksPreamble(content) ? withPreamble(content) : content;
  const guess = hasPrefix(bytes) ? undefined : guessedSyntax(bytes);
  try {
    const dataSet: DataSet = dicomParser.parseDicom(bytes, {
      untilTag: PIXEL_DATA,
      inflater: inflate,
      ...(guess === undefined ? {} : { TransferSyntaxUID: guess }),
    });
    return { dataSet, syntax: transferSyntax(guess ?? dataSet.string("x00020010")?.trim() ?? ""), name };
  } catch (error) {
    const reason = thrownReason(error);
    if (reason.includes("0002,0010")) {
      throw cannotOpen(name, "its meta header names no transfer syntax (0002,0010)", "export the file again");
    }
    throw cannotOpen(name, `its DICOM elements are damaged or end early (${reason})`, FETCH_AGAIN);
  }
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

/** All numbers of an element that keeps them as decimal text. */
export function decimals(dataSet: DataSet, tag: string): number[] | undefined {
  const text = dataSet.string(tag);
  if (text === undefined || text.trim() === "") return undefined;
  const values = text.split("\\").map(Number);
  return values.every(Number.isFinite) ? values : undefined;
}

/** The bytes up to `position` followed by the inflated rest. */
function inflate(bytes: Uint8Array, position: number): Uint8Array {
  const rest = inflateRawSync(bytes.subarray(position));
  const whole = new Uint8Array(position + rest.length);
  whole.set(bytes.subarray(0, position));
  whole.set(rest, position);
  return whole;
}
