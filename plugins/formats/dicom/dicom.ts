/**
 * DICOM files (PS3.5, PS3.10): all transfer syntaxes but video, with 1 to 32 bits, float and double. Values are those of the modality
 * (rescale or lookup table); MONOCHROME1 keeps its values and is shown inverted; color becomes RGB; several frames are a volume along
 * its normal.
 */
import { type Geometry, unknownGeometry, withDisplay } from "../../../engine/pipeline/mod.ts";
import { type Decoded, shapeOf } from "../decoded.ts";
import type { Origin } from "../limits.ts";
import { headerOf } from "./header.ts";
import { type DicomImage, openDicom } from "./image.ts";
import { imageGeometry, stackOf, volumesOf } from "./stack.ts";

/**
 * Reads a DICOM file: [1, H, W] gray, [3, H, W] RGB, [C, D, H, W] of several frames. Several volumes in one file, such as times or
 * echoes, are channels where it is gray. Throws an `InputError`.
 */
export async function decodeDicom(bytes: Uint8Array<ArrayBuffer>, origin: Origin): Promise<Decoded> {
  const image = openDicom(bytes, origin);
  const { channels, format: { rows, columns, frames } } = image;
  const { order, volumes, geometry, warnings } = layoutOf(image);
  const pixels = new Float32Array(channels * frames * rows * columns);
  const size = rows * columns;
  for (const [at, frame] of order.entries()) {
    const planes = Array.from({ length: channels }, (_, channel) => {
      const start = (channel * frames + at) * size;
      return pixels.subarray(start, start + size);
    });
    image.toReal(await image.stored(frame), frame, planes);
  }
  return {
    pixels,
    shape: shapeOf(channels * volumes, frames / volumes, rows, columns),
    geometry: displayed(geometry, image),
    channels: channels === 3 ? "rgb" : volumes > 1 ? "values" : "gray",
    warnings: [...image.warnings, ...warnings],
    header: headerOf(image.file.dataSet, image.file.syntax.littleEndian),
    padding: image.padding,
  };
}

/** The geometry with what the file says of how to show it. */
export function displayed(geometry: Geometry, { window, format }: DicomImage): Geometry {
  return withDisplay(geometry, { window, inverted: format.photometric === "MONOCHROME1" });
}

interface FrameLayout {
  /** Frames in the order of the volume, or of the volumes one after the other. */
  readonly order: readonly number[];
  readonly volumes: number;
  readonly geometry: Geometry;
  readonly warnings: readonly string[];
}

/** How the frames of one file lie: as one image, one volume, several, or no one knows. */
function layoutOf({ slices, channels }: DicomImage): FrameLayout {
  const inFile = slices.map(({ frame }) => frame);
  if (slices.length === 1) return { order: inFile, volumes: 1, geometry: imageGeometry(slices[0]), warnings: [] };
  const stacks = volumesOf(slices).map(stackOf);
  const [first] = stacks;
  const isWhole = stacks.reduce((sum, stack) => sum + stack.slices.length, 0) === slices.length &&
    stacks.every((stack) => stack.slices.length === first.slices.length);
  const order = stacks.flatMap((stack) => stack.slices.map(({ frame }) => frame));
  const warnings = first.problems.map(({ text }) => `In the frames of the file, ${text}.`);
  if (isWhole && stacks.length === 1) return { order, volumes: 1, geometry: first.geometry, warnings };
  if (isWhole && channels === 1) {
    const note = `The ${stacks.length} volumes of the file are the channels of one image.`;
    return { order, volumes: stacks.length, geometry: first.geometry, warnings: [...warnings, note] };
  }
  const note = "The frames make up no one volume: they are in the order of the file.";
  return { order: inFile, volumes: 1, geometry: unknownGeometry(3), warnings: [...warnings, note] };
}
