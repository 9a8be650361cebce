import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import type { InstanceMomentsOptions } from "./instance_moments.ts";

/** Mean, factor and bias of each image and channel in f64, from their definitions. */
export function instanceMomentsTwin(
  [x, scale, bias]: readonly HostTensor[],
  { epsilon, groups }: InstanceMomentsOptions,
): HostTensor[] {
  const [batch, channels] = x.shape;
  const group = channels / (groups ?? channels);
  const inner = sizeOf(x.shape.slice(2)), length = inner * group;
  const data = new Float64Array(batch * 3 * channels);
  for (let line = 0; line < batch * channels; line++) {
    const values = x.data.subarray((line - line % group) * inner).subarray(0, length);
    const mean = values.reduce((sum, value) => sum + value, 0) / length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / length;
    const n = Math.floor(line / channels), c = line % channels;
    const place = (row: number) => (n * 3 + row) * channels + c;
    data[place(0)] = mean;
    data[place(1)] = scale.data[c] / Math.sqrt(variance + epsilon);
    data[place(2)] = bias.data[c];
  }
  return [{ dtype: x.dtype, shape: [batch, 3, channels], data }];
}
