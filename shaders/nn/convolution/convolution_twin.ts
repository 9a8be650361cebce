import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { epilogueTwin, splitAdded } from "../epilogue.ts";
import type { ConvolutionOptions } from "./convolution.ts";
import { convolutionGeometry } from "./geometry.ts";

/** Convolution in f64, from its definition. */
export function convolutionTwin(inputs: readonly HostTensor[], options: ConvolutionOptions): HostTensor[] {
  const g = convolutionGeometry(inputs, options);
  const { own: [x, weight, bias], added } = splitAdded(inputs, options.epilogue);
  const shape = [g.batch, g.outChannels, ...g.output];
  const data = new Float64Array(sizeOf(shape));
  const inputStrides = stridesOf(g.input);
  const perGroup = g.inChannels / g.groups;
  let index = 0;
  for (const [n, m, ...at] of positions(shape)) {
    const group = Math.floor(m / (g.outChannels / g.groups));
    let sum = bias ? bias.data[m] : 0;
    for (let c = 0; c < perGroup; c++) {
      let tap = 0;
      for (const k of positions(g.kernel)) {
        let from = 0, inside = true;
        for (let axis = 0; axis < k.length; axis++) {
          const i = at[axis] * g.strides[axis] - g.padsBegin[axis] + k[axis] * g.dilations[axis];
          inside = inside && i >= 0 && i < g.input[axis];
          from += i * inputStrides[axis];
        }
        const channel = n * g.inChannels + group * perGroup + c;
        const value = inside ? x.data[channel * sizeOf(g.input) + from] : 0;
        sum += value * weight.data[(m * perGroup + c) * sizeOf(g.kernel) + tap];
        tap++;
      }
    }
    data[index] = epilogueTwin(sum, added?.data[index] ?? 0, options.epilogue);
    index++;
  }
  return [{ dtype: x.dtype, shape, data }];
}
