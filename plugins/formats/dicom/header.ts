/** What a DICOM file says besides its pixels, as plain data: the DICOM JSON Model (PS3.18, annex F). */
import type { Header, Json } from "../../../engine/pipeline/mod.ts";
import type { DataSet, Element } from "./data_set.ts";
import { PIXEL_DATA } from "./pixel_format.ts";

/** Longer values are bulk data, which the header leaves out. */
const mostBytes = 65536;

/** Value representations of what files in implicit VR don't say: who, when, what and where (PS3.6). */
const IMPLICIT: Readonly<Record<string, string>> = {
  CS: "00080005 00080008 00080060 00185100 00180015 00200060 00280004 00280301 00081140",
  UI: "00080016 00080018 00080014 0020000d 0020000e 00200052 00081150 00081155 00020010",
  DA: "00080020 00080021 00080022 00080023 00100030",
  TM: "00080030 00080031 00080032 00080033",
  LO: "00080070 00081030 0008103e 00081090 00100020 00181030 00081080 00181020 00102160",
  PN: "00080090 00081050 00081070 00100010",
  SH: "00080050 00200010 00081010 00181000",
  AS: "00101010",
  DS: "00180050 00180088 00200032 00200037 00201041 00280030 00281050 00281051 00281052 00281053 00101030",
  IS: "00200011 00200012 00200013 00201002 00280008",
  US: "00280002 00280006 00280010 00280011 00280100 00280101 00280102 00280103",
  ST: "00080081 00204000",
};

const implicitVr = new Map(
  Object.entries(IMPLICIT).flatMap(([vr, tags]) => tags.split(" ").map((tag) => [tag, vr] as const)),
);

const BULK = ["OB", "OW", "OF", "OD", "OL", "OV", "UN"];
const NUMBERS: Readonly<
  Record<
    string,
    readonly [bytes: number, read: "getInt16" | "getUint16" | "getInt32" | "getUint32" | "getFloat32" | "getFloat64"]
  >
> = {
  US: [2, "getUint16"],
  SS: [2, "getInt16"],
  UL: [4, "getUint32"],
  SL: [4, "getInt32"],
  FL: [4, "getFloat32"],
  FD: [8, "getFloat64"],
};

/** The header of a file; `littleEndian` is that of its transfer syntax. */
export function headerOf(dataSet: DataSet, littleEndian: boolean): Header {
  const modality = dataSet.string("x00080060")?.trim();
  return {
    format: "dicom",
    ...modality ? { modality } : {},
    attributes: attributesOf(dataSet, littleEndian, 0),
  };
}

function attributesOf(dataSet: DataSet, littleEndian: boolean, depth: number): Record<string, Json> {
  const attributes: Record<string, Json> = {};
  for (const [name, element] of Object.entries(dataSet.elements)) {
    const tag = name.slice(1).toUpperCase();
    if (element === undefined || name === PIXEL_DATA || name.startsWith("x0002")) continue;
    const isBulk = element.length > mostBytes || element.dataOffset + element.length > dataSet.byteArray.length;
    if (isBulk && !element.items) continue;
    const vr = element.items ? "SQ" : element.vr ?? implicitVr.get(name.slice(1));
    if (vr === undefined || BULK.includes(vr)) continue;
    const values = vr === "SQ"
      ? depth < 8
        ? (element.items ?? []).map((item) => item.dataSet ? attributesOf(item.dataSet, littleEndian, depth + 1) : {})
        : []
      : valuesOf(dataSet, name, element, vr, littleEndian);
    attributes[tag] = values.length === 0 ? { vr } : { vr, Value: values };
  }
  return attributes;
}

function valuesOf(dataSet: DataSet, name: string, element: Element, vr: string, littleEndian: boolean): Json[] {
  const { byteArray } = dataSet;
  const view = new DataView(byteArray.buffer, byteArray.byteOffset + element.dataOffset, element.length);
  if (vr in NUMBERS) {
    const [bytes, read] = NUMBERS[vr];
    const count = Math.floor(element.length / bytes);
    const values = Array.from({ length: count }, (_, at) => view[read](at * bytes, littleEndian));
    return values.map((value) => Number.isFinite(value) ? value : null);
  }
  if (vr === "AT") {
    return Array.from(
      { length: Math.floor(element.length / 4) },
      (_, at) =>
        [0, 2].map((byte) => view.getUint16(4 * at + byte, littleEndian).toString(16).padStart(4, "0")).join("")
          .toUpperCase(),
    );
  }
  const text = dataSet.string(name) ?? "";
  if (text === "") return [];
  const parts = ["ST", "LT", "UT", "UR"].includes(vr) ? [text] : text.split("\\");
  return parts.map((part): Json => {
    const value = part.trim();
    if (vr === "PN") return { Alphabetic: value };
    const isNumber = (vr === "DS" || vr === "IS") && value !== "" && Number.isFinite(Number(value));
    return value === "" ? null : isNumber ? Number(value) : value;
  });
}
