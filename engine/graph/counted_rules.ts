/**
 * Operators on values that have room for more elements than there are: rules for those whose results have such room as
 * well, whatever lies there. Before all others the number of elements is read.
 */
import { nn, sizeOf } from "../../shaders/mod.ts";
import { ModelError } from "../errors.ts";
import { type Counted, mostRoom } from "./counted_values.ts";
import { hostValue, isFloat, numbersOf, shapeValue } from "./host_value.ts";
import { axisOf, givenInputs, input, type NodeView, numbersFrom, type Operand } from "./operator.ts";
import { suppressed } from "./operators/dynamic.ts";
import { binary } from "./operators/elementwise.ts";
import type { StepRecorder } from "./step_recorder.ts";
import { operatorOf } from "./supported.ts";

/** A node of which an input has room; nothing where there is no rule for it. */
type Rule = (node: CountedNode) => Operand[] | undefined;

class CountedNode {
  readonly recorder: StepRecorder;
  readonly view: NodeView;

  constructor(recorder: StepRecorder, view: NodeView) {
    this.recorder = recorder;
    this.view = view;
  }

  counted(operand: Operand): Counted | undefined {
    return this.recorder.known.counted.get(operand);
  }

  /** The node as if there were as much as there is room for, where each result has that room along an axis. */
  lowered(along: (result: Operand) => Counted): Operand[] | undefined {
    const results = operatorOf(this.view).lower(this.recorder, this.view);
    return results.every((result) => this.mark(result, along(result))) ? results : undefined;
  }

  /** Says that a result has room; what the host knows has none. */
  mark(result: Operand, counted: Counted): boolean {
    if (result.host !== undefined) return false;
    if (!this.recorder.known.counted.has(result)) this.recorder.known.counted.set(result, counted);
    return true;
  }

  /** The operand with another value where nothing is. */
  filled(x: Operand, { axis, count }: Counted, value: number): Operand {
    const { recorder } = this;
    const shape = x.shape.map((extent, i) => i === axis ? extent : 1);
    const room = recorder.constant(hostValue("i64", shape, Array.from({ length: x.shape[axis] }, (_, i) => i)));
    const isThere = binary(recorder, "less", room, count);
    return recorder.apply(nn.where, [isThere, x, recorder.constant(hostValue(x.dtype, [], [value]))], {});
  }
}

/** Functions of elements: all that has room has it along the same axis. */
const elementwise: Rule = (node) => {
  if (node.view.opset < 7) return undefined;
  const operands = givenInputs(node.view);
  const rank = Math.max(...operands.map(({ shape }) => shape.length));
  const [first] = operands.flatMap((x) => {
    const counted = node.counted(x);
    return counted ? [{ ...counted, axis: counted.axis + rank - x.shape.length }] : [];
  });
  if (first === undefined) return undefined;
  const fits = operands.every((x) => {
    const axis = first.axis - (rank - x.shape.length);
    const counted = node.counted(x);
    return counted ? counted.axis === axis && counted.count === first.count : (x.shape[axis] ?? 1) === 1;
  });
  const { axis, count, within } = first;
  return fits ? node.lowered(() => ({ axis, count, within })) : undefined;
};

/** Movement of one operand that keeps the axis, or moves it to another place. */
const moved = (place: (node: CountedNode, axis: number, shape: readonly number[]) => number | undefined): Rule => {
  return (node) => {
    const x = input(node.view, 0);
    const counted = node.counted(x);
    const axis = counted && place(node, counted.axis, x.shape);
    return counted && axis !== undefined ? node.lowered(() => ({ ...counted, axis })) : undefined;
  };
};

const transpose = moved(({ view }, axis, shape) => {
  const reversed = shape.map((_, i) => shape.length - 1 - i);
  return view.attributes.numbers("perm", reversed).indexOf(axis);
});

const split = moved(({ view }, axis, shape) => {
  return axisOf(view.attributes.number("axis", 0), shape.length) === axis ? undefined : axis;
});

const squeeze = moved(({ recorder, view }, axis, shape) => {
  const dropped = numbersFrom(recorder, view, "axes", 1)?.map((given) => axisOf(given, shape.length));
  return dropped === undefined || dropped.includes(axis) ? undefined : axis - dropped.filter((at) => at < axis).length;
});

const unsqueeze = moved(({ recorder, view }, axis, shape) => {
  const given = numbersFrom(recorder, view, "axes", 1)!;
  const added = given.map((at) => axisOf(at, shape.length + given.length)).sort((a, b) => a - b);
  return added.reduce((at, other) => other <= at ? at + 1 : at, axis);
});

const concat: Rule = (node) => {
  const operands = givenInputs(node.view);
  const all = operands.map((x) => node.counted(x));
  const [first] = all;
  if (first === undefined) return undefined;
  const along = axisOf(node.view.attributes.number("axis", 1), operands[0].shape.length);
  const same = all.every((counted) => counted?.count === first.count && counted.axis === first.axis);
  if (!same || (along === first.axis && operands.length > 1)) return undefined;
  const { natural: _, ...rest } = first;
  return node.lowered(() => all.every((counted) => counted?.natural) ? first : rest);
};

