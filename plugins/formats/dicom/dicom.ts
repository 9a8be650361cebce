/**
 * DICOM files with uncompressed pixels (PS3.5, PS3.10): implicit and explicit little endian, explicit big endian, deflated; 1, 8, 16 and
 * 32 bits. Values are those of the modality (rescale or lookup table), MONOCHROME1 is inverted so that bright is more, color becomes
 * RGB, several frames are a volume along its normal.
 */
import { type DisplayWindow, withWindow } from "../../../engine/pipeline/mod.ts";
import { cannotOpen, type Channels, type Decoded, planesOf, shapeOf } from "../decoded.ts";
import { decimals, type DicomFile, type Element, itemsOf, parseFile, PIXEL_DATA } from "./data_set.ts";
import { headerOf } from "./header.ts";
import { groupOf, placeOf } from "./place.ts";
import { type PixelFormat, pixelFormat, type StoredValues, storedValues } from "./stored.ts";
import { byModalityTable, byPalette, rgbFromYbr } from "./tables.ts";

/** Reads a DICOM file: [1, H, W] gray, [3, H, W] RGB, [C, D, H, W] of several frames. Throws an `InputError`. */
export function decodeDicom(bytes: Uint8Array<ArrayBuffer>, name: string): Decoded {
  const file = parseFile(bytes, name);
  const pixelData = pixelDataOf(file);
  const format = pixelFormat(file);
  const stored = storedValues(file, pixelData, format);
  const { rows, columns, frames } = format;
  const place = placeOf(file, format);
  const { pixels, channels, window } = valuesOf(file, format, stored);
  const ordered = inOrder(pixels, place.order, rows * columns);
  const shape = shapeOf(ordered.length / (rows * columns * frames), frames, rows, columns);
  const isMosaic = file.dataSet.string("x00080008")?.includes("MOSAIC") === true;
  return {
    pixels: ordered,
    shape,
    geometry: withWindow(place.geometry, window),
    channels,
    header: headerOf(file.dataSet, file.syntax.littleEndian),
    warnings: [
      ...place.warnings,
      ...(isMosaic ? ["The picture is a mosaic of slices: it is taken as one image."] : []),
    ],
  };
}

/** The element with the pixels. Throws an `InputError` that says why there is none that we could read. */
export function pixelDataOf({ dataSet, syntax, name }: DicomFile): Element {
  if (!syntax.uncompressed) {
    const reason = `its pixels are compressed as ${syntax.name} (${syntax.uid}), which is not read yet`;
    throw cannotOpen(name, reason, "decompress it first, for example with gdcmconv --raw");
  }
  const pixels = dataSet.elements[PIXEL_DATA];
  if (pixels === undefined) {
    const isFloat = dataSet.elements.x7fe00008 !== undefined || dataSet.elements.x7fe00009 !== undefined;
    if (isFloat) throw cannotOpen(name, "its pixels are floating-point numbers", "convert it to NIfTI first");
    const kind = dataSet.elements.x00041220 !== undefined ? "DICOMDIR" : dataSet.string("x00080060")?.trim();
    throw cannotOpen(name, `it has no pixel data${kind ? ` (${kind})` : ""}`, "leave it out or fetch the file again");
  }
  if (pixels.hadUndefinedLength) {
    const reason = `its pixels are compressed although it says ${syntax.name} (${syntax.uid})`;
    throw cannotOpen(name, reason, "export the file again");
  }
  return pixels;
}

interface RealValues {
  readonly pixels: Float32Array<ArrayBuffer>;
  readonly channels: Channels;
  readonly window?: DisplayWindow;
}

function valuesOf(file: DicomFile, format: PixelFormat, stored: StoredValues): RealValues {
  const { photometric, signed } = format;
  switch (photometric) {
    case "MONOCHROME1":
    case "MONOCHROME2":
      return grayValues(file, format, stored);
    case "RGB":
      return { pixels: planesOf(stored, 3), channels: "rgb" };
    case "YBR_FULL":
    case "YBR_FULL_422":
      return { pixels: planesOf(rgbFromYbr(stored), 3), channels: "rgb" };
    case "PALETTE COLOR":
      return { pixels: planesOf(byPalette(stored, signed, file), 3), channels: "rgb" };
    default:
      throw cannotOpen(
        file.name,
        `its colors are ${photometric}, which is not read`,
        "convert it to RGB or gray first",
      );
  }
}

function grayValues(file: DicomFile, format: PixelFormat, stored: StoredValues): RealValues {
  const { bitsStored, signed, frames, rows, columns, photometric } = format;
  const table = itemsOf(file.dataSet, "x00283000")[0];
  if (table !== undefined) {
    if (photometric === "MONOCHROME1") {
      throw cannotOpen(file.name, "it is MONOCHROME1 with a modality lookup table", "convert it to MONOCHROME2 first");
    }
    return { pixels: byModalityTable(stored, table, signed, file), channels: "gray", window: windowOf(file) };
  }
  // Stored values of MONOCHROME1 are mirrored within their range, so that the greatest is the brightest.
  const mirror = photometric === "MONOCHROME1" ? (signed ? -1 : 2 ** bitsStored - 1) : undefined;
  const pixels = new Float32Array(stored.length);
  const size = rows * columns;
  for (let frame = 0; frame < frames; frame++) {
    const { slope, intercept } = rescaleOf(file, frame);
    for (let at = frame * size; at < (frame + 1) * size; at++) {
      pixels[at] = (mirror === undefined ? stored[at] : mirror - stored[at]) * slope + intercept;
    }
  }
  const window = windowOf(file);
  if (mirror === undefined || window === undefined) return { pixels, channels: "gray", window };
  const { slope, intercept } = rescaleOf(file, 0);
  const center = mirror * slope + 2 * intercept - window.center;
  return { pixels, channels: "gray", window: { center, width: window.width } };
}

function rescaleOf(file: DicomFile, frame: number): { slope: number; intercept: number } {
  const group = groupOf(file, frame, "x00289145");
  const slope = decimals(group, "x00281053")?.[0] ?? 1;
  return { slope: slope === 0 ? 1 : slope, intercept: decimals(group, "x00281052")?.[0] ?? 0 };
}

function windowOf(file: DicomFile): DisplayWindow | undefined {
  const group = groupOf(file, 0, "x00289132");
  const center = decimals(group, "x00281050")?.[0];
  const width = decimals(group, "x00281051")?.[0];
  return center === undefined || width === undefined || !(width > 0) ? undefined : { center, width };
}

/** Frames of each channel in the order of the volume. */
function inOrder(pixels: Float32Array<ArrayBuffer>, order: readonly number[], size: number): Float32Array<ArrayBuffer> {
  if (order.every((frame, at) => frame === at)) return pixels;
  const sorted = new Float32Array(pixels.length);
  const channels = pixels.length / (size * order.length);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * order.length * size;
    order.forEach((frame, at) => {
      sorted.set(pixels.subarray(start + frame * size, start + (frame + 1) * size), start + at * size);
    });
  }
  return sorted;
}
