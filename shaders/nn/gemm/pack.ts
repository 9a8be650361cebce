/**
 * What `pack_b.wgsl` does, on the host, where weights lie until they are packed: measured on lavapipe, a page that reads columns
 * takes ten times as long.
 */

/** How matrices `[depth, columns]` lie one after the other: distances between neighbors along either axis. */
export interface MatrixOrder {
  readonly depth: number;
  readonly columns: number;
  readonly kStride: number;
  readonly columnStride: number;
}

/** Columns of a panel. */
const panel = 128;

/** Panels of 128 columns, `[matrices * panels, k rounded up to 8, 128]`, zero beyond the matrix. */
export function packColumns(elements: Float32Array, order: MatrixOrder): Float32Array<ArrayBuffer> {
  const { depth, columns, kStride, columnStride } = order;
  const panels = Math.ceil(columns / panel), rows = Math.ceil(depth / 8) * 8;
  const matrices = elements.length / (depth * columns);
  const packed = new Float32Array(matrices * panels * rows * panel);
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (let column = 0; column < columns; column++) {
      let from = matrix * depth * columns + column * columnStride;
      let to = (matrix * panels + Math.floor(column / panel)) * rows * panel + column % panel;
      for (let k = 0; k < depth; k++, from += kStride, to += panel) packed[to] = elements[from];
    }
  }
  return packed;
}
