import type { HostTensor } from "../../contract.ts";
import type { ThresholdOptions } from "./threshold.ts";

/** Compares each value with the threshold in f32. */
export function thresholdTwin([input]: readonly HostTensor[], { at }: ThresholdOptions): HostTensor[] {
  const limit = Math.fround(at);
  return [{ dtype: "f32", shape: input.shape, data: input.data.map((x) => x > limit ? 1 : 0) }];
}
