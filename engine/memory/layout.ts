/** Where the elements of a tensor lie in texels, and the host's side of the layouts. */

import type { Layout } from "../../shaders/contract.ts";
import { channelAxes, sizeOf, texelsOf } from "../../shaders/shape.ts";

/** Columns, rows and layers of texels of four floats. */
export interface Extents {
  readonly texels: number;
  readonly rows: number;
  readonly layers: number;
}

/** The texel grid of a shape in a layout of texels (see `Layout` in `shaders/contract.ts`). */
export function extentsOf(layout: Exclude<Layout, "linear">, shape: readonly number[]): Extents {
  const [texels, rows, layers] = texelsOf(layout, shape);
  return { texels, rows, layers };
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
  const result = new Float32Array(sizeOf(shape));
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
