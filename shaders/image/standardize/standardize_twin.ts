import type { HostTensor } from "../../contract.ts";

/** (x - mean) / deviation. */
export function standardizeTwin([input, statistics]: readonly HostTensor[]): HostTensor[] {
  const [, mean, deviation] = statistics.data;
  const data = input.data.map((x) => (x - mean) / (deviation > 0 ? deviation : 1));
  return [{ dtype: "f32", shape: input.shape, data }];
}
