/** Reads the orientation that a camera noted (EXIF 2.32, tag 0x0112): 1 to 8, and 1 where nothing is said. */
export function orientationOf(bytes: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 10 < bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda;) {
    const end = at + 2 + view.getUint16(at + 2);
    const isExif = bytes[at + 1] === 0xe1 && view.getUint32(at + 4) === 0x45786966 && view.getUint16(at + 8) === 0;
    if (isExif && end <= bytes.length) {
      return orientationIn(new DataView(view.buffer, view.byteOffset + at + 10, end - at - 10));
    }
    at = end;
  }
  return 1;
}

function orientationIn(tiff: DataView): number {
  if (tiff.byteLength < 8) return 1;
  const little = tiff.getUint16(0) === 0x4949;
  const start = tiff.getUint32(4, little);
  if (start + 2 > tiff.byteLength) return 1;
  const entries = tiff.getUint16(start, little);
  for (let at = start + 2; at + 12 <= Math.min(tiff.byteLength, start + 2 + 12 * entries); at += 12) {
    if (tiff.getUint16(at, little) === 0x0112) {
      const value = tiff.getUint16(at + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  }
  return 1;
}

/**
 * Turns and mirrors planes of `shape` [C, H, W] so that they stand as the camera saw them. Orientations 5 to 8 swap
 * height and width.
 */
export function oriented(
  pixels: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  orientation: number,
): { pixels: Float32Array<ArrayBuffer>; shape: number[] } {
  const [channels, height, width] = shape;
  const swaps = orientation >= 5;
  const [rows, columns] = swaps ? [width, height] : [height, width];
  const mirrorsX = [2, 3, 7, 8].includes(orientation);
  const mirrorsY = [3, 4, 6, 7].includes(orientation);
  const turned = new Float32Array(pixels.length);
  for (let channel = 0, at = 0; channel < channels; channel++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++, at++) {
        const [u, v] = swaps ? [row, column] : [column, row];
        const x = mirrorsX ? width - 1 - u : u;
        const y = mirrorsY ? height - 1 - v : v;
        turned[at] = pixels[(channel * height + y) * width + x];
      }
    }
  }
  return { pixels: turned, shape: [channels, rows, columns] };
}
