/** Operators that find elements, and those that read or write at indices which were found. */
import { nn, sizeOf, stridesOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, numbersOf } from "../host_value.ts";
import {
  axisOf,
  input,
  type Lowering,
  type NodeView,
  type Operand,
  type Operator,
  UnsupportedNode,
} from "../operator.ts";
import { binary, scalarLike } from "./elementwise.ts";

function scalarInput(lowering: Lowering, node: NodeView, position: number): number | undefined {
  const operand = node.inputs[position];
  return operand === undefined ? undefined : numbersOf(lowering.host(operand))[0];
}

const nonZero: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const vector = x.shape.length === 0 ? lowering.reshape(x, [1]) : x;
    const [all, count] = lowering.applyAll(nn.nonZero, [vector], {});
    return [lowering.counted(all, count, 1)];
  },
};

const topK: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const k = node.opset < 10 ? node.attributes.number("k") : scalarInput(lowering, node, 1)!;
    const axis = axisOf(node.attributes.number("axis", -1), x.shape.length);
    if (k < 0 || k > x.shape[axis]) throw new ModelError(`k is ${k}, it must be 0 to ${x.shape[axis]}`);
    return lowering.applyAll(nn.topK, [x], { k, axis, largest: node.attributes.number("largest", 1) === 1 });
  },
};

/**
 * Without a limit of boxes there are none, as the standard has it; without a limit of scores all count. `length` says how
 * many boxes there are, i64 [1], where not all are; `within` counts that the result's doesn't exceed then.
 */
export function suppressed(
  lowering: Lowering,
  node: NodeView,
  length?: Operand,
  within: readonly Operand[] = [],
): Operand[] {
  const [boxes, scores] = [input(node, 0), input(node, 1)];
  const most = Math.min(scalarInput(lowering, node, 2) ?? 0, boxes.shape[1] ?? 0);
  const operands = length === undefined ? [boxes, scores] : [boxes, scores, length];
  const [all, count] = lowering.applyAll(nn.nonMaxSuppression, operands, {
    most: Math.max(0, most),
    overlapLimit: scalarInput(lowering, node, 3) ?? 0,
    scoreLimit: scalarInput(lowering, node, 4),
    center: node.attributes.number("center_point_box", 0) === 1,
  });
  return [lowering.counted(all, count, 0, within)];
}

const nonMaxSuppression: Operator = { opsets: [10], lower: (lowering, node) => suppressed(lowering, node) };

/** Before version 16 pixel centers lay at whole numbers; since then at one half, unless the file says otherwise. */
const roiAlign: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const { attributes } = node;
    const centers = attributes.text(
      "coordinate_transformation_mode",
      node.opset < 16 ? "output_half_pixel" : "half_pixel",
    );
    if (centers !== "half_pixel" && centers !== "output_half_pixel") {
      throw new UnsupportedNode(`coordinates by ${centers} are not supported`);
    }
    const mode = attributes.text("mode", "avg");
    if (mode !== "avg" && mode !== "max") throw new UnsupportedNode(`the mode ${mode} is not supported`);
    const options = {
      height: attributes.number("output_height", 1),
      width: attributes.number("output_width", 1),
      samples: attributes.number("sampling_ratio", 0),
      scale: attributes.number("spatial_scale", 1),
      kind: mode === "avg" ? "average" : "max",
      halfPixel: centers === "half_pixel",
    } as const;
    return [lowering.apply(nn.roiAlign, [input(node, 0), input(node, 1), input(node, 2)], options)];
  },
};

type Reduction = nn.ScatterElementsOptions["reduction"];

const scatterElements: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const data = input(node, 0);
    const axis = axisOf(node.attributes.number("axis", 0), data.shape.length);
    const reduction = node.attributes.text("reduction", "none") as Reduction;
    return [lowering.apply(nn.scatterElements, [data, input(node, 1), input(node, 2)], { axis, reduction })];
  },
};

/**
 * Indices of elements or slices as one number each, over the first axes of a shape: [n] or [n, 1], of indices
 * [..., extents.length].
 */
