/** DICOM SEG (PS3.3 A.51): a binary mask, a dense frame for each slice. */
import type { Geometry } from "../../../../engine/pipeline/mod.ts";
import { type Code, codeSequence, commonAttributes, encodeDicom } from "./file.ts";
import type { Attributes, Identity } from "./identity.ts";
import { newUid } from "./identity.ts";

/** What the segment is, and who found it. */
export interface Segment {
  readonly label: string;
  readonly category: Code;
  readonly type: Code;
  /** Name of the algorithm. */
  readonly algorithm: string;
}

const SOP_CLASS = "1.2.840.10008.5.1.4.1.1.66.4";

/** Writes a mask of 0 and 1, `[H, W]` or `[D, H, W]`, where `geometry` says that it lies. */
export async function encodeSegmentation(
  mask: ArrayLike<number>,
  shape: readonly number[],
  geometry: Geometry,
  segment: Segment,
  identity: Identity,
): Promise<Uint8Array<ArrayBuffer>> {
  const [height, width] = shape.slice(-2);
  const depth = shape.length === 3 ? shape[0] : 1;
  const { reference } = identity;
  const dimensions = newUid();
  const [rowStep, columnStep, sliceStep] = [0, 1, 2].map((column) => columnOf(geometry.affine, column));
  const dataset: Attributes = {
    ...commonAttributes(SOP_CLASS, "SEG", `Segmentation: ${segment.label}`, identity),
    ImageType: ["DERIVED", "PRIMARY"],
    FrameOfReferenceUID: identity.frameOfReference,
    PositionReferenceIndicator: "",
    ContentLabel: "SEGMENTATION",
    ContentDescription: segment.label,
    ContentCreatorName: "",
    SegmentationType: "BINARY",
    SamplesPerPixel: 1,
    PhotometricInterpretation: "MONOCHROME2",
    NumberOfFrames: depth,
    Rows: height,
    Columns: width,
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    PixelRepresentation: 0,
    LossyImageCompression: "00",
    SegmentSequence: [{
      SegmentNumber: 1,
      SegmentLabel: segment.label,
      SegmentAlgorithmType: "AUTOMATIC",
      SegmentAlgorithmName: segment.algorithm,
      SegmentedPropertyCategoryCodeSequence: codeSequence(segment.category),
      SegmentedPropertyTypeCodeSequence: codeSequence(segment.type),
      RecommendedDisplayCIELabValue: [39840, 49960, 46580],
    }],
    DimensionOrganizationSequence: [{ DimensionOrganizationUID: dimensions }],
    DimensionIndexSequence: [
      {
        DimensionOrganizationUID: dimensions,
        DimensionIndexPointer: 0x0062000b,
        FunctionalGroupPointer: 0x0062000a,
        DimensionDescriptionLabel: "Segment",
      },
      {
        DimensionOrganizationUID: dimensions,
        DimensionIndexPointer: 0x00200032,
        FunctionalGroupPointer: 0x00209113,
        DimensionDescriptionLabel: "Position",
      },
    ],
    SharedFunctionalGroupsSequence: [{
      PlaneOrientationSequence: [{ ImageOrientationPatient: [...unit(rowStep), ...unit(columnStep)].map(decimal) }],
      PixelMeasuresSequence: [{
        PixelSpacing: [columnStep, rowStep].map((step) => decimal(Math.hypot(...step))),
        SliceThickness: decimal(Math.hypot(...sliceStep)),
        SpacingBetweenSlices: decimal(Math.hypot(...sliceStep)),
      }],
      SegmentIdentificationSequence: [{ ReferencedSegmentNumber: 1 }],
    }],
    PerFrameFunctionalGroupsSequence: Array.from({ length: depth }, (_, slice) => ({
      FrameContentSequence: [{ DimensionIndexValues: [1, slice + 1] }],
      PlanePositionSequence: [{ ImagePositionPatient: positionOf(geometry.affine, slice).map(decimal) }],
      ...(reference === undefined ? {} : { DerivationImageSequence: [derivationOf(reference, slice)] }),
    })),
    ...(reference === undefined ? {} : {
      ReferencedSeriesSequence: [{
        SeriesInstanceUID: reference.series,
        ReferencedInstanceSequence: reference.instances.map((uid) => ({
          ReferencedSOPClassUID: reference.sopClass,
          ReferencedSOPInstanceUID: uid,
        })),
      }],
    }),
    PixelData: packed(mask, depth * height * width).buffer,
  };
  return await encodeDicom(dataset, { PixelData: "OB" });
}

/** From what a frame was derived (PS3.3 C.7.6.16.2.6). */
function derivationOf({ sopClass, instances }: NonNullable<Identity["reference"]>, slice: number): Attributes {
  return {
    DerivationCodeSequence: codeSequence(["113076", "DCM", "Segmentation"]),
    SourceImageSequence: [{
      ReferencedSOPClassUID: sopClass,
      ReferencedSOPInstanceUID: instances[slice] ?? instances[0],
      PurposeOfReferenceCodeSequence: codeSequence(["121322", "DCM", "Source image for image processing operation"]),
    }],
  };
}

/** Eight pixels a byte, the first in the lowest bit, over the frames without a gap; an even number of bytes. */
function packed(mask: ArrayLike<number>, pixels: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * Math.ceil(pixels / 16));
  for (let at = 0; at < pixels; at++) if (mask[at] > 0.5) bytes[at >> 3] |= 1 << (at & 7);
  return bytes;
}

function columnOf(affine: readonly number[], column: number): number[] {
  return [0, 4, 8].map((row) => affine[row + column]);
}

function positionOf(affine: readonly number[], slice: number): number[] {
  return [0, 4, 8].map((row) => affine[row + 3] + slice * affine[row + 2]);
}

function unit(step: readonly number[]): number[] {
  return step.map((value) => value / Math.hypot(...step));
}

/** A number as a decimal string of at most 16 characters has it (PS3.5, 6.2). */
function decimal(value: number): number {
  for (let digits = 15; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= 16) return Number(text);
  }
  return value;
}
