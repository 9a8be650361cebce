/** DICOM Secondary Capture (PS3.3 A.8.1): a picture to look at. */
import { commonAttributes, encodeDicom } from "./file.ts";
import type { Identity } from "./identity.ts";

const SOP_CLASS = "1.2.840.10008.5.1.4.1.1.7";

/** Writes a picture of 0 to 255, [1, H, W] or [3, H, W], with the distances of its rows and columns where they are known. */
export async function encodeSecondaryCapture(
  bytes: Uint8Array,
  [channels, height, width]: readonly number[],
  description: string,
  identity: Identity,
  spacingMm?: readonly [number, number],
): Promise<Uint8Array<ArrayBuffer>> {
  const size = height * width;
  const together = new Uint8Array(2 * Math.ceil(channels * size / 2));
  for (let at = 0; at < channels * size; at++) together[at] = bytes[at % channels * size + Math.floor(at / channels)];
  return await encodeDicom({
    ...commonAttributes(SOP_CLASS, "OT", description, identity),
    ConversionType: "WSD",
    ImageType: ["DERIVED", "SECONDARY"],
    BurnedInAnnotation: "NO",
    SamplesPerPixel: channels,
    PhotometricInterpretation: channels === 3 ? "RGB" : "MONOCHROME2",
    ...(channels === 3 ? { PlanarConfiguration: 0 } : {}),
    Rows: height,
    Columns: width,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PatientOrientation: "",
    ...(spacingMm === undefined ? {} : { PixelAspectRatio: aspectRatio(spacingMm) }),
    PixelData: together.buffer,
  }, { PixelData: "OB" });
}

/** Height and width of a pixel as whole numbers (PS3.3 C.7.6.3.1.7). */
function aspectRatio([row, column]: readonly [number, number]): [string, string] {
  const parts = row === column ? [1, 1] : [row, column].map((mm) => Math.round(10_000 * mm));
  return [String(parts[0]), String(parts[1])];
}
