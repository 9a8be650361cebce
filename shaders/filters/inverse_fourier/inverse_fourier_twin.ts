import type { HostTensor } from "../../contract.ts";
import { joinTwin, partsTwin, transformTwin } from "../fourier/fourier_twin.ts";
import { type InverseFourierOptions, inverseGeometry } from "./inverse_fourier.ts";

/** {@linkcode inverseFourier} in f64. A real result is the transform of the half along x and its conjugates. */
export function inverseFourierTwin([input]: readonly HostTensor[], options: InverseFourierOptions): HostTensor[] {
  const { extents, axes, shape } = inverseGeometry(input, options);
  if (options.complex) return [joinTwin(transformTwin(partsTwin(input), extents, axes, true), shape)];
  const others = axes.filter((axis) => axis !== "x");
  const { real, imaginary } = transformTwin(partsTwin(input), extents, others, true);
  const { width } = extents;
  const whole = { real: Float64Array.from(real), imaginary: Float64Array.from(imaginary) };
  for (let at = 0; at < real.length; at++) {
    const k = at % width;
    const opposite = at - k + (width - k) % width;
    if (2 * k % width === 0) whole.imaginary[at] = 0;
    if (2 * k <= width) continue;
    whole.real[at] = real[opposite];
    whole.imaginary[at] = -imaginary[opposite];
  }
  return [{ dtype: "f32", shape: [...shape], data: transformTwin(whole, extents, ["x"], true).real }];
}
