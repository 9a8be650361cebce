/** A series of a patient whose identity is looked for in all that is written and told. */
import { dicomFile } from "./dicom_builder.ts";

/** Parts of the identity. */
export const planted: readonly string[] = ["PLANTED", "ZEBRA", "QX77", "1.2.840.99999"];

/** A slice of the series by its number. */
export function plantedSlice(at: number): Uint8Array<ArrayBuffer> {
  return dicomFile({
    SOPInstanceUID: `1.2.840.99999.1.${at}`,
    StudyInstanceUID: "1.2.840.99999.2",
    SeriesInstanceUID: "1.2.840.99999.3",
    FrameOfReferenceUID: "1.2.840.99999.4",
    Modality: "MR",
    PatientName: "PLANTED^ZEBRA",
    PatientID: "QX77",
    ImagePositionPatient: `0\\0\\${2 * at}`,
    ImageOrientationPatient: "1\\0\\0\\0\\1\\0",
    PixelSpacing: "1\\1",
  });
}
