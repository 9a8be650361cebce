/** DICOM files from attributes by their keywords, written by dcmjs. */
import type { Attributes, Identity } from "./identity.ts";
import { newUid } from "./identity.ts";

/** What we use of dcmjs, which comes without types. */
interface Dcmjs {
  readonly data: {
    readonly DicomMetaDictionary: { denaturalizeDataset(dataset: Attributes): Attributes };
    readonly DicomDict: new (meta: Attributes) => { dict: Attributes; write(): ArrayBuffer };
  };
}

const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";

/** UID of this implementation: made once for this program. */
const IMPLEMENTATION = "2.25.265361724962174386571024351092349211351";

/** Name and version that objects state. */
export const SOFTWARE = { name: "Isocenter", version: "0.1.0" } as const;

/** A code: value, scheme and meaning. */
export type Code = readonly [value: string, scheme: string, meaning: string];

/** The sequence of one code. */
export function codeSequence([value, scheme, meaning]: Code): Attributes[] {
  return [{ CodeValue: value, CodingSchemeDesignator: scheme, CodeMeaning: meaning }];
}

/** What every object of ours states: SOP common, patient, study, series and equipment (PS3.3 C.12.1, C.7.1 to C.7.5). */
export function commonAttributes(
  sopClass: string,
  modality: string,
  description: string,
  { attributes }: Identity,
  now: Date = new Date(),
): Attributes {
  const digits = now.toISOString().replaceAll(/[-:]/g, "");
  return {
    SpecificCharacterSet: "ISO_IR 192",
    SOPClassUID: sopClass,
    SOPInstanceUID: newUid(),
    ...attributes,
    Modality: modality,
    SeriesInstanceUID: newUid(),
    SeriesNumber: 1,
    SeriesDescription: description,
    InstanceNumber: 1,
    ContentDate: digits.slice(0, 8),
    ContentTime: digits.slice(9, 15),
    Manufacturer: SOFTWARE.name,
    ManufacturerModelName: SOFTWARE.name,
    DeviceSerialNumber: "0",
    SoftwareVersions: SOFTWARE.version,
  };
}

/** Writes a file (PS3.10). `vrs` says of which VR ambiguous elements are. */
export async function encodeDicom(
  dataset: Attributes,
  vrs: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  // Loading takes half a second.
  const { data } = (await import("npm:dcmjs@0.52.2")).default as unknown as Dcmjs;
  const meta = {
    FileMetaInformationVersion: new Uint8Array([0, 1]).buffer,
    MediaStorageSOPClassUID: dataset.SOPClassUID,
    MediaStorageSOPInstanceUID: dataset.SOPInstanceUID,
    TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: IMPLEMENTATION,
    ImplementationVersionName: "ISOCENTER",
  };
  const file = new data.DicomDict(data.DicomMetaDictionary.denaturalizeDataset(meta));
  file.dict = data.DicomMetaDictionary.denaturalizeDataset({ ...dataset, _vrMap: vrs });
  return new Uint8Array(file.write());
}
