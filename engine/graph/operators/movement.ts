/** Operators that move elements and compute nothing. */
import { broadcastShape, nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, numbersOf } from "../host_value.ts";
import { dtypeOf } from "../tensor_proto.ts";
import { axisOf, givenInputs, input, type Lowering, numbersFrom, type Operand, type Operator } from "../operator.ts";
import { converted } from "./convert.ts";

/** The permuted operand; itself where the order stays. */
export function transposed(lowering: Lowering, x: Operand, permutation: readonly number[]): Operand {
  if (permutation.every((axis, i) => axis === i)) return x;
  return lowering.apply(nn.transpose, [x], { permutation });
}

/** A part of an operand along some axes. */
export function sliced(
  lowering: Lowering,
  x: Operand,
  parts: readonly { axis: number; start: number; step?: number; size: number }[],
): Operand {
  const starts = x.shape.map(() => 0);
  const steps = x.shape.map(() => 1);
  const sizes = [...x.shape];
  for (const { axis, start, step = 1, size } of parts) {
    starts[axis] = start;
    steps[axis] = step;
    sizes[axis] = size;
  }
  if (starts.every((start) => start === 0) && steps.every((step) => step === 1) && String(sizes) === String(x.shape)) {
    return x;
  }
  return lowering.apply(nn.slice, [x], { starts, steps, sizes });
}

const castTypes: Readonly<Record<string, number>> = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
};

const cast: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const to = node.attributes.get("to");
    const type = typeof to === "string" ? castTypes[to] ?? 0 : node.attributes.number("to");
    return [converted(lowering, input(node, 0), dtypeOf(type))];
  },
};

const castLike: Operator = {
  opsets: [15],
  lower: (lowering, node) => [converted(lowering, input(node, 0), input(node, 1).dtype)],
};

const concat: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const operands = givenInputs(node);
    const axis = axisOf(node.attributes.number("axis", node.opset < 4 ? 1 : undefined), operands[0].shape.length);
    return [operands.length === 1 ? operands[0] : lowering.apply(nn.concat, operands, { axis })];
  },
};

const transpose: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const reversed = x.shape.map((_, axis) => x.shape.length - 1 - axis);
    return [transposed(lowering, x, node.attributes.numbers("perm", reversed))];
  },
};

/** Indices are clamped to the extent, as ONNX says; numbers far beyond it mean "to the end". */
const slice: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const starts = numbersFrom(lowering, node, "starts", 1)!;
    const ends = numbersFrom(lowering, node, "ends", 2)!;
    const axes = numbersFrom(lowering, node, "axes", 3) ?? starts.map((_, i) => i);
    const steps = numbersFrom(lowering, node, "steps", 4) ?? starts.map(() => 1);
    const parts = axes.map((given, i) => {
      const axis = axisOf(given, x.shape.length);
      return { axis, ...rangeOf(starts[i], ends[i], steps[i], x.shape[axis]) };
    });
    return [sliced(lowering, x, parts)];
  },
};

function rangeOf(
  start: number,
  end: number,
  step: number,
  extent: number,
): { start: number; step: number; size: number } {
  const clamp = (index: number, least: number, greatest: number): number => {
    return Math.min(Math.max(index < 0 ? index + extent : index, least), greatest);
  };
  const first = step > 0 ? clamp(start, 0, extent) : clamp(start, 0, extent - 1);
  const last = step > 0 ? clamp(end, 0, extent) : clamp(end, -1, extent - 1);
  const size = Math.max(0, Math.ceil((last - first) / step));
  return { start: size === 0 ? 0 : first, step, size };
}

const split: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const axis = axisOf(node.attributes.number("axis", 0), x.shape.length);
    const count = node.attributes.number("num_outputs", node.outputs.length);
    const part = Math.ceil(x.shape[axis] / count);
    const even = Array.from({ length: count }, (_, i) => Math.min(part, Math.max(0, x.shape[axis] - i * part)));
    const sizes = numbersFrom(lowering, node, "split", 1) ?? even;
    let start = 0;
    return sizes.map((size) => {
      const result = sliced(lowering, x, [{ axis, start, size }]);
      start += size;
      return result;
    });
  },
};

