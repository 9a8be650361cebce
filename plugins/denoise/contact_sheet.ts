/** Pictures side by side in one. */
import { originOf } from "../formats/limits.ts";
import { decodePng, encodePng } from "../formats/png/png.ts";

/** Pictures per row, and the white pixels between two of them. */
const columns = 5;
const gap = 6;

/** Lays gray PNG files of one size out in rows of five. */
export function contactSheet(files: readonly Uint8Array[]): Uint8Array {
  const pictures = files.map((bytes) => decodePng(new Uint8Array(bytes), originOf("picture")));
  const [, height, width] = pictures[0].shape;
  const rows = Math.ceil(pictures.length / columns);
  const [sheetHeight, sheetWidth] = [rows * (height + gap) - gap, columns * (width + gap) - gap];
  const sheet = new Uint8Array(sheetHeight * sheetWidth).fill(255);
  for (const [index, { pixels }] of pictures.entries()) {
    const corner = Math.floor(index / columns) * (height + gap) * sheetWidth + (index % columns) * (width + gap);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) sheet[corner + y * sheetWidth + x] = pixels[y * width + x];
    }
  }
  return encodePng(sheet, [1, sheetHeight, sheetWidth], { bits: 8 });
}
