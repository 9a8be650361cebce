/** Pictures of what a case holds: gray images by their display window, masks drawn into them. Values go from 0 to 1. */
import { type Geometry, type HostCopy, type Slicing, slicingOf } from "../../../engine/pipeline/mod.ts";
import { type HostTensor, image as ops } from "../../../shaders/mod.ts";

/** A picture of shape [1, H, W] (gray) or [3, H, W] (RGB), 0 black and 1 full. */
export type Picture = HostTensor;

/** Values that are shown as black and as white; `low` is the greater one where the image is shown inverted. */
export interface DisplayRange {
  readonly low: number;
  readonly high: number;
}

/** Share of the pixels that may be darker than black, and as many brighter than white, where no window is known. */
const clipped = 0.005;
/** About as many pixels, evenly spaced, stand for all. */
const sampled = 16384;

/**
 * What to show of an image: the window that its file suggests (DICOM PS3.3 C.11.2.1.2.1), or all but the darkest and
 * brightest 0.5 % of its pixels.
 */
export function displayRange(image: HostCopy, geometry: Geometry): DisplayRange {
  const { low, high } = rangeOf(image, geometry);
  return geometry.inverted ? { low: high, high: low } : { low, high };
}

function rangeOf(image: HostCopy, { window }: Geometry): DisplayRange {
  if (window) {
    const middle = window.center - 0.5;
    return { low: middle - (window.width - 1) / 2, high: middle + (window.width - 1) / 2 };
  }
  const step = strideFor(image.data.length);
  const sample = new Float64Array(Math.ceil(image.data.length / step));
  for (let i = 0; i < sample.length; i++) sample[i] = Number(image.data[i * step]);
  sample.sort();
  const last = sample.length - 1;
  return { low: sample[Math.floor(clipped * last)] ?? 0, high: sample[Math.ceil((1 - clipped) * last)] ?? 1 };
}

/** A stride that gives about as many pixels as stand for all, and doesn't fall into step with rows and slices. */
function strideFor(length: number): number {
  const divisor = (a: number, b: number): number => b === 0 ? a : divisor(b, a % b);
  let step = Math.max(1, Math.floor(length / sampled));
  while (divisor(length, step) > 1) step++;
  return step;
}

/** A gray picture of an image or one slice of a volume: [1, H, W] or [1, D, H, W] to [1, H, W]; other channels are left out. */
export function grayOf(image: HostCopy, { low, high }: DisplayRange, slice = 0): Picture {
  const [height, width] = image.shape.slice(-2);
  const first = slice * height * width;
  const span = high === low ? 1 : high - low;
  const data = new Float64Array(height * width);
  for (let i = 0; i < data.length; i++) {
    data[i] = Math.min(1, Math.max(0, (Number(image.data[first + i]) - low) / span));
  }
  return { dtype: "f32", shape: [1, height, width], data };
}

/** A volume `[1, D, H, W]` or its mask `[D, H, W]` cut in a plane: one slice `[1, h, w]`, turned as it is looked at. */
export function cutOf(volume: HostCopy, { axes, flipped }: Slicing, slice: number): HostCopy {
  const size = volume.shape.slice(-3);
  const strides = [size[1] * size[2], size[2], 1];
  const [height, width] = [size[axes[1]], size[axes[2]]];
  const data = new Float64Array(height * width);
  for (let row = 0; row < height; row++) {
    const y = flipped[0] ? height - 1 - row : row;
    const first = slice * strides[axes[0]] + y * strides[axes[1]];
    for (let column = 0; column < width; column++) {
      const x = flipped[1] ? width - 1 - column : column;
      data[row * width + column] = Number(volume.data[first + x * strides[axes[2]]]);
    }
  }
  return { dtype: "f64", shape: [1, height, width], data };
}

/** A slice `[1, h, w]` of a volume's own, or of its mask, turned as such slices are looked at; an image, or its mask, as it is. */
export function seenSlice(value: HostCopy, geometry: Geometry, slice: number): HostCopy {
  if (geometry.spacing.length < 3) return value;
  return cutOf(value, slicingOf(geometry), slice);
}

/** Distances of the rows and columns of such a slice in mm; nothing where they are not known. */
export function seenSpacing(geometry: Geometry): [row: number, column: number] | undefined {
  const { spacing, spacingKnown } = geometry;
  if (!spacingKnown) return undefined;
  const [row, column] = spacing.length < 3 ? [0, 1] : slicingOf(geometry).axes.slice(1);
  return [spacing[row], spacing[column]];
}

/** A crop of `[N, 1, h, w]` as `[1, h, w]`; one of a volume's slice turned as such slices are looked at. */
export function seenCrop({ shape, data, dtype }: HostCopy, geometry: Geometry, at: number): HostCopy {
  const [height, width] = shape.slice(-2);
  const crop = {
    dtype,
    shape: [1, height, width],
    data: data.subarray(at * height * width, (at + 1) * height * width),
  };
  return geometry.spacing.length < 3 ? crop as HostCopy : cutOf(crop as HostCopy, slicingOf(geometry), 0);
}

