import type { HostTensor } from "../../contract.ts";
import { broadcastStrides, isFloat, positions, sizeOf } from "../../shape.ts";
import { wrapTwin } from "../integers.ts";
import { epilogueTwin, splitAdded } from "../epilogue.ts";
import { broadcast } from "../../checks.ts";
import type { BinaryOptions } from "./binary.ts";
import { binaryFunctions } from "./binary_table.ts";

/** A function of two elements in f64, or of whole numbers. */
export function binaryTwin(inputs: readonly HostTensor[], { op, epilogue }: BinaryOptions): HostTensor[] {
  const { own: [a, b], added } = splitAdded(inputs, epilogue);
  const shape = broadcast("binary", a.shape, b.shape);
  const { twin, test } = binaryFunctions[op];
  const dtype = test ? "bool" : a.dtype;
  const float = isFloat(a.dtype);
  const [strideA, strideB] = [a, b].map((input) => broadcastStrides(input.shape, shape));
  const dot = (at: readonly number[], strides: readonly number[]) =>
    at.reduce((sum, position, axis) => sum + position * strides[axis], 0);
  const data = new Float64Array(sizeOf(shape));
  let index = 0;
  for (const at of positions(shape)) {
    const value = twin(a.data[dot(at, strideA)], b.data[dot(at, strideB)], !float);
    data[index] = test
      ? value
      : float
      ? epilogueTwin(value, added?.data[index] ?? 0, epilogue)
      : wrapTwin(value, dtype);
    index++;
  }
  return [{ dtype, shape, data }];
}
