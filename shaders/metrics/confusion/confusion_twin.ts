import type { HostTensor } from "../../contract.ts";

/** Counts true positive, false positive, false negative, true negative elements. */
export function confusionTwin([mask, truth]: readonly HostTensor[]): HostTensor[] {
  const data = new Float64Array(4);
  mask.data.forEach((value, index) =>
    data[(value > 0.5 ? 0 : 2) + ((value > 0.5) === (truth.data[index] > 0.5) ? 0 : 1)]++
  );
  const [tp, fp, tn, fn] = data;
  return [{ dtype: "u32", shape: [4], data: Float64Array.of(tp, fp, fn, tn) }];
}
