/** Small DICOM files for tests, written element by element, so that anything in them may be wrong. */
import { deflateRawSync } from "node:zlib";
import { concat } from "../../plugins/formats/bytes.ts";

/** A value: a number of VR US, text of the element's own VR, or text of another VR. */
export type Value = number | string | { readonly vr: string; readonly text: string } | Uint8Array;

/** Tag and VR by keyword, in the order of the file. */
const ELEMENTS: readonly (readonly [keyword: string, group: number, element: number, vr: string])[] = [
  ["ImageType", 0x0008, 0x0008, "CS"],
  ["SOPClassUID", 0x0008, 0x0016, "UI"],
  ["SOPInstanceUID", 0x0008, 0x0018, "UI"],
  ["Modality", 0x0008, 0x0060, "CS"],
  ["PatientName", 0x0010, 0x0010, "PN"],
  ["PatientID", 0x0010, 0x0020, "LO"],
  ["SliceThickness", 0x0018, 0x0050, "DS"],
  ["EchoTime", 0x0018, 0x0081, "DS"],
  ["StudyInstanceUID", 0x0020, 0x000d, "UI"],
  ["SeriesInstanceUID", 0x0020, 0x000e, "UI"],
  ["SeriesNumber", 0x0020, 0x0011, "IS"],
  ["AcquisitionNumber", 0x0020, 0x0012, "IS"],
  ["InstanceNumber", 0x0020, 0x0013, "IS"],
  ["ImagePositionPatient", 0x0020, 0x0032, "DS"],
  ["ImageOrientationPatient", 0x0020, 0x0037, "DS"],
  ["FrameOfReferenceUID", 0x0020, 0x0052, "UI"],
  ["TemporalPositionIdentifier", 0x0020, 0x0100, "IS"],
  ["SamplesPerPixel", 0x0028, 0x0002, "US"],
  ["PhotometricInterpretation", 0x0028, 0x0004, "CS"],
  ["NumberOfFrames", 0x0028, 0x0008, "IS"],
  ["Rows", 0x0028, 0x0010, "US"],
  ["Columns", 0x0028, 0x0011, "US"],
  ["PixelSpacing", 0x0028, 0x0030, "DS"],
  ["BitsAllocated", 0x0028, 0x0100, "US"],
  ["BitsStored", 0x0028, 0x0101, "US"],
  ["HighBit", 0x0028, 0x0102, "US"],
  ["PixelRepresentation", 0x0028, 0x0103, "US"],
  ["PixelPaddingValue", 0x0028, 0x0120, "US"],
  ["WindowCenter", 0x0028, 0x1050, "DS"],
  ["WindowWidth", 0x0028, 0x1051, "DS"],
  ["RescaleIntercept", 0x0028, 0x1052, "DS"],
  ["RescaleSlope", 0x0028, 0x1053, "DS"],
  ["PixelData", 0x7fe0, 0x0010, "OB"],
];

/** 4 x 4 pixels of 8 bits, 0 to 15. */
const DEFAULTS: Readonly<Record<string, Value>> = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
  SamplesPerPixel: 1,
  PhotometricInterpretation: "MONOCHROME2",
  Rows: 4,
  Columns: 4,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PixelData: Uint8Array.from({ length: 16 }, (_, at) => at),
};

const EXPLICIT = "1.2.840.10008.1.2.1";

/** How the file is written. */
export interface Writing {
  /** Deflates the elements. */
  readonly deflated?: boolean;
  /** Transfer syntax; explicit little endian unless given. */
  readonly syntax?: string;
  /** Pixels of a compressed syntax, in place of plain ones. */
  readonly fragments?: readonly Uint8Array[];
  /** Zeros behind the pixels. */
  readonly padding?: number;
}

/** A file with the given values in place of the default ones. */
export function dicomFile(
  values: Readonly<Record<string, Value>>,
  { deflated = false, padding = 0, syntax: uid = EXPLICIT, fragments }: Writing = {},
): Uint8Array<ArrayBuffer> {
  const all = { ...DEFAULTS, ...values };
  const elements = ELEMENTS.flatMap(([keyword, group, element, vr]) =>
    all[keyword] === undefined || (keyword === "PixelData" && fragments !== undefined)
      ? []
      : [elementOf(group, element, vr, all[keyword])]
  );
  if (fragments !== undefined) elements.push(encapsulated(fragments));
  const syntax = elementOf(2, 0x10, "UI", deflated ? `${EXPLICIT}.99` : uid);
  const length = new DataView(new ArrayBuffer(12));
  [0x02, 0x00, 0x00, 0x00, 0x55, 0x4c, 0x04, 0x00].forEach((byte, at) => length.setUint8(at, byte));
  length.setUint32(8, syntax.length, true);
  const body = concat([...elements, new Uint8Array(padding)]);
  const prefix = new Uint8Array(132);
  prefix.set([0x44, 0x49, 0x43, 0x4d], 128);
  return concat([prefix, new Uint8Array(length.buffer), syntax, deflated ? deflateRawSync(body) : body]);
}

/** Pixel data of fragments, with an empty offset table before and a delimiter behind them. */
function encapsulated(fragments: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const item = (tag: number, length: number): Uint8Array => new Uint8Array(Uint32Array.of(tag, length).buffer);
  const head = Uint8Array.of(0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff);
  const items = fragments.flatMap((bytes) => [item(0xe000fffe, bytes.length), bytes]);
  return concat([head, item(0xe000fffe, 0), ...items, item(0xe0ddfffe, 0)]);
}

function elementOf(group: number, element: number, ownVr: string, value: Value): Uint8Array<ArrayBuffer> {
  const vr = typeof value === "object" && "vr" in value ? value.vr : ownVr;
  const content = contentOf(value, vr);
  const isLong = ["OB", "OW", "SQ", "UN"].includes(vr);
  const view = new DataView(new ArrayBuffer(isLong ? 12 : 8));
  view.setUint16(0, group, true);
  view.setUint16(2, element, true);
  view.setUint8(4, vr.charCodeAt(0));
  view.setUint8(5, vr.charCodeAt(1));
  if (isLong) view.setUint32(8, content.length, true);
  else view.setUint16(6, content.length, true);
  return concat([new Uint8Array(view.buffer), content]);
}

function contentOf(value: Value, vr: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === "number") return new Uint8Array(Uint16Array.of(value).buffer);
  const text = typeof value === "string" ? value : value.text;
  return new TextEncoder().encode(text.length % 2 === 0 ? text : text + (vr === "UI" ? "\0" : " "));
}
