import type { JoinedConvolutionOptions } from "./joined_convolution.ts";

/** Inputs of a convolution of joined maps by what they are. */
export interface JoinedInputs<T> {
  readonly maps: readonly { readonly x: T; readonly moments: T | undefined; readonly doublings: number }[];
  /** Weights, bias and the tensor to add. */
  readonly rest: readonly T[];
}

/** Sorts the inputs by what they are. */
export function joinedInputs<T>(inputs: readonly T[], options: JoinedConvolutionOptions): JoinedInputs<T> {
  let at = 0;
  const maps = options.maps.map(({ doublings, normalized }) => {
    const x = inputs[at++];
    return { x, moments: normalized ? inputs[at++] : undefined, doublings };
  });
  return { maps, rest: inputs.slice(at) };
}
