import type { HostTensor } from "../../contract.ts";
import { joinTwin, partsTwin, transformTwin } from "../fourier/fourier_twin.ts";
import { type InverseFourierOptions, inverseGeometry } from "./inverse_fourier.ts";

/** {@linkcode inverseFourier} in f64: the whole transform, of which a real image is the real part. */
export function inverseFourierTwin([input]: readonly HostTensor[], options: InverseFourierOptions): HostTensor[] {
  const { extents, axes, shape } = inverseGeometry(input, options);
  const numbers = transformTwin(partsTwin(input), extents, axes, true);
  if (options.complex) return [joinTwin(numbers, shape)];
  return [{ dtype: "f32", shape: [...shape], data: numbers.real }];
}
