import type { HostTensor } from "../../contract.ts";
import type { StatisticsOptions } from "./statistics.ts";

/** Count, mean, population standard deviation, least and greatest value: of all, or of each part along the first axis. */
export function statisticsTwin([input]: readonly HostTensor[], { foreground, each }: StatisticsOptions): HostTensor[] {
  if (!each) return [{ dtype: "f32", shape: [5], data: Float64Array.from(statisticsOf(input.data, foreground)) }];
  const parts = input.shape[0];
  const size = input.data.length / Math.max(1, parts);
  const rows = Array.from(
    { length: parts },
    (_, part) => statisticsOf(input.data.subarray(part * size, (part + 1) * size), foreground),
  );
  return [{ dtype: "f32", shape: [parts, 5], data: Float64Array.from(rows.flat()) }];
}

function statisticsOf(values: Float64Array, foreground: number | undefined): number[] {
  if (values.length === 0) return [0, 0, 0, 0, 0];
  let least = Infinity;
  let greatest = -Infinity;
  for (const x of values) {
    least = Math.min(least, x);
    greatest = Math.max(greatest, x);
  }
  const limit = foreground === undefined ? -Infinity : Math.fround(Math.fround(foreground) * greatest);
  const counted = values.filter((x) => x > limit);
  const count = Math.max(counted.length, 1);
  const mean = counted.reduce((sum, x) => sum + x, 0) / count;
  const variance = counted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count;
  return [counted.length, mean, Math.sqrt(variance), least, greatest];
}
