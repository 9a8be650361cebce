import type { HostTensor } from "../../contract.ts";
import type { StandardizeOptions } from "./standardize.ts";

/** (x - mean) / deviation, or the way back. */
export function standardizeTwin(
  [input, statistics]: readonly HostTensor[],
  { inverse }: StandardizeOptions,
): HostTensor[] {
  const [, mean] = statistics.data;
  const deviation = statistics.data[2] > 0 ? statistics.data[2] : 1;
  const data = input.data.map((x) => inverse ? x * deviation + mean : (x - mean) / deviation);
  return [{ dtype: "f32", shape: input.shape, data }];
}
