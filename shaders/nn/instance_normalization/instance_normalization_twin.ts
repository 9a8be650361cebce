import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { epilogueTwin, splitAdded } from "../epilogue.ts";
import type { InstanceNormalizationOptions } from "./instance_normalization.ts";

/** Instance normalization in f64, from its definition. */
export function instanceNormalizationTwin(
  inputs: readonly HostTensor[],
  { epsilon, epilogue, groups }: InstanceNormalizationOptions,
): HostTensor[] {
  const { own: [x, scale, bias], added } = splitAdded(inputs, epilogue);
  const channels = x.shape[1], inner = sizeOf(x.shape.slice(2));
  const length = inner * channels / (groups ?? channels);
  const data = new Float64Array(x.data.length);
  for (let start = 0; start < data.length; start += length) {
    const values = x.data.subarray(start, start + length);
    const mean = values.reduce((sum, value) => sum + value, 0) / length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
    values.forEach((value, index) => {
      const c = Math.floor((start + index) / inner) % channels;
      const normal = scale.data[c] * (value - mean) / Math.sqrt(variance + epsilon) + bias.data[c];
      data[start + index] = epilogueTwin(normal, added?.data[start + index] ?? 0, epilogue);
    });
  }
  return [{ dtype: x.dtype, shape: x.shape, data }];
}
