import type { HostTensor } from "../../contract.ts";

/** The first slice of the most set pixels. */
export function largestSliceTwin([{ shape, data }]: readonly HostTensor[]): HostTensor[] {
  const [slices, height, width] = shape;
  let [best, most] = [0, 0];
  for (let z = 0; z < slices; z++) {
    const slice = data.subarray(z * height * width, (z + 1) * height * width);
    const count = slice.reduce((sum, value) => sum + Number(value > 0.5), 0);
    if (count > most) [best, most] = [z, count];
  }
  return [{ dtype: "f32", shape: [1], data: Float64Array.of(best) }];
}
