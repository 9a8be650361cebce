/** Where the elements of a tensor lie in texels, and the host's side of the layouts. */

import type { Layout } from "../../shaders/contract.ts";

/** Columns, rows and layers of texels of four floats. */
export interface Extents {
  readonly texels: number;
  readonly rows: number;
  readonly layers: number;
}

/** Number of elements of a shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The texel grid of a shape in a layout of texels (see `Layout` in `shaders/contract.ts`). */
export function extentsOf(layout: Exclude<Layout, "linear">, shape: readonly number[]): Extents {
  if (layout === "rows4") {
    const width = shape.at(-1) ?? 1;
    return { texels: Math.ceil(width / 4), rows: shape.at(-2) ?? 1, layers: elementCount(shape.slice(0, -2)) };
  }
  const { batch, channels, depth, height, width } = channelAxes(shape);
  return { texels: batch * width, rows: height, layers: Math.ceil(channels / 4) * depth };
}

/** The axes of `[N, C, ...spatial]` with up to three spatial axes; missing ones have size 1. */
export function channelAxes(
  shape: readonly number[],
): { batch: number; channels: number; depth: number; height: number; width: number } {
  if (shape.length > 5) {
    throw new RangeError(`channels4 holds tensors of up to 5 axes, not ${shape.length}: [${shape.join(", ")}]`);
  }
  const [depth, height, width] = [1, 1, 1, ...shape.slice(2)].slice(-3);
  return { batch: shape[0] ?? 1, channels: shape[1] ?? 1, depth, height, width };
}

/** Elements of a row-major array as rows of four-pixel texels; lanes beyond the row's end are 0. */
export function toRows4(values: Float32Array, shape: readonly number[]): Float32Array<ArrayBuffer> {
  const width = shape.at(-1) ?? 1;
  const { texels, rows, layers } = extentsOf("rows4", shape);
  if (width % 4 === 0) return new Float32Array(values);
  const result = new Float32Array(texels * rows * layers * 4);
  for (let row = 0; row < rows * layers; row++) {
    result.set(values.subarray(row * width, (row + 1) * width), row * texels * 4);
  }
  return result;
}

/** Elements of texels, whose rows start `pitch` floats apart, as a row-major array. */
export function fromTexels(
  layout: Exclude<Layout, "linear">,
  texels: Float32Array,
  pitch: number,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(elementCount(shape));
  const extents = extentsOf(layout, shape);
  if (layout === "rows4") {
    const width = shape.at(-1) ?? 1;
    for (let row = 0; row < extents.rows * extents.layers; row++) {
      result.set(texels.subarray(row * pitch, row * pitch + width), row * width);
    }
    return result;
  }
  const { batch, channels, depth, height, width } = channelAxes(shape);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let z = 0; z < depth; z++) {
        for (let y = 0; y < height; y++) {
          const row = (((c >> 2) * depth + z) * height + y) * pitch + n * width * 4 + (c & 3);
          for (let x = 0; x < width; x++) result[at++] = texels[row + x * 4];
        }
      }
    }
  }
  return result;
}