/** One known index is a slice; others go through the gather page. */
const gather: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const indices = input(node, 1);
    const axis = axisOf(node.attributes.number("axis", 0), x.shape.length);
    const outside = indices.host && numbersOf(indices.host).find((at) => at < -x.shape[axis] || at >= x.shape[axis]);
    if (outside !== undefined) throw new ModelError(`index ${outside} is outside of an axis of ${x.shape[axis]}`);
    if (indices.host === undefined || sizeOf(indices.shape) !== 1 || x.host !== undefined) {
      return [lowering.apply(nn.gather, [x, indices], { axis })];
    }
    const [index] = numbersOf(indices.host);
    const start = index < 0 ? index + x.shape[axis] : index;
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return [lowering.reshape(sliced(lowering, x, [{ axis, start, size: 1 }]), shape)];
  },
};

const expand: Operator = {
  opsets: [8],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const asked = numbersOf(lowering.host(input(node, 1)));
    const shape = broadcastShape(x.shape, asked);
    if (shape === undefined) throw new ModelError(`a value of shape [${x.shape}] can't be expanded to [${asked}]`);
    return [String(shape) === String(x.shape) ? x : lowering.apply(nn.expand, [x], { shape })];
  },
};

/** Each axis becomes two, of which the first is expanded. */
const tile: Operator = {
  opsets: [6],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const repeats = numbersOf(lowering.host(input(node, 1)));
    let result = x;
    for (const [axis, times] of repeats.entries()) {
      if (times === 1) continue;
      const before = sizeOf(result.shape.slice(0, axis));
      const behind = sizeOf(result.shape.slice(axis));
      const shape = result.shape.map((extent, i) => i === axis ? extent * times : extent);
      const apart = lowering.reshape(result, [before, 1, behind]);
      result = lowering.reshape(lowering.apply(nn.expand, [apart], { shape: [before, times, behind] }), shape);
    }
    return [result];
  },
};

const pad: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const rank = x.shape.length;
    const attribute = node.attributes.has("paddings") ? "paddings" : "pads";
    const pads = numbersFrom(lowering, node, attribute, 1)!;
    const axes = node.inputs[3] === undefined ? undefined : numbersOf(lowering.host(node.inputs[3]));
    const count = axes?.length ?? rank;
    if (pads.length !== 2 * count) {
      throw new ModelError(`it has ${pads.length} pads, it must have one before and one after each of ${count} axes`);
    }
    const padsBegin = new Array<number>(rank).fill(0);
    const padsEnd = new Array<number>(rank).fill(0);
    for (const [i, given] of (axes ?? x.shape.map((_, axis) => axis)).entries()) {
      const axis = axisOf(given, rank);
      padsBegin[axis] = pads[i];
      padsEnd[axis] = pads[i + pads.length / 2];
    }
    const mode = node.attributes.text("mode", "constant") as nn.PadOptions["mode"];
    const given = node.inputs[2];
    const value = node.opset < 11
      ? node.attributes.number("value", 0)
      : given === undefined
      ? 0
      : numbersOf(lowering.host(given))[0];
    if ([...padsBegin, ...padsEnd].every((count) => count === 0)) return [x];
    return [lowering.apply(nn.pad, [x], { padsBegin, padsEnd, mode, value })];
  },
};

/** [N, C, H, W] as blocks: DCR takes the block's axes first, CRD the channels. */
const depthToSpace: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const [n, c, h, w] = x.shape;
    const block = node.attributes.number("blocksize");
    const channels = c / (block * block);
    if (!Number.isInteger(channels)) {
      throw new ModelError(
        `${c} channels can't be made blocks of ${block} x ${block}: give it a multiple of ${block * block}`,
      );
    }
    const crd = node.attributes.text("mode", "DCR") === "CRD";
    const apart = lowering.reshape(x, crd ? [n, channels, block, block, h, w] : [n, block, block, channels, h, w]);
    const mixed = transposed(lowering, apart, crd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
    return [lowering.reshape(mixed, [n, channels, h * block, w * block])];
  },
};

