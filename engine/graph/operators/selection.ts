/** Operators that choose elements, or say which ones were chosen. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, numbersOf } from "../host_value.ts";
import { axisOf, input, type Lowering, type Operand, type Operator } from "../operator.ts";
import { dtypeOf } from "../tensor_proto.ts";
import { converted } from "./convert.ts";
import { binary, scalarLike } from "./elementwise.ts";
import { uniqueOf } from "./unique.ts";

function argReduce(kind: "max" | "min"): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      const x = input(node, 0);
      return [lowering.apply(nn.argReduce, [x], {
        kind,
        axis: axisOf(node.attributes.number("axis", 0), x.shape.length),
        keepDims: node.attributes.number("keepdims", 1) === 1,
        last: node.attributes.number("select_last_index", 0) === 1,
      })];
    },
  };
}

/** The numbers from 0 on along an axis of some rank. */
function positions(lowering: Lowering, count: number, axis: number, rank: number): Operand {
  const shape = new Array<number>(rank).fill(1).with(axis, count);
  return lowering.constant(hostValue("i64", shape, Array.from({ length: count }, (_, i) => i)));
}

/** 1 at the first greatest element, else 0. Before version 13 all axes from `axis` on count as one. */
const hardmax: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const given = input(node, 0);
    const axis = axisOf(node.attributes.number("axis", node.opset < 13 ? 1 : -1), given.shape.length);
    const flat = [sizeOf(given.shape.slice(0, axis)), sizeOf(given.shape.slice(axis))];
    const x = node.opset < 13 ? lowering.reshape(given, flat) : given;
    const along = node.opset < 13 ? 1 : axis;
    const greatest = lowering.apply(nn.argReduce, [x], { kind: "max", axis: along });
    const at = positions(lowering, x.shape[along], along, x.shape.length);
    const chosen = binary(lowering, "equal", at, greatest);
    return [lowering.reshape(converted(lowering, chosen, x.dtype), given.shape)];
  },
};

/** Indices outside of the depth choose nothing; negative ones count from the end. */
const oneHot: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const given = input(node, 0);
    const values = input(node, 2);
    const depth = Math.trunc(numbersOf(lowering.host(input(node, 1)))[0]);
    const rank = given.shape.length + 1;
    const axis = axisOf(node.attributes.number("axis", -1), rank);
    const integers = converted(lowering, given, "i64");
    const indices = lowering.reshape(integers, given.shape.toSpliced(axis, 0, 1));
    const below = binary(lowering, "less", indices, scalarLike(lowering, indices, 0));
    const wrapped = binary(lowering, "add", indices, scalarLike(lowering, indices, depth));
    const at = lowering.apply(nn.where, [below, wrapped, indices], {});
    const chosen = binary(lowering, "equal", at, positions(lowering, depth, axis, rank));
    const value = (start: number) =>
      lowering.reshape(lowering.apply(nn.slice, [values], { starts: [start], steps: [1], sizes: [1] }), []);
    return [lowering.apply(nn.where, [chosen, value(1), value(0)], {})];
  },
};

const gatherElements: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const [x, indices] = [input(node, 0), input(node, 1)];
    const axis = axisOf(node.attributes.number("axis", 0), x.shape.length);
    return [lowering.apply(nn.gatherElements, [x, indices], { axis })];
  },
};

/** The slices at which a condition holds, whose number the host has to know. */
const compress: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const given = input(node, 0);
    const isFlat = !node.attributes.has("axis");
    const x = isFlat ? lowering.reshape(given, [sizeOf(given.shape)]) : given;
    const axis = isFlat ? 0 : axisOf(node.attributes.number("axis"), x.shape.length);
    const kept = numbersOf(lowering.host(input(node, 1))).flatMap((holds, i) => holds === 0 ? [] : [i]);
    if (kept.some((i) => i >= x.shape[axis])) throw new ModelError(`its condition is longer than axis ${axis}`);
    const indices = lowering.constant(hostValue("i64", [kept.length], kept));
    return [lowering.apply(nn.gather, [x, indices], { axis })];
  },
};

/** Each sequence's first elements in reverse order, as many as its length says. */
const reverseSequence: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const time = axisOf(node.attributes.number("time_axis", 0), x.shape.length);
    const batch = axisOf(node.attributes.number("batch_axis", 1), x.shape.length);
    const along = x.shape.map((_, axis) => axis === batch ? x.shape[batch] : 1);
    const lengths = lowering.reshape(converted(lowering, input(node, 1), "i64"), along);
    return [reversed(lowering, x, time, lengths)];
  },
};

/** The first `lengths` elements along an axis in reverse; the others stay. */
export function reversed(lowering: Lowering, x: Operand, axis: number, lengths: Operand): Operand {
  const at = positions(lowering, x.shape[axis], axis, x.shape.length);
  const last = binary(lowering, "subtract", lengths, scalarLike(lowering, lengths, 1));
  const turned = binary(lowering, "subtract", last, at);
  const inside = binary(lowering, "less", at, lengths);
  const chosen = lowering.apply(nn.where, [inside, turned, at], {});
  const full = String(chosen.shape) === String(x.shape)
    ? chosen
    : lowering.apply(nn.expand, [chosen], { shape: x.shape });
  return lowering.apply(nn.gatherElements, [x, full], { axis });
}

const eyeLike: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const x = input(node, 0);
    if (x.shape.length !== 2) throw new ModelError(`a value of shape [${x.shape}] isn't a matrix`);
    const [rows, columns] = x.shape;
    const diagonal = node.attributes.number("k", 0);
    const dtype = node.attributes.has("dtype") ? dtypeOf(node.attributes.number("dtype")) : x.dtype;
    const ones = Array.from({ length: rows * columns }, (_, i) => {
      return i % columns - Math.floor(i / columns) === diagonal ? 1 : 0;
    });
    return [lowering.constant(hostValue(dtype, [rows, columns], ones))];
  },
};

/** The different elements or slices, which the host finds: their number depends on data. */
const unique: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const given = input(node, 0);
    const value = lowering.host(given);
    const axis = node.attributes.has("axis") ? axisOf(node.attributes.number("axis"), given.shape.length) : undefined;
    const sorted = node.attributes.number("sorted", 1) === 1;
    return uniqueOf(value, axis, sorted).map((result) => lowering.constant(result));
  },
};

/** Selection by ONNX's names. */
export const selection: Readonly<Record<string, Operator>> = {
  ArgMax: argReduce("max"),
  ArgMin: argReduce("min"),
  Hardmax: hardmax,
  OneHot: oneHot,
  GatherElements: gatherElements,
  Compress: compress,
  ReverseSequence: reverseSequence,
  EyeLike: eyeLike,
  Unique: unique,
};
