import type { HostTensor } from "../../contract.ts";
import type { StandardizeOptions } from "./standardize.ts";

/** (x - mean) / deviation, or the way back. */
export function standardizeTwin(
  [input, statistics]: readonly HostTensor[],
  { inverse }: StandardizeOptions,
): HostTensor[] {
  const size = input.data.length / (statistics.data.length / 5);
  const data = input.data.map((x, at) => {
    const row = 5 * Math.floor(at / size);
    const mean = statistics.data[row + 1];
    const deviation = statistics.data[row + 2] > 0 ? statistics.data[row + 2] : 1;
    return inverse ? x * deviation + mean : (x - mean) / deviation;
  });
  return [{ dtype: "f32", shape: input.shape, data }];
}
