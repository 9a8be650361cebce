import type { HostTensor } from "../../contract.ts";
import type { FillOptions } from "./fill.ts";

/** The image where it is valid, else a value. */
export function fillTwin([input, valid]: readonly HostTensor[], { value }: FillOptions): HostTensor[] {
  return [{ ...input, data: input.data.map((x, at) => valid.data[at] > 0.5 ? x : Math.fround(value)) }];
}
