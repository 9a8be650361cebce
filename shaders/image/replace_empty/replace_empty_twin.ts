import type { HostTensor } from "../../contract.ts";
import type { ReplaceEmptyOptions } from "./replace_empty.ts";

/** Copies, or takes the row. */
export function replaceEmptyTwin([input, boxes]: readonly HostTensor[], { row }: ReplaceEmptyOptions): HostTensor[] {
  const data = input.data.map((value, index) => {
    const [x0, y0, x1, y1] = boxes.data.subarray(4 * Math.floor(index / row.length));
    return x1 > x0 && y1 > y0 ? value : Math.fround(row[index % row.length]);
  });
  return [{ dtype: "f32", shape: input.shape, data }];
}
