/** Shapes: asking for them, changing them, and values that the host makes. */
import { sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { arrayOf, elementOf, hostValue, numbersOf, shapeValue } from "../host_value.ts";
import { axisOf, input, type NodeView, numbersFrom, type Operator, UnsupportedNode } from "../operator.ts";

const constant: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const { attributes } = node;
    if (attributes.has("value")) return [lowering.constant(attributes.tensor("value"))];
    if (attributes.has("value_float")) {
      return [lowering.constant(hostValue("f32", [], [attributes.number("value_float")]))];
    }
    if (attributes.has("value_int")) return [lowering.constant(hostValue("i64", [], [attributes.number("value_int")]))];
    for (const [name, dtype] of [["value_floats", "f32"], ["value_ints", "i64"]] as const) {
      if (!attributes.has(name)) continue;
      const values = attributes.numbers(name);
      return [lowering.constant(hostValue(dtype, [values.length], values))];
    }
    throw new UnsupportedNode("constants of text and sparse ones are not supported");
  },
};

const shape: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const extents = input(node, 0).shape;
    const end = node.attributes.number("end", extents.length);
    return [lowering.constant(shapeValue(extents.slice(node.attributes.number("start", 0), end)))];
  },
};

const size: Operator = {
  opsets: [1],
  lower: (lowering, node) => [lowering.constant(hostValue("i64", [], [sizeOf(input(node, 0).shape)]))],
};

/** 0 keeps an extent (unless `allowzero`), -1 takes what is left. */
const reshape: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const asked = numbersFrom(lowering, node, "shape", 1)!;
    const keep = node.attributes.number("allowzero", 0) === 0;
    const extents = asked.map((extent, axis) => extent === 0 && keep ? x.shape[axis] : extent);
    const open = extents.indexOf(-1);
    if (open >= 0) {
      const rest = sizeOf(extents.filter((_, axis) => axis !== open));
      extents[open] = rest === 0 ? 0 : sizeOf(x.shape) / rest;
    }
    if (extents.some((extent) => !Number.isInteger(extent) || extent < 0)) {
      throw new ModelError(`a value of shape [${x.shape}] can't take the shape [${asked}]`);
    }
    return [lowering.reshape(x, extents)];
  },
};

const flatten: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const axis = axisOf(node.attributes.number("axis", 1), x.shape.length + 1);
    const given = node.attributes.number("axis", 1);
    const at = given < 0 ? given + x.shape.length : axis;
    return [lowering.reshape(x, [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at))])];
  },
};

const squeeze: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const axes = numbersFrom(lowering, node, "axes", 1)?.map((axis) => axisOf(axis, x.shape.length));
    const dropped = axes ?? x.shape.flatMap((extent, axis) => extent === 1 ? [axis] : []);
    return [lowering.reshape(x, x.shape.filter((_, axis) => !dropped.includes(axis)))];
  },
};

const unsqueeze: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const given = numbersFrom(lowering, node, "axes", 1)!;
    const axes = given.map((axis) => axisOf(axis, x.shape.length + given.length)).sort((a, b) => a - b);
    const extents = [...x.shape];
    for (const axis of axes) extents.splice(axis, 0, 1);
    return [lowering.reshape(x, extents)];
  },
};

const range: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const [start, limit, step] = [0, 1, 2].map((position) => lowering.host(input(node, position)));
    const [first, last, by] = [start, limit, step].map((value) => numbersOf(value)[0]);
    if (by === 0) throw new ModelError("its step is 0");
    const count = Math.max(0, Math.ceil((last - first) / by));
    const value = lowering.filled(start.dtype, [count], 0);
    for (let i = 0; i < count; i++) value.data[i] = elementOf(start.dtype, first + i * by);
    return [lowering.constant(value)];
  },
};

const identity: Operator = {
  opsets: [1],
  lower: (_, node) => [input(node, 0)],
};

/** In inference nothing is dropped; the mask, where asked for, is all true. */
const dropout: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    if (trains(node, (position) => numbersOf(lowering.host(input(node, position)))[0])) {
      throw new UnsupportedNode("training is not supported");
    }
    if (node.outputs.length < 2) return [x];
    const mask = arrayOf("bool", sizeOf(x.shape)).fill(1 as never);
    return [x, lowering.constant({ dtype: "bool", shape: x.shape, data: mask })];
  },
};

/** Training with a ratio of 0 drops nothing either. */
function trains(node: NodeView, at: (position: number) => number): boolean {
  if (node.opset < 7) return node.attributes.has("is_test") && node.attributes.number("is_test") === 0;
  if (node.inputs[2] === undefined || at(2) === 0) return false;
  return node.inputs[1] === undefined || at(1) !== 0;
}

/** Shape operators by ONNX's names. */
export const shapes: Readonly<Record<string, Operator>> = {
  Constant: constant,
  Shape: shape,
  Size: size,
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Range: range,
  Identity: identity,
  Dropout: dropout,
};
