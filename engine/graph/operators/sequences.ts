/** Lists of tensors and values that may be missing. They exist while a model is lowered: the device sees tensors only. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, numbersOf } from "../host_value.ts";
import { axisOf, input, type Lowering, type NodeView, type Operand, type Operator } from "../operator.ts";
import { dtypeOf } from "../tensor_proto.ts";
import { sliced } from "./movement.ts";

function sequence(items: readonly Operand[], dtype: Operand["dtype"]): Operand {
  return { dtype, shape: [items.length], source: { kind: "host" }, items };
}

function itemsOf(node: NodeView, position: number): readonly Operand[] {
  const { items } = input(node, position);
  if (items === undefined) throw new ModelError(`input ${position} is a tensor, it must be a sequence`);
  return items;
}

/** A position given as an input, or the default; from -count to count - 1, or to count where one is inserted. */
function positionOf(lowering: Lowering, node: NodeView, at: number, otherwise: number, count: number): number {
  const operand = node.inputs[at];
  const given = operand === undefined ? otherwise : numbersOf(lowering.host(operand))[0];
  const position = given < 0 ? given + count : given;
  if (position >= 0 && position <= count) return position;
  throw new ModelError(`position ${given} is outside of a sequence of ${count}`);
}

function itemAt(items: readonly Operand[], position: number): Operand {
  const item = items[position];
  if (item === undefined) throw new ModelError(`position ${position} is outside of a sequence of ${items.length}`);
  return item;
}

const construct: Operator = {
  opsets: [11],
  lower: (_, node) => {
    const items = node.inputs.map((_, i) => input(node, i));
    return [sequence(items, items[0]?.dtype ?? "f32")];
  },
};

const empty: Operator = {
  opsets: [11],
  lower: (_, node) => [sequence([], dtypeOf(node.attributes.number("dtype", 1)))],
};

const at: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const items = itemsOf(node, 0);
    return [itemAt(items, positionOf(lowering, node, 1, 0, items.length))];
  },
};

const insert: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const items = itemsOf(node, 0);
    const item = input(node, 1);
    const position = positionOf(lowering, node, 2, items.length, items.length);
    return [sequence(items.toSpliced(position, 0, item), item.dtype)];
  },
};

const erase: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const items = itemsOf(node, 0);
    const position = positionOf(lowering, node, 1, items.length - 1, items.length);
    itemAt(items, position);
    return [sequence(items.toSpliced(position, 1), input(node, 0).dtype)];
  },
};

const length: Operator = {
  opsets: [11],
  lower: (lowering, node) => [lowering.constant(hostValue("i64", [], [itemsOf(node, 0).length]))],
};

/** Pieces of one size (the last one may be shorter), of given sizes, or of one position each. */
const split: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const axis = axisOf(node.attributes.number("axis", 0), x.shape.length);
    const extent = x.shape[axis];
    const given = node.inputs[1];
    const stated = given === undefined ? [1] : numbersOf(lowering.host(given));
    const even = given === undefined || given.shape.length === 0;
    if (even && !(stated[0] > 0)) throw new ModelError(`pieces of ${stated[0]} positions can't be made`);
    const sizes = even
      ? Array.from({ length: Math.ceil(extent / stated[0]) }, (_, i) => Math.min(stated[0], extent - i * stated[0]))
      : stated;
    const total = sizes.reduce((sum, size) => sum + size, 0);
    if (total !== extent) {
      throw new ModelError(`pieces of ${stated} are ${total} positions, axis ${axis} has ${extent}`);
    }
    const keep = given !== undefined || node.attributes.number("keepdims", 1) === 1;
    let start = 0;
    const items = sizes.map((size) => {
      const piece = sliced(lowering, x, [{ axis, start, size }]);
      start += size;
      return keep ? piece : lowering.reshape(piece, x.shape.toSpliced(axis, 1));
    });
    return [sequence(items, x.dtype)];
  },
};

const concat: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const items = itemsOf(node, 0);
    if (items.length === 0) throw new ModelError("a sequence without tensors can't be put together");
    const isNew = node.attributes.number("new_axis", 0) === 1;
    const axis = axisOf(node.attributes.number("axis"), items[0].shape.length + (isNew ? 1 : 0));
    const pieces = isNew ? items.map((item) => lowering.reshape(item, item.shape.toSpliced(axis, 0, 1))) : items;
    return [pieces.length === 1 ? pieces[0] : lowering.apply(nn.concat, pieces, { axis })];
  },
};

/** What isn't given is an operand that says so. */
const optional: Operator = {
  opsets: [15],
  lower: (_, node) => {
    const value = node.inputs[0];
    return [value ?? { dtype: "f32", shape: [], source: { kind: "host" }, missing: true }];
  },
};

const hasElement: Operator = {
  opsets: [15],
  lower: (lowering, node) => {
    const value = node.inputs[0];
    return [lowering.constant(hostValue("bool", [], [value === undefined || value.missing ? 0 : 1]))];
  },
};

const getElement: Operator = {
  opsets: [15],
  lower: (_, node) => {
    const value = input(node, 0);
    if (value.missing) throw new ModelError("the value that it asks for is missing");
    return [value];
  },
};

/** Sequences and optional values by ONNX's names. */
export const sequences: Readonly<Record<string, Operator>> = {
  SequenceConstruct: construct,
  SequenceEmpty: empty,
  SequenceAt: at,
  SequenceInsert: insert,
  SequenceErase: erase,
  SequenceLength: length,
  SplitToSequence: split,
  ConcatFromSequence: concat,
  Optional: optional,
  OptionalHasElement: hasElement,
  OptionalGetElement: getElement,
};
