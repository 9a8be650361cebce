import type { HostTensor } from "../../contract.ts";
import { positions, sizeOf, stridesOf } from "../../shape.ts";
import { axisOf } from "../../checks.ts";
import { type ConcatOptions, doubledShape } from "./concat.ts";

/** The inputs one after the other. */
export function concatTwin(given: readonly HostTensor[], options: ConcatOptions): HostTensor[] {
  const inputs = given.map((input, i) => doubled(input, options.doublings?.[i] ?? 0));
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

/** Each element repeated along the axes from the third on. */
function doubled(input: HostTensor, doublings: number): HostTensor {
  if (doublings === 0) return input;
  const shape = doubledShape(input, doublings), strides = stridesOf(input.shape);
  const data = new Float64Array(sizeOf(shape));
  let index = 0;
  for (const at of positions(shape)) {
    const from = at.map((position, axis) => axis < 2 ? position : Math.floor(position / 2 ** doublings));
    data[index++] = input.data[from.reduce((sum, position, axis) => sum + position * strides[axis], 0)];
  }
  return { ...input, shape, data };
}
