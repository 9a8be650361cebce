import type { HostTensor } from "../../contract.ts";
import type { StatisticsOptions } from "./statistics.ts";

/** Count, mean, population standard deviation, least and greatest value. */
export function statisticsTwin([input]: readonly HostTensor[], { foreground }: StatisticsOptions): HostTensor[] {
  const result = (values: number[]): HostTensor[] => [{ dtype: "f32", shape: [5], data: Float64Array.from(values) }];
  if (input.data.length === 0) return result([0, 0, 0, 0, 0]);
  let least = Infinity;
  let greatest = -Infinity;
  for (const x of input.data) {
    least = Math.min(least, x);
    greatest = Math.max(greatest, x);
  }
  const limit = foreground === undefined ? -Infinity : Math.fround(Math.fround(foreground) * greatest);
  const counted = input.data.filter((x) => x > limit);
  const count = Math.max(counted.length, 1);
  const mean = counted.reduce((sum, x) => sum + x, 0) / count;
  const variance = counted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  return result([counted.length, mean, Math.sqrt(variance), least, greatest]);
}
