import type { HostTensor, Operation } from "../../shaders/mod.ts";
import {
  arrayOf,
  broadcastShape,
  broadcastTo,
  elementOf,
  type HostDType,
  type HostValue,
  hostValue,
  isFloat,
  isWide,
  numbersOf,
  selectElements,
  sizeOf,
  stridesOf,
} from "./host_value.ts";

type Evaluate = (inputs: readonly HostValue[], options: Record<string, unknown>) => HostValue;

/**
 * Evaluates a canonical operation of one output on the host: movement and integer arithmetic exactly, everything else by
 * the operation's twin.
 */
export function evaluate<O>(operation: Operation<O>, inputs: readonly HostValue[], options: O): HostValue {
  const exact = evaluators[operation.name];
  if (exact !== undefined) {
    const result = exact(inputs, options as Record<string, unknown>);
    if (result !== undefined) return result;
  }
  const [output] = operation.twin(inputs.map(toTwin), options);
  return hostValue(output.dtype, output.shape, output.data);
}

function toTwin(value: HostValue): HostTensor {
  return { dtype: value.dtype as HostTensor["dtype"], shape: value.shape, data: Float64Array.from(numbersOf(value)) };
}

const evaluators: Readonly<Record<string, (...of: Parameters<Evaluate>) => HostValue | undefined>> = {
  transpose: ([x], { permutation }) =>
    transpose(x, (permutation ?? x.shape.map((_, axis) => x.shape.length - 1 - axis)) as number[]),
  slice: ([x], { starts, steps, sizes }) =>
    slice(x, starts as number[], steps as number[] | undefined, sizes as number[]),
  gather: ([x, indices], { axis }) => gather(x, indices, fromStart(axis as number, x)),
  concat: (values, { axis }) => concat(values, fromStart(axis as number, values[0])),
  expand: ([x], { shape }) => broadcastTo(x, shape as number[]),
  cast: ([x], { to }) => cast(x, to as HostDType),
  where: ([condition, a, b]) => where(condition, a, b),
  binary: ([a, b], { op }) => isWide(a.dtype) ? wideBinary(a, b, op as string) : undefined,
};

function fromStart(axis: number, value: HostValue): number {
  return axis < 0 ? axis + value.shape.length : axis;
}

function transpose(x: HostValue, permutation: readonly number[]): HostValue {
  const shape = permutation.map((axis) => x.shape[axis]);
  const own = stridesOf(x.shape);
  return selectStrided(x, shape, 0, permutation.map((axis) => own[axis]));
}

function slice(
  x: HostValue,
  starts: readonly number[],
  steps: readonly number[] | undefined,
  sizes: readonly number[],
): HostValue {
  const own = stridesOf(x.shape);
  const first = starts.reduce((sum, start, axis) => sum + start * own[axis], 0);
  return selectStrided(x, sizes, first, own.map((stride, axis) => stride * (steps?.[axis] ?? 1)));
}

function selectStrided(x: HostValue, shape: readonly number[], first: number, by: readonly number[]): HostValue {
  const strides = stridesOf(shape);
  return selectElements(x, shape, (index) => {
    let at = first;
    for (let axis = 0; axis < shape.length; axis++) at += Math.floor(index / strides[axis]) % shape[axis] * by[axis];
    return at;
  });
}

function gather(x: HostValue, indices: HostValue, axis: number): HostValue {
  const extent = x.shape[axis];
  const at = numbersOf(indices).map((index) => index < 0 ? index + extent : index);
  const outside = at.find((index) => index < 0 || index >= extent);
  if (outside !== undefined) throw new RangeError(`index ${outside} is outside of an axis of ${extent}`);
  const inner = sizeOf(x.shape.slice(axis + 1));
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return selectElements(x, shape, (index) => {
    const block = Math.floor(index / inner);
    const outer = Math.floor(block / at.length);
    return (outer * extent + at[block % at.length]) * inner + index % inner;
  });
}

function concat(values: readonly HostValue[], axis: number): HostValue {
  const [first] = values;
  const extent = values.reduce((sum, value) => sum + value.shape[axis], 0);
  const shape = first.shape.map((own, i) => i === axis ? extent : own);
  const result: HostValue = { dtype: first.dtype, shape, data: arrayOf(first.dtype, sizeOf(shape)) };
  const outer = sizeOf(shape.slice(0, axis));
  const inner = sizeOf(shape.slice(axis + 1));
  let begin = 0;
  for (const value of values) {
    const length = value.shape[axis] * inner;
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < length; i++) result.data[o * extent * inner + begin + i] = value.data[o * length + i];
    }
    begin += length;
  }
  return result;
}

/** Conversion between types by ONNX's rules: to integers by truncation, to bool by "is not zero". */
export function cast(x: HostValue, to: HostDType): HostValue {
  const whole = !isFloat(to) && isFloat(x.dtype) && to !== "bool";
  const values = Array.from(x.data as ArrayLike<number | bigint>, (value) => {
    return elementOf(to, whole ? Math.trunc(value as number) : value);
  });
  return hostValue(to, x.shape, values);
}

function where(condition: HostValue, a: HostValue, b: HostValue): HostValue {
  const shape = broadcastShape(condition.shape, a.shape, b.shape)!;
  const [test, yes, no] = [condition, a, b].map((value) => broadcastTo(value, shape).data);
  return hostValue(a.dtype, shape, Array.from(test as ArrayLike<number>, (is, i) => is ? yes[i] : no[i]));
}

const wide: Readonly<Record<string, (a: bigint, b: bigint) => bigint | boolean>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => b === 0n ? 0n : a / b,
  modulo: (a, b) => b === 0n ? 0n : ((a % b) + b) % b,
  minimum: (a, b) => a < b ? a : b,
  maximum: (a, b) => a > b ? a : b,
  equal: (a, b) => a === b,
  less: (a, b) => a < b,
  lessOrEqual: (a, b) => a <= b,
  greater: (a, b) => a > b,
  greaterOrEqual: (a, b) => a >= b,
};

function wideBinary(a: HostValue, b: HostValue, op: string): HostValue | undefined {
  const compute = wide[op];
  if (compute === undefined) return undefined;
  const shape = broadcastShape(a.shape, b.shape)!;
  const left = broadcastTo(a, shape).data as BigInt64Array;
  const right = broadcastTo(b, shape).data as BigInt64Array;
  const values = Array.from(left, (value, i) => compute(value, right[i]));
  if (typeof values[0] === "boolean") return hostValue("bool", shape, values.map(Number));
  return hostValue(a.dtype, shape, values as bigint[]);
}
