import type { HostTensor } from "../../contract.ts";
import { sizeOf } from "../../shape.ts";
import { concatTwin } from "../concat/concat_twin.ts";
import { convolutionTwin } from "../convolution/convolution_twin.ts";
import { epilogueTwin } from "../epilogue.ts";
import { joinedInputs } from "./inputs.ts";
import type { JoinedConvolutionOptions } from "./joined_convolution.ts";

/** The convolution in f64 of the maps one after the other, normalized and doubled before. */
export function joinedConvolutionTwin(
  inputs: readonly HostTensor[],
  options: JoinedConvolutionOptions,
): HostTensor[] {
  const { maps, rest } = joinedInputs(inputs, options);
  const made = maps.map(({ x, moments }) => moments === undefined ? x : normalized(x, moments, options));
  const [joined] = concatTwin(made, { axis: 1, doublings: maps.map(({ doublings }) => doublings) });
  return convolutionTwin([joined, ...rest], options);
}

function normalized(x: HostTensor, { data }: HostTensor, { activation }: JoinedConvolutionOptions): HostTensor {
  const channels = x.shape[1], inner = sizeOf(x.shape.slice(2));
  return {
    ...x,
    data: x.data.map((value, index) => {
      const line = Math.floor(index / inner);
      const c = line % channels;
      const [mean, factor, bias] = [0, 1, 2].map((row) => data[((line - c) / channels * 3 + row) * channels + c]);
      return epilogueTwin((value - mean) * factor + bias, 0, activation);
    }),
  };
}
