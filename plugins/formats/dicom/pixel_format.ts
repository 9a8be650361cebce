import { cannotOpen, printable } from "../decoded.ts";
import { declaredVoxels, type Limits, tooManyVoxels } from "../limits.ts";
import type { DataSet, DicomFile } from "./data_set.ts";

/** How the pixels lie in the file (PS3.3 C.7.6.3). */
export interface PixelFormat {
  /** Height in pixels. */
  readonly rows: number;
  /** Width in pixels. */
  readonly columns: number;
  /** 1 or more. */
  readonly frames: number;
  /** Samples per pixel: 1 for gray, 3 for color. */
  readonly samples: number;
  /** Bits that a sample takes: 1, 8, 16 or 32; 64 where they are double. */
  readonly bitsAllocated: number;
  /** Bits of them that count. */
  readonly bitsStored: number;
  /** Position of the uppermost bit that counts; 0 is the lowest. */
  readonly highBit: number;
  /** Whether values are two's complement. */
  readonly signed: boolean;
  /** Whether each frame keeps its color planes apart. */
  readonly planar: boolean;
  /** PhotometricInterpretation, such as `MONOCHROME2`. */
  readonly photometric: string;
  /** Floating-point pixels of 32 or 64 bits. */
  readonly isFloat: boolean;
}

/** The interpretations that are read, and the samples that each has. */
const SAMPLES: Readonly<Record<string, number>> = {
  MONOCHROME1: 1,
  MONOCHROME2: 1,
  "PALETTE COLOR": 1,
  RGB: 3,
  YBR_FULL: 3,
  YBR_FULL_422: 3,
  YBR_RCT: 3,
  YBR_ICT: 3,
};

/** Tags of the elements with the pixels: whole numbers, float and double. */
export const PIXEL_DATA = "x7fe00010";
const FLOAT_PIXEL_DATA = "x7fe00008";
const DOUBLE_PIXEL_DATA = "x7fe00009";

/** Tag of the element that holds the pixels of a file, if one does. */
export function pixelElement({ elements }: DataSet): string | undefined {
  return [PIXEL_DATA, FLOAT_PIXEL_DATA, DOUBLE_PIXEL_DATA].find((tag) => elements[tag] !== undefined);
}

/** Reads the image pixel module. Throws an `InputError` where it is incomplete, contradicts itself or asks for too much. */
export function pixelFormat(file: DicomFile, limits: Limits): PixelFormat {
  const { dataSet, name } = file;
  const isFloat = pixelElement(dataSet) !== PIXEL_DATA && pixelElement(dataSet) !== undefined;
  const number = (tag: string, keyword: string) => wholeNumber(file, tag, keyword);
  const rows = number("x00280010", "Rows");
  const columns = number("x00280011", "Columns");
  const bitsAllocated = number("x00280100", "BitsAllocated");
  const photometric = dataSet.string("x00280004")?.trim();
  const samples = number("x00280002", "SamplesPerPixel");
  const numbers = { Rows: rows, Columns: columns, BitsAllocated: bitsAllocated, SamplesPerPixel: samples };
  const missing = Object.entries({ ...numbers, PhotometricInterpretation: photometric })
    .filter(([, value]) => value === undefined || value === "" || value === 0).map(([key]) => key);
  if (!rows || !columns || !bitsAllocated || !samples || !photometric) {
    throw cannotOpen(name, `it lacks ${missing.join(", ")}`, "export the file again with the image pixel module");
  }
  checkSamples(photometric, samples, name);
  const allowed = isFloat ? [32, 64] : [1, 8, 16, 32];
  if (!allowed.includes(bitsAllocated)) {
    throw cannotOpen(name, `its pixels take ${bitsAllocated} bits each`, `export it with ${allowed.join(", ")} bits`);
  }
  const bitsStored = isFloat ? bitsAllocated : number("x00280101", "BitsStored") ?? bitsAllocated;
  const highBit = isFloat ? bitsAllocated - 1 : number("x00280102", "HighBit") ?? bitsStored - 1;
  if (bitsStored < 1 || highBit >= bitsAllocated || bitsStored > highBit + 1) {
    const reason = `BitsStored is ${bitsStored} and HighBit ${highBit} of ${bitsAllocated} bits allocated`;
    throw cannotOpen(name, reason, "export the file again");
  }
  const frames = frameCount(file, limits);
  declaredVoxels([rows, columns, frames, samples], { name, limits });
  return {
    rows,
    columns,
    frames,
    samples,
    bitsAllocated,
    bitsStored,
    highBit,
    signed: number("x00280103", "PixelRepresentation") === 1,
    planar: samples > 1 && number("x00280006", "PlanarConfiguration") === 1,
    photometric,
    isFloat,
  };
}

/** A number of VR US. Another VR or length is refused: its bytes would be taken for something that they are not. */
function wholeNumber({ dataSet, name }: DicomFile, tag: string, keyword: string): number | undefined {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length === 0) return undefined;
  const isNumber = element.length === 2 && (element.vr === undefined || ["US", "SS", "UN"].includes(element.vr));
  if (!isNumber) {
    const reason = `${keyword} has ${element.length} bytes of type ${printable(element.vr ?? "unknown")}, not one US`;
    throw cannotOpen(name, reason, "export the file again");
  }
  return dataSet.uint16(tag);
}

function checkSamples(photometric: string, samples: number, name: string): void {
  const wanted = Object.hasOwn(SAMPLES, photometric) ? SAMPLES[photometric] : undefined;
  if (wanted === undefined) {
    throw cannotOpen(name, "its colors are of a kind that is not read", "convert it to RGB or gray first");
  }
  if (samples !== wanted) {
    throw cannotOpen(
      name,
      `it is ${photometric} with ${samples} samples per pixel, not ${wanted}`,
      "export the file again",
    );
  }
}

/** NumberOfFrames; 1 where it is missing or 0. */
function frameCount({ dataSet, name }: DicomFile, limits: Limits): number {
  const text = dataSet.string("x00280008")?.trim() ?? "";
  if (text === "") return 1;
  if (!/^\+?\d+$/.test(text)) {
    throw cannotOpen(name, `its number of frames is "${printable(text)}"`, "export the file again");
  }
  const frames = Number(text);
  if (!Number.isSafeInteger(frames)) throw tooManyVoxels(name, `${printable(text)} frames`, limits);
  return Math.max(1, frames);
}