function flatIndices(lowering: Lowering, indices: Operand, extents: readonly number[]): Operand {
  const flat = lowering.reshape(indices, [sizeOf(indices.shape.slice(0, -1)), extents.length]);
  const negative = binary(lowering, "less", flat, scalarLike(lowering, flat, 0));
  const beyond = binary(lowering, "add", flat, lowering.constant(typed(indices, extents)));
  const known = lowering.apply(nn.where, [negative, beyond, flat], {});
  const weighted = binary(lowering, "multiply", known, lowering.constant(typed(indices, stridesOf(extents))));
  return lowering.apply(nn.reduce, [weighted], { kind: "sum", axes: [1], keepDims: true });
}

function typed(like: Operand, values: readonly number[]) {
  return hostValue(like.dtype, [values.length], values);
}

/** The first axes of data that an index of the last axis' size stands for. */
function indexedRank(data: Operand, indices: Operand, batches: number): number {
  const rank = indices.shape.at(-1);
  if (rank === undefined || rank > data.shape.length - batches) {
    throw new ModelError(`indices [${indices.shape}] don't fit data [${data.shape}]`);
  }
  return rank;
}

const scatterND: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const [data, indices, updates] = [0, 1, 2].map((position) => input(node, position));
    const rank = indexedRank(data, indices, 0);
    const extents = data.shape.slice(0, rank), inner = sizeOf(data.shape.slice(rank));
    const rows = sizeOf(indices.shape.slice(0, -1));
    const wanted = [...indices.shape.slice(0, -1), ...data.shape.slice(rank)];
    if (String(updates.shape) !== String(wanted)) {
      throw new ModelError(`updates are [${updates.shape}], they must be [${wanted}]`);
    }
    const at = rank === 0
      ? lowering.constant(hostValue("i64", [rows, 1], new Array(rows).fill(0)))
      : flatIndices(lowering, indices, extents);
    const scattered = lowering.apply(nn.scatterElements, [
      lowering.reshape(data, [sizeOf(extents), inner]),
      lowering.reshape(at, [rows, 1]),
      lowering.reshape(updates, [rows, inner]),
    ], { axis: 0, reduction: node.attributes.text("reduction", "none") as Reduction });
    return [lowering.reshape(scattered, data.shape)];
  },
};

const gatherND: Operator = {
  opsets: [11],
  lower: (lowering, node) => {
    const [data, indices] = [input(node, 0), input(node, 1)];
    const batches = node.attributes.number("batch_dims", 0);
    const rank = indexedRank(data, indices, batches);
    const lead = data.shape.slice(0, batches);
    const extents = data.shape.slice(batches, batches + rank);
    const shape = [...indices.shape.slice(0, -1), ...data.shape.slice(batches + rank)];
    const own = flatIndices(lowering, indices, extents);
    // The rows of one batch entry follow each other.
    const each = sizeOf(extents), perBatch = sizeOf(indices.shape.slice(batches, -1));
    const starts = Array.from({ length: sizeOf(lead) }, (_, i) => i * each);
    const rows = lowering.reshape(own, [starts.length, perBatch]);
    const at = batches === 0 ? rows : binary(
      lowering,
      "add",
      rows,
      lowering.constant(hostValue(indices.dtype, [starts.length, 1], starts)),
    );
    const flat = lowering.reshape(data, [starts.length * each, sizeOf(data.shape.slice(batches + rank))]);
    const flatRows = lowering.reshape(at, [starts.length * perBatch]);
    return [lowering.reshape(lowering.apply(nn.gather, [flat, flatRows], { axis: 0 }), shape)];
  },
};

/** Finding, gathering and scattering by ONNX's names. */
export const dynamics: Readonly<Record<string, Operator>> = {
  NonZero: nonZero,
  TopK: topK,
  NonMaxSuppression: nonMaxSuppression,
  RoiAlign: roiAlign,
  Scatter: { ...scatterElements, opsets: [9, 10] },
  ScatterElements: { ...scatterElements, opsets: [11] },
  ScatterND: scatterND,
  GatherND: gatherND,
};