/** For each axis of a volume `[D, H, W]` the slice across it with the most that is set in the mask, or the middle one. */
export function bestSlices(size: readonly number[], mask?: HostCopy): number[] {
  const [depth, height, width] = size;
  const counts = size.map((slices) => new Uint32Array(slices));
  for (let at = 0, z = 0; mask && z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        if (mask.data[at] <= 0.5) continue;
        counts[0][z]++;
        counts[1][y]++;
        counts[2][x]++;
      }
    }
  }
  return counts.map((each) => {
    const most = each.reduce((a, b) => Math.max(a, b), 0);
    return most === 0 ? Math.floor(each.length / 2) : each.indexOf(most);
  });
}

/** The slice of a mask `[D, H, W]` with the largest region, or the middle one; 0 for `[H, W]`. */
export function sliceToShow(shape: readonly number[], mask?: HostCopy): number {
  const depth = shape.length === 4 ? shape[1] : 1;
  const pixels = shape.slice(-2).reduce((a, b) => a * b);
  let [best, most] = [Math.floor(depth / 2), 0];
  for (let slice = 0; mask && slice < depth; slice++) {
    let count = 0;
    for (let at = slice * pixels; at < (slice + 1) * pixels; at++) if (mask.data[at] > 0.5) count++;
    if (count > most) [best, most] = [slice, count];
  }
  return best;
}

/** A slice of a mask `[H, W]` or `[D, H, W]` as a picture of black and white. */
export function maskPicture(mask: HostCopy, slice = 0): Picture {
  return grayOf(mask, { low: 0, high: 1 }, slice);
}

/** A gray picture with a mask of the same size in color. */
export function overlayOf(gray: Picture, mask: Picture, outline = 1): Picture {
  const flat = { ...mask, shape: mask.shape.slice(1) };
  return ops.overlay.twin([gray, flat], ops.overlay.options.parse({ outline }))[0];
}

/** Colors of labels that have none of their own. */
const palette = ["#ff4533", "#33b1ff", "#ffd23f", "#2bd97c", "#c77dff", "#ff8f3f", "#3fe0d0", "#ff6fb5"];

/** The color of a label, 1 and on: its own, or one of eight in turn. */
export function labelColor(label: number, colors: readonly (string | undefined)[] = []): string {
  return colors[label - 1] ?? palette[(label - 1) % palette.length];
}

/** A gray picture with regions of the same size in colors `#rrggbb`. */
export function regionsOver(
  gray: Picture,
  regions: readonly { readonly mask: Picture; readonly color: string }[],
): Picture {
  return regions.reduce((picture, { mask, color }) => {
    const tones = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
    const size = mask.data.length;
    const data = Float64Array.from({ length: 3 * size }, (_, at) => {
      const below = picture.data[picture.shape[0] === 1 ? at % size : at];
      return mask.data[at % size] > 0.5 ? 0.55 * below + 0.45 * tones[Math.floor(at / size)] : below;
    });
    return { ...picture, shape: [3, ...gray.shape.slice(1)], data };
  }, gray);
}

/** An RGB picture with the outline of a mask of the same size in another color. */
export function withOutline(picture: Picture, mask: Picture, color: [number, number, number]): Picture {
  const count = mask.data.length;
  const black = { ...mask, data: new Float64Array(count) };
  const flat = { ...mask, shape: mask.shape.slice(1) };
  const [drawn] = ops.overlay.twin([black, flat], { color, alpha: 0, outline: 1 });
  const data = picture.data.slice();
  for (let i = 0; i < count; i++) {
    if (color.every((_, c) => drawn.data[c * count + i] === 0)) continue;
    color.forEach((_, c) => data[c * count + i] = drawn.data[c * count + i]);
  }
  return { ...picture, data };
}

/**
 * The picture with square pixels and its longer side at most `side` of them; one that is so already stays as it is. `spacing` ends
 * with the distances between its rows and its columns.
 */
export function shrunk(picture: Picture, side: number, spacing: readonly number[]): Picture {
  const [height, width] = picture.shape.slice(1);
  const [dy, dx] = spacing.slice(-2);
  const pixel = Math.max(Math.min(dy, dx), height * dy / side, width * dx / side);
  const size = [height * dy, width * dx].map((length) => Math.max(1, Math.round(length / pixel)));
  if (size[0] === height && size[1] === width) return picture;
  const isSmaller = size[0] <= height && size[1] <= width;
  return ops.resample.twin([picture], { size, method: isSmaller ? "area" : "linear" })[0];
}

/** The picture, each pixel repeated as often along both axes as it takes to have at least `pixels` of them. */
export function enlarged(picture: Picture, pixels: number): Picture {
  const size = picture.shape.slice(1);
  const factor = Math.ceil(Math.sqrt(pixels / (size[0] * size[1])));
  if (factor <= 1) return picture;
  return ops.resample.twin([picture], { size: size.map((n) => n * factor), method: "nearest" })[0];
}

/** The picture's values from 0 to 255. */
export function bytesOf({ data }: Picture): Uint8Array {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) bytes[i] = Math.round(255 * data[i]);
  return bytes;
}