const spaceToDepth: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const [n, c, h, w] = x.shape;
    const block = node.attributes.number("blocksize");
    if (h % block !== 0 || w % block !== 0) {
      throw new ModelError(`a map of ${h} x ${w} pixels can't be cut into blocks of ${block} x ${block}`);
    }
    const apart = lowering.reshape(x, [n, c, h / block, block, w / block, block]);
    const mixed = transposed(lowering, apart, [0, 3, 5, 1, 2, 4]);
    return [lowering.reshape(mixed, [n, c * block * block, h / block, w / block])];
  },
};

/** Elements of the least binding that WebGPU grants: 128 MiB. */
const mostBoundElements = 2 ** 25;

/** `value` where a shape is known before anything runs. */
const constantOfShape: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const shape = numbersOf(lowering.host(input(node, 0)));
    if (shape.some((extent) => extent < 0)) throw new ModelError(`the shape [${shape}] has a negative extent`);
    const { dtype, data } = node.attributes.has("value") ? node.attributes.tensor("value") : hostValue("f32", [1], [0]);
    if (data.length !== 1) throw new ModelError(`its value has ${data.length} elements, it must have one`);
    // What no adapter binds as a whole is made by the host, where passes can split it.
    if (sizeOf(shape) > mostBoundElements) return [lowering.constant(lowering.filled(dtype, shape, data[0]))];
    const one = lowering.constant({ dtype, shape: [], data });
    return [shape.length === 0 ? one : lowering.apply(nn.expand, [one], { shape })];
  },
};

/** The triangle of each matrix above (or below) a diagonal stays, the rest becomes zero. */
const trilu: Operator = {
  opsets: [14],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const [rows, columns] = x.shape.slice(-2);
    const diagonal = node.inputs[1] === undefined ? 0 : numbersOf(lowering.host(node.inputs[1]))[0];
    const upper = node.attributes.number("upper", 1) === 1;
    const stays = Array.from({ length: rows * columns }, (_, i) => {
      const distance = i % columns - Math.floor(i / columns) - diagonal;
      return Number(upper ? distance >= 0 : distance <= 0);
    });
    const mask = lowering.constant(hostValue("bool", [rows, columns], stays));
    const zero = lowering.constant(hostValue(x.dtype, [], [0]));
    return [lowering.apply(nn.where, [mask, x, zero], {})];
  },
};

/** Crops or pads each axis about its center. */
const centerCropPad: Operator = {
  opsets: [18],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const wanted = numbersOf(lowering.host(input(node, 1)));
    const axes = node.attributes.numbers("axes", x.shape.map((_, axis) => axis));
    const padsBegin = x.shape.map(() => 0);
    const padsEnd = x.shape.map(() => 0);
    for (const [i, given] of axes.entries()) {
      const axis = axisOf(given, x.shape.length);
      const missing = wanted[i] - x.shape[axis];
      padsBegin[axis] = missing < 0 ? -Math.floor(-missing / 2) : Math.floor(missing / 2);
      padsEnd[axis] = missing - padsBegin[axis];
    }
    return [lowering.apply(nn.pad, [x], { padsBegin, padsEnd, mode: "constant", value: 0 })];
  },
};

/** Movement by ONNX's names. */
export const movement: Readonly<Record<string, Operator>> = {
  Cast: cast,
  CastLike: castLike,
  Concat: concat,
  Transpose: transpose,
  Slice: slice,
  Split: split,
  Gather: gather,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Trilu: trilu,
  CenterCropPad: centerCropPad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  ConstantOfShape: constantOfShape,
};