/** The first elements of what there is are at most as many. */
const slice: Rule = (node) => {
  const { recorder, view } = node;
  const x = input(view, 0);
  const counted = node.counted(x);
  if (counted === undefined) return undefined;
  const [starts, ends] = [numbersFrom(recorder, view, "starts", 1)!, numbersFrom(recorder, view, "ends", 2)!];
  const axes = numbersFrom(recorder, view, "axes", 3) ?? starts.map((_, i) => i);
  const steps = numbersFrom(recorder, view, "steps", 4) ?? starts.map(() => 1);
  const at = axes.findIndex((axis) => axisOf(axis, x.shape.length) === counted.axis);
  if (at < 0) return node.lowered(() => counted);
  if (starts[at] !== 0 || steps[at] !== 1 || ends[at] <= 0) return undefined;
  if (ends[at] >= x.shape[counted.axis]) return node.lowered(() => counted);
  const most = recorder.constant(hostValue("i64", [1], [ends[at]]));
  const count = binary(recorder, "minimum", counted.count, most);
  return node.lowered(() => ({ ...counted, count, within: [count, ...counted.within] }));
};

/** Indices in the room stand for some element, which nobody asks for. */
const gather: Rule = (node) => {
  const { recorder, view } = node;
  const [x, indices] = [input(view, 0), input(view, 1)];
  const axis = axisOf(view.attributes.number("axis", 0), x.shape.length);
  const elements = recorder.known.elements.get(x);
  if (elements !== undefined) return chosen(node, elements, indices);
  const [from, at] = [node.counted(x), node.counted(indices)];
  if (at === undefined) {
    if (from === undefined || from.axis === axis) return undefined;
    const shifted = from.axis < axis ? from.axis : from.axis + indices.shape.length - 1;
    return node.lowered(() => ({ ...from, axis: shifted }));
  }
  if (from !== undefined && from.axis !== axis) return undefined;
  // Negative indices would count from the end of what is there.
  if ((from !== undefined && at.natural === undefined) || x.shape[axis] === 0) return undefined;
  return node.lowered(() => ({ ...at, axis: axis + at.axis, natural: from?.natural }));
};

/** Elements of a shape, of which some may be known. */
function chosen(node: CountedNode, elements: readonly (number | Operand)[], indices: Operand): Operand[] | undefined {
  const { recorder } = node;
  if (indices.host === undefined) return undefined;
  const found = numbersOf(indices.host).map((index) => elements[index < 0 ? index + elements.length : index]);
  if (found.every((element) => typeof element === "number")) {
    return [recorder.constant(hostValue("i64", indices.shape, found))];
  }
  if (found.length !== 1 || typeof found[0] !== "object") return undefined;
  const result = recorder.reshape(found[0], indices.shape);
  recorder.known.elements.set(result, found);
  recorder.known.zeroWith.set(result, found[0]);
  return [result];
}

/** The first axis stays, the others are put together or taken apart. */
const reshape: Rule = (node) => {
  const { recorder, view } = node;
  const x = input(view, 0);
  const counted = node.counted(x);
  if (counted?.axis !== 0) return undefined;
  const rank = x.shape.length;
  const flat = view.operator === "Flatten" && axisOf(view.attributes.number("axis", 1), rank + 1) === 1;
  const asked = flat ? [-1, sizeOf(x.shape.slice(1))] : view.operator === "Reshape" ? shapeAsked(node, counted) : [];
  const [first, ...others] = asked;
  const keeps = first === -1 || (first === 0 && view.attributes.number("allowzero", 0) === 0);
  if (!keeps || others.some((extent) => extent <= 0) || sizeOf(others) !== sizeOf(x.shape.slice(1))) return undefined;
  const result = recorder.reshape(x, [x.shape[0], ...others]);
  return node.mark(result, counted) ? [result] : undefined;
};

function shapeAsked({ recorder, view }: CountedNode, { count }: Counted): number[] {
  const elements = view.inputs[1] && recorder.known.elements.get(view.inputs[1]);
  if (elements === undefined) return numbersFrom(recorder, view, "shape", 1)!;
  return elements.map((element) => typeof element === "number" ? element : element === count ? -1 : NaN);
}

/** The count among the extents stays on the device. */
const shape: Rule = (node) => {
  const { recorder, view } = node;
  const x = input(view, 0);
  const counted = node.counted(x);
  if (counted === undefined) return undefined;
  const end = view.attributes.number("end", x.shape.length);
  const elements = x.shape.map((extent, axis) => axis === counted.axis ? counted.count : extent)
    .slice(view.attributes.number("start", 0), end);
  const parts = elements.map((element) => {
    return typeof element === "number" ? recorder.constant(shapeValue([element])) : element;
  });
  if (parts.length === 0) return undefined;
  const result = parts.length === 1 ? parts[0] : recorder.apply(nn.concat, parts, { axis: 0 });
  if (result.host === undefined) recorder.known.elements.set(result, elements);
  return [result];
};

