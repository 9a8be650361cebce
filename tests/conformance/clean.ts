/**
 * The clean image of a blurred input whose case names none: such inputs are windows of an image beside them, blurred in a
 * circle, with about 1 % noise. Without it a restored image can't be measured by its PSNR.
 */
import type { FloatArray } from "../npy.ts";

/** Most root of the mean squared difference, inside the window, at which a blurred image counts as the input's. */
const closest = 0.03;
/** Every so many pixels of a window are compared in the search. */
const step = 4;

/** The window of one of `images` that gives the input when it is blurred; none where there is no such window. */
export function findClean(
  input: FloatArray,
  psf: FloatArray,
  images: Iterable<FloatArray>,
): Float32Array | undefined {
  const [height, width] = input.shape;
  let best: { distance: number; window: Float32Array } | undefined;
  for (const image of images) {
    const [rows, columns] = image.shape;
    if (image.shape.length !== 2 || rows < height || columns < width) continue;
    const blurred = blur(image, psf);
    for (let y = 0; y <= rows - height; y++) {
      for (let x = 0; x <= columns - width; x++) {
        const distance = distanceAt(input, { shape: image.shape, data: blurred }, y, x, psf.shape[0]);
        if (distance >= (best?.distance ?? closest)) continue;
        best = { distance, window: windowAt(image, y, x, height, width) };
      }
    }
  }
  return best?.window;
}

/** Root of the mean squared difference, so far from the window's border that the circular blur doesn't reach. */
function distanceAt(input: FloatArray, image: FloatArray, top: number, left: number, margin: number): number {
  const [height, width] = input.shape;
  let sum = 0;
  let count = 0;
  for (let y = margin; y < height - margin; y += step) {
    for (let x = margin; x < width - margin; x += step, count++) {
      sum += (input.data[y * width + x] - image.data[(top + y) * image.shape[1] + left + x]) ** 2;
    }
  }
  return Math.sqrt(sum / count);
}

function windowAt({ data, shape }: FloatArray, top: number, left: number, height: number, width: number) {
  return Float32Array.from({ length: height * width }, (_, at) => {
    return data[(top + Math.floor(at / width)) * shape[1] + left + at % width];
  });
}

function blur({ data, shape: [height, width] }: FloatArray, psf: FloatArray): Float32Array {
  const [rows, columns] = psf.shape;
  return data.map((_, at) => {
    const [y, x] = [Math.floor(at / width), at % width];
    let sum = 0;
    for (let j = 0; j < rows; j++) {
      for (let i = 0; i < columns; i++) {
        const row = (y - j + Math.floor(rows / 2) + height) % height;
        sum += psf.data[j * columns + i] * data[row * width + (x - i + Math.floor(columns / 2) + width) % width];
      }
    }
    return sum;
  });
}
