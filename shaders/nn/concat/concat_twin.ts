import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import type { ConcatOptions } from "./concat.ts";

/** The inputs one after the other. */
export function concatTwin(inputs: readonly HostTensor[], options: ConcatOptions): HostTensor[] {
  const [{ dtype, shape: first }] = inputs;
  const axis = axisOf("concat", options.axis, first.length);
  const shape = [...first];
  shape[axis] = inputs.reduce((sum, { shape }) => sum + shape[axis], 0);
  const data = new Float64Array(sizeOf(shape));
  const strides = stridesOf(shape);
  let begin = 0;
  for (const input of inputs) {
    let index = 0;
    for (const at of positions(input.shape)) {
      data[at.reduce((sum, position, i) => sum + (position + (i === axis ? begin : 0)) * strides[i], 0)] =
        input.data[index++];
    }
    begin += input.shape[axis];
  }
  return [{ dtype, shape, data }];
}