/** A product of extents is 0 where the count is, if no other one is 0. */
const product: Rule = (node) => {
  const x = input(node.view, 0);
  const elements = node.recorder.known.elements.get(x);
  const counts = elements?.filter((element) => typeof element === "object") ?? [];
  if (counts.length !== 1 || elements!.includes(0)) return undefined;
  const results = operatorOf(node.view).lower(node.recorder, node.view);
  if (sizeOf(results[0].shape) === 1) node.recorder.known.zeroWith.set(results[0], counts[0] as Operand);
  return results;
};

const equal: Rule = (node) => {
  const { recorder, view } = node;
  const sides = [input(view, 0), input(view, 1)];
  if (sides.some((side) => node.counted(side))) return elementwise(node);
  const at = sides.findIndex((side) => recorder.known.zeroWith.has(side));
  const { host } = sides[1 - at] ?? {};
  if (at < 0 || host?.data.length !== 1 || Number(host.data[0]) !== 0) return undefined;
  const results = operatorOf(view).lower(recorder, view);
  recorder.known.holdsWithout.set(results[0], recorder.known.zeroWith.get(sides[at])!);
  return results;
};

/** What changes no number. */
const cast: Rule = (node) => {
  const { known } = node.recorder;
  const x = input(node.view, 0);
  if (node.counted(x)) return elementwise(node);
  const results = operatorOf(node.view).lower(node.recorder, node.view);
  if (known.holdsWithout.has(x)) known.holdsWithout.set(results[0], known.holdsWithout.get(x)!);
  return results;
};

/** What lies in the room becomes what changes no result. */
const reduction = (neutral: number): Rule => (node) => {
  const { recorder, view } = node;
  const x = input(view, 0);
  const counted = node.counted(x);
  if (counted === undefined || !isFloat(x.dtype)) return undefined;
  const axes = numbersFrom(recorder, view, "axes", 1)?.map((axis) => axisOf(axis, x.shape.length));
  const isAll = axes === undefined && view.attributes.number("noop_with_empty_axes", 0) === 0;
  if (!isAll && !axes?.includes(counted.axis)) return undefined;
  const inputs = view.inputs.with(0, node.filled(x, counted, neutral));
  return operatorOf(view).lower(recorder, { ...view, inputs });
};

const nonZero: Rule = (node) => {
  const x = input(node.view, 0);
  const counted = node.counted(x);
  if (counted === undefined || sizeOf(x.shape) > mostRoom) return undefined;
  const [all, count] = node.recorder.applyAll(nn.nonZero, [node.filled(x, counted, 0)], {});
  const found = node.recorder.counted(all, count, 1, x.shape.length === 1 ? counted.within : []);
  return [found];
};

const nonMaxSuppression: Rule = (node) => {
  const [boxes, scores] = [input(node.view, 0), input(node.view, 1)].map((x) => node.counted(x));
  const fits = boxes?.axis === 1 && scores?.axis === 2 && boxes.count === scores.count;
  if (!fits) return undefined;
  const { shape } = input(node.view, 1);
  if (sizeOf(shape) > mostRoom) return undefined;
  const lines = sizeOf(shape.slice(0, 2));
  return suppressed(node.recorder, node.view, boxes.count, lines === 1 ? boxes.within : []);
};

const elementwiseNames = [
  ...["Abs", "Neg", "Sign", "Not", "Floor", "Ceil", "Round", "Sqrt", "Exp", "Log", "Tanh", "Erf", "Relu", "Sigmoid"],
  ...["Clip", "Add", "Sub", "Mul", "Div", "And", "Or", "Xor", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"],
  ...["Max", "Min", "Where"],
];

const rules: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(elementwiseNames.map((name) => [name, elementwise])),
  Cast: cast,
  Concat: concat,
  Equal: equal,
  Flatten: reshape,
  Gather: gather,
  Identity: moved((_, axis) => axis),
  NonMaxSuppression: nonMaxSuppression,
  NonZero: nonZero,
  ReduceMax: reduction(-Infinity),
  ReduceMin: reduction(Infinity),
  ReduceProd: product,
  ReduceSum: reduction(0),
  Reshape: reshape,
  Shape: shape,
  Slice: slice,
  Split: split,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};

/**
 * Lowers a node without asking how much there is of its inputs; `undefined` where that can't be. Throws `NeedsElements`
 * where it depends on others.
 */
export function lowerCounted(recorder: StepRecorder, view: NodeView): Operand[] | undefined {
  try {
    return rules[view.operator]?.(new CountedNode(recorder, view));
  } catch (error) {
    // What doesn't fit what there is room for may fit what there is.
    if (error instanceof ModelError || error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}
