import { type ExactTensor, type HostTensor, type Operation, sizeOf } from "../../shaders/mod.ts";
import { arrayOf, type HostValue, hostValue, isWide, numbersOf } from "./host_value.ts";

/**
 * Evaluates a canonical operation on the host: what moves elements for any type, integers of 64 bits exactly where the
 * operation can, everything else by its twin.
 */
export function evaluate<O>(operation: Operation<O>, inputs: readonly HostValue[], options: O): HostValue[] {
  if (operation.moves !== undefined) return move(operation, operation.moves, inputs, options);
  if (inputs.every(({ dtype }) => isWide(dtype))) {
    const exact = operation.exact?.(inputs as unknown as ExactTensor[], options);
    if (exact !== undefined) return [exact];
  }
  const outputs = operation.twin(inputs.map(toTwin), options);
  return outputs.map((output) => hostValue(output.dtype, output.shape, output.data));
}

function toTwin(value: HostValue): HostTensor {
  return { dtype: value.dtype as HostTensor["dtype"], shape: value.shape, data: Float64Array.from(numbersOf(value)) };
}

/** The twin is given the index of each element in place of the element, and so tells which goes where. */
function move<O>(
  operation: Operation<O>,
  moves: "all" | readonly number[],
  inputs: readonly HostValue[],
  options: O,
): HostValue[] {
  const starts: number[] = [];
  let total = 0;
  const indexed = inputs.map((value, position): HostTensor => {
    if (moves !== "all" && !moves.includes(position)) return toTwin(value);
    const start = total;
    starts[position] = start;
    total += value.data.length;
    const data = Float64Array.from({ length: value.data.length }, (_, index) => start + index);
    return { dtype: value.dtype as HostTensor["dtype"], shape: value.shape, data };
  });
  const moved = starts.flatMap((start, position) => ({ start, value: inputs[position] }));
  return operation.twin(indexed, options).map(({ shape, data }) => {
    const { dtype } = moved[0].value;
    const result = arrayOf(dtype, sizeOf(shape));
    for (let i = 0; i < result.length; i++) {
      let at = moved.length - 1;
      while (moved[at].start > data[i]) at--;
      result[i] = moved[at].value.data[data[i] - moved[at].start];
    }
    return { dtype, shape: [...shape], data: result };
  });
}
