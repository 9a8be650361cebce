import type { HostTensor } from "../../contract.ts";

/** The slice of that number, of each channel. */
export function takeSliceTwin([{ shape, data }, slice]: readonly HostTensor[]): HostTensor[] {
  const [channels, slices, height, width] = shape;
  const at = Math.min(slices - 1, Math.max(0, Math.trunc(slice.data[0])));
  const size = height * width;
  const taken = new Float64Array(channels * size);
  for (let c = 0; c < channels; c++) {
    taken.set(data.subarray((c * slices + at) * size, (c * slices + at + 1) * size), c * size);
  }
  return [{ dtype: "f32", shape: [channels, height, width], data: taken }];
}
