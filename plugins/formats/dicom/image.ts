/** An opened DICOM file: its frames, what they say of their places, and their real values one by one. */
import type { DisplayWindow } from "../../../engine/pipeline/mod.ts";
import type { Origin } from "../limits.ts";
import { type DicomFile, parseFile } from "./data_set.ts";
import { type PixelFormat, pixelFormat } from "./pixel_format.ts";
import { type Slice, slicesOf } from "./slice.ts";
import { openFrames, pixelDataOf, type ReadFrame, type StoredFrame } from "./stored.ts";
import { type Padding, valueRule } from "./values.ts";

/** An opened file. */
export interface DicomImage {
  readonly file: DicomFile;
  readonly format: PixelFormat;
  /** One slice per frame, in the order of the file. */
  readonly slices: readonly Slice[];
  /** 1 gray, 3 red, green and blue. */
  readonly channels: 1 | 3;
  /** What the file suggests to show of its first frame. */
  readonly window?: DisplayWindow;
  /** Values that stand for no measurement. */
  readonly padding?: Padding;
  /** Sentences about what can't be used or had to be assumed. */
  readonly warnings: readonly string[];
  /** Stored values of a frame. */
  readonly stored: ReadFrame;
  /** Writes the real values of stored ones, one plane per channel. */
  readonly toReal: (stored: StoredFrame, frame: number, planes: readonly Float32Array[]) => void;
}

/** Opens a file. `source` is what its slices have as their file. Throws an `InputError`. */
export function openDicom(bytes: Uint8Array<ArrayBuffer>, origin: Origin, source = origin.name): DicomImage {
  const file = parseFile(bytes, origin);
  const warnings: string[] = [];
  const warn = (sentence: string) => void warnings.push(sentence);
  const element = pixelDataOf(file);
  const format = pixelFormat(file, origin.limits);
  const stored = openFrames(file, element, format, origin);
  const rule = valueRule(file, format, warn);
  const slices = slicesOf(file, format, source, warn);
  if (file.dataSet.string("x00080008")?.includes("MOSAIC")) {
    warnings.push("The picture is a mosaic of slices: it is taken as one image.");
  }
  return {
    file,
    format,
    slices,
    channels: rule.channels,
    window: rule.window,
    padding: rule.padding,
    warnings,
    stored,
    toReal: rule.toValues,
  };
}
