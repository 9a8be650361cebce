import type { HostTensor } from "../../contract.ts";
import type { NormalizedRootMseOptions } from "./normalized_root_mse.ts";
import type { PeakSignalNoiseRatioOptions } from "./peak_signal_noise_ratio.ts";

const scalar = (value: number): HostTensor[] => [{ dtype: "f32", shape: [1], data: Float64Array.of(value) }];

const meanOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function squaredError([reference, test]: readonly HostTensor[]): number {
  return meanOf(reference.data.map((value, index) => (value - test.data[index]) ** 2));
}

/** {@linkcode meanSquaredError} in f64. */
export function meanSquaredErrorTwin(inputs: readonly HostTensor[]): HostTensor[] {
  return scalar(squaredError(inputs));
}

/** {@linkcode normalizedRootMse} in f64. */
export function normalizedRootMseTwin(
  inputs: readonly HostTensor[],
  { normalization }: NormalizedRootMseOptions,
): HostTensor[] {
  const { data } = inputs[0];
  const range = () =>
    data.reduce((most, value) => Math.max(most, value), -Infinity) -
    data.reduce((least, value) => Math.min(least, value), Infinity);
  const divisor = normalization === "euclidean"
    ? Math.sqrt(meanOf(data.map((value) => value ** 2)))
    : normalization === "mean"
    ? meanOf(data)
    : range();
  return scalar(Math.sqrt(squaredError(inputs)) / divisor);
}

/** {@linkcode peakSignalNoiseRatio} in f64. */
export function peakSignalNoiseRatioTwin(
  inputs: readonly HostTensor[],
  { dataRange }: PeakSignalNoiseRatioOptions,
): HostTensor[] {
  return scalar(10 * Math.log10(dataRange ** 2 / squaredError(inputs)));
}
