/** Writes slices of a phantom as DICOM files, each by itself a complete MR image (PS3.3 A.4). */
import type { PhantomStudy } from "./phantom.ts";

/** Writes the slice at `index` of a study; `head` tells studies apart. */
export type WriteSlice = (study: PhantomStudy, head: number, index: number) => Promise<Uint8Array<ArrayBuffer>>;

/** What we use of dcmjs, which comes without types. */
interface Dcmjs {
  readonly data: {
    readonly DicomMetaDictionary: { denaturalizeDataset(dataset: Record<string, unknown>): Record<string, unknown> };
    readonly DicomDict: new (meta: Record<string, unknown>) => { dict: Record<string, unknown>; write(): ArrayBuffer };
  };
}

const MR_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.4";
const EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1";
const SLICE_THICKNESS_MM = 6;

/** Loads the writer, which takes half a second. */
export async function openWriter(): Promise<WriteSlice> {
  const { data } = (await import("npm:dcmjs@0.52.2")).default as unknown as Dcmjs;
  return async (study, head, index) => {
    const dataset = await datasetOf(study, head, index);
    const meta = {
      FileMetaInformationVersion: new Uint8Array([0, 1]).buffer,
      MediaStorageSOPClassUID: MR_IMAGE_STORAGE,
      MediaStorageSOPInstanceUID: dataset.SOPInstanceUID,
      TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
      ImplementationClassUID: await uidOf("implementation"),
      ImplementationVersionName: "ISOCENTER",
    };
    const file = new data.DicomDict(data.DicomMetaDictionary.denaturalizeDataset(meta));
    file.dict = data.DicomMetaDictionary.denaturalizeDataset(dataset);
    return new Uint8Array(file.write());
  };
}

async function datasetOf(study: PhantomStudy, head: number, index: number): Promise<Record<string, unknown>> {
  const { width, height, spacing, slices } = study;
  const { pixels } = slices[index];
  const brightest = pixels.reduce((most, value) => Math.max(most, value), 0);
  return {
    SpecificCharacterSet: "ISO_IR 192",
    ImageType: ["DERIVED", "PRIMARY", "OTHER"],
    SOPClassUID: MR_IMAGE_STORAGE,
    SOPInstanceUID: await uidOf(`head ${head} slice ${index}`),
    StudyDate: "20260101",
    SeriesDate: "20260101",
    ContentDate: "20260101",
    StudyTime: "120000",
    ContentTime: "120000",
    AccessionNumber: "",
    Modality: "MR",
    Manufacturer: "Isocenter",
    ReferringPhysicianName: "",
    StudyDescription: "Procedural phantom, not a patient",
    SeriesDescription: `${study.plane} T1 with contrast`,
    PatientName: `Phantom^Head ${head}`,
    PatientID: `PHANTOM${head}`,
    PatientBirthDate: "",
    PatientSex: "O",
    ScanningSequence: "SE",
    SequenceVariant: "NONE",
    ScanOptions: "",
    MRAcquisitionType: "2D",
    SliceThickness: SLICE_THICKNESS_MM,
    RepetitionTime: 500,
    EchoTime: 10,
    EchoTrainLength: 1,
    SpacingBetweenSlices: spacing[0],
    PatientPosition: "HFS",
    StudyInstanceUID: await uidOf(`head ${head} study`),
    // Each slice is a series of its own, as its truth and the networks are about slices.
    SeriesInstanceUID: await uidOf(`head ${head} series ${index}`),
    StudyID: `${head}`,
    SeriesNumber: index + 1,
    InstanceNumber: 1,
    FrameOfReferenceUID: await uidOf(`head ${head} frame of reference`),
    PositionReferenceIndicator: "",
    ...placeOf(study, index),
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    Rows: height,
    Columns: width,
    PixelSpacing: [spacing[1], spacing[2]],
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: 11,
    PixelRepresentation: 0,
    WindowCenter: Math.round(brightest / 2),
    WindowWidth: Math.round(brightest),
    PixelData: Uint16Array.from(pixels).buffer,
    _vrMap: { PixelData: "OW" },
  };
}

/** Rows run to the patient's left; columns to the back (axial) or to the feet (coronal). */
function placeOf({ width, height, spacing, slices, plane }: PhantomStudy, index: number): Record<string, unknown> {
  const across = (index - (slices.length - 1) / 2) * spacing[0];
  const left = -(width - 1) / 2 * spacing[2];
  const top = (height - 1) / 2 * spacing[1];
  return plane === "axial"
    ? { ImageOrientationPatient: [1, 0, 0, 0, 1, 0], ImagePositionPatient: [left, -top, across] }
    : { ImageOrientationPatient: [1, 0, 0, 0, 0, -1], ImagePositionPatient: [left, -across, top] };
}

/** The same identifier for the same text: a UUID as PS3.5 B.2 turns it into one. */
async function uidOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`isocenter phantom ${text}`));
  return `2.25.${BigInt(`0x${new Uint8Array(digest, 0, 16).toHex()}`)}`;
}
