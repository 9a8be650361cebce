import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { convolutionTransposeGeometry } from "../convolution/geometry.ts";
import { epilogueTwin, splitAdded } from "../epilogue.ts";
import type { ConvolutionTransposeOptions } from "./convolution_transpose.ts";

/** Transposed convolution in f64: every input adds its multiple of the kernel to the output. */
export function convolutionTransposeTwin(
  inputs: readonly HostTensor[],
  options: ConvolutionTransposeOptions,
): HostTensor[] {
  const g = convolutionTransposeGeometry(inputs, options);
  const { own: [x, weight, bias], added } = splitAdded(inputs, options.epilogue);
  const shape = [g.batch, g.outChannels, ...g.output];
  const plane = sizeOf(g.output), taps = sizeOf(g.kernel);
  const data = new Float64Array(sizeOf(shape));
  if (bias) data.forEach((_, index) => data[index] = bias.data[Math.floor(index / plane) % g.outChannels]);
  const strides = stridesOf(g.output);
  const outPerGroup = g.outChannels / g.groups, inPerGroup = g.inChannels / g.groups;
  let index = 0;
  for (const [n, c, ...at] of positions(x.shape)) {
    const group = Math.floor(c / inPerGroup);
    let tap = 0;
    for (const k of positions(g.kernel)) {
      let to = 0, inside = true;
      for (let axis = 0; axis < k.length; axis++) {
        const o = at[axis] * g.strides[axis] - g.padsBegin[axis] + k[axis] * g.dilations[axis];
        inside = inside && o >= 0 && o < g.output[axis];
        to += o * strides[axis];
      }
      for (let m = 0; inside && m < outPerGroup; m++) {
        const channel = n * g.outChannels + group * outPerGroup + m;
        data[channel * plane + to] += x.data[index] * weight.data[(c * outPerGroup + m) * taps + tap];
      }
      tap++;
    }
    index++;
  }
  data.forEach((value, at) => data[at] = epilogueTwin(value, added?.data[at] ?? 0, options.epilogue));
  return [{ dtype: x.dtype, shape, data }];
}
