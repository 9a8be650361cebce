/** The writers of DICOM: segmentation, structured report and overlay. They name their source only where its identity is kept. */
import { defineWriter, type Measures, type Writer } from "../../engine/pipeline/mod.ts";
import type { Code } from "../formats/dicom/write/file.ts";
import { identityOf } from "../formats/dicom/write/identity.ts";
import type { Evaluation, Measurement } from "../formats/dicom/write/report.ts";
import {
  bytesOf,
  displayRange,
  grayOf,
  maskPicture,
  overlayOf,
  seenSlice,
  seenSpacing,
  sliceToShow,
} from "../formats/picture/picture.ts";

/** What a region is, in SNOMED CT, unless its class says more. */
const REGION = {
  category: ["49755003", "SCT", "Morphologically Abnormal Structure"],
  type: ["4147007", "SCT", "Mass"],
} as const satisfies Record<string, Code>;

/** Classes of the networks that come along, in SNOMED CT. */
const CLASSES: Readonly<Record<string, Code>> = {
  meningioma: ["1163375002", "SCT", "Meningioma"],
  glioma: ["393564001", "SCT", "Glioma"],
  pituitary: ["127024001", "SCT", "Neoplasm of pituitary gland"],
};

/** What one of several labels is, whose names are the model's. */
const LABEL = {
  category: ["123037004", "SCT", "Body structure"],
  type: ["91723000", "SCT", "Anatomical structure"],
} as const satisfies Record<string, Code>;

/**
 * `dicom-seg`: `segmentation.dcm`, the mask as a binary DICOM SEG with a frame for each slice; of several labels one file
 * each, `segmentation-1.dcm` and so on.
 */
export const dicomSeg: Writer = defineWriter({
  name: "dicom-seg",
  description: "The mask as a DICOM segmentation.",
  uses: ["mask", "header", "measures"],
  write: async ({ host, header, measures, id, write, warn }, { keepIdentity }) => {
    const { mask } = host;
    if (!mask) return warn("There is no mask, so that no DICOM segmentation is written.");
    if (!mask.geometry.spacingKnown) {
      return warn("The place of the mask is not known, so that no DICOM segmentation is written.");
    }
    const { encodeSegmentation } = await import("../formats/dicom/write/segmentation.ts");
    const identity = await identityOf(header, id, keepIdentity);
    const { tensor, geometry, labels = [] } = mask;
    const data = tensor.data as ArrayLike<number>;
    const algorithm = "Isocenter";
    if (labels.length < 2) {
      const segment = { label: "Region of interest", category: REGION.category, type: typeOf(measures), algorithm };
      await write("segmentation.dcm", await encodeSegmentation(data, tensor.shape, geometry, segment, identity));
      return;
    }
    for (const [at, name] of labels.entries()) {
      const one = Uint8Array.from(data, (value) => Number(Number(value) === at + 1));
      const segment = { label: name.slice(0, 64), ...LABEL, algorithm };
      const file = `segmentation-${at + 1}.dcm`;
      await write(file, await encodeSegmentation(one, tensor.shape, geometry, segment, identity));
    }
  },
});

/** `dicom-sr`: `report.dcm`, the measures as a structured report by TID 1500. */
export const dicomSr: Writer = defineWriter({
  name: "dicom-sr",
  description: "The measures as a DICOM structured report.",
  uses: ["mask", "header", "measures"],
  write: async ({ host, header, measures, id, write, warn }, { keepIdentity }) => {
    const { mask } = host;
    if (!mask) return warn("There is no mask, so that no DICOM report is written.");
    const { encodeReport } = await import("../formats/dicom/write/report.ts");
    const { tensor, geometry } = mask;
    const pixels = Array.from(tensor.data as ArrayLike<number>, Number).filter((value) => value > 0.5).length;
    const measurements = [sizeOf(pixels, geometry.spacingKnown ? geometry.spacing : undefined)];
    const identity = await identityOf(header, id, keepIdentity);
    await write(
      "report.dcm",
      await encodeReport(
        typeOf(measures),
        [...measurements, ...probabilityOf(measures)],
        evaluationsOf(pixels),
        identity,
      ),
    );
  },
});

/**
 * `dicom-sc`: `overlay.dcm`, the slice with the largest region and its outline as a Secondary Capture, turned as such slices are
 * looked at.
 */
export const dicomSc: Writer = defineWriter({
  name: "dicom-sc",
  description: "The overlay as a DICOM secondary capture.",
  uses: ["image", "mask", "header"],
  write: async ({ host, header, id, write }, { keepIdentity }) => {
    if (!host.image) return;
    const { encodeSecondaryCapture } = await import("../formats/dicom/write/secondary_capture.ts");
    const { tensor: image, geometry } = host.image;
    const mask = host.mask?.tensor;
    const slice = sliceToShow(image.shape, mask);
    const gray = grayOf(seenSlice(image, geometry, slice), displayRange(image, geometry));
    const picture = mask === undefined ? gray : overlayOf(gray, maskPicture(seenSlice(mask, geometry, slice)));
    const identity = await identityOf(header, id, keepIdentity);
    await write(
      "overlay.dcm",
      await encodeSecondaryCapture(
        bytesOf(picture),
        picture.shape,
        "Overlay",
        identity,
        seenSpacing(geometry),
      ),
    );
  },
});

/** What the region is: the class that was found, where it is one that has a code. */
function typeOf(measures: Measures | undefined): Code {
  const label = (measures?.class as { label?: string } | undefined)?.label ?? "";
  return CLASSES[label] ?? REGION.type;
}

/** Volume in cm3, area in cm2, or pixels where their size is not known. */
function sizeOf(pixels: number, spacing: readonly number[] | undefined): Measurement {
  if (spacing === undefined) {
    return {
      name: ["pixels", "99ISOCENTER", "Pixels of the region"],
      value: pixels,
      unit: ["{pixels}", "UCUM", "pixels"],
    };
  }
  const size = pixels * spacing.reduce((product, mm) => product * mm, 1);
  return spacing.length === 3
    ? { name: ["118565006", "SCT", "Volume"], value: size / 1000, unit: ["cm3", "UCUM", "cubic centimeter"] }
    : { name: ["42798000", "SCT", "Area"], value: size / 100, unit: ["cm2", "UCUM", "square centimeter"] };
}

function probabilityOf(measures: Measures | undefined): Measurement[] {
  const found = measures?.class as { label: string; probabilities: Readonly<Record<string, number>> } | undefined;
  if (found === undefined) return [];
  return [{
    name: ["probability", "99ISOCENTER", "Probability of the class"],
    value: found.probabilities[found.label],
    unit: ["1", "UCUM", "no units"],
  }];
}

function evaluationsOf(pixels: number): Evaluation[] {
  const presence: Code = pixels > 0 ? ["52101004", "SCT", "Present"] : ["2667000", "SCT", "Absent"];
  return [{ name: ["705057003", "SCT", "Presence"], value: presence }];
}
