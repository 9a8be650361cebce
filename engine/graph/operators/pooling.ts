/** Pooling. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { hostValue, isFloat, numbersOf } from "../host_value.ts";
import { input, type Lowering, type NodeView, type Operand, type Operator, UnsupportedNode } from "../operator.ts";
import { converted } from "./convert.ts";
import { binary, scalarLike, unary } from "./elementwise.ts";
import { windowOf } from "./window.ts";

function pool(kind: "max" | "average"): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      const x = input(node, 0);
      const extents = x.shape.slice(2);
      if (extents.length < 1 || extents.length > 3) {
        throw new UnsupportedNode(`${extents.length} spatial axes are not supported, 1 to 3 are`);
      }
      const kernel = node.attributes.numbers("kernel_shape");
      const options = {
        kind,
        kernel,
        ...windowOf(node, extents, kernel),
        ceilMode: node.attributes.number("ceil_mode", 0) === 1,
        countIncludePad: node.attributes.number("count_include_pad", 0) === 1,
      };
      // Bytes are exact as f32.
      const floats = isFloat(x.dtype) ? x : converted(lowering, x, "f32");
      const pooled = converted(lowering, lowering.apply(nn.pool, [floats], { ...options, epilogue: [] }), x.dtype);
      if (!node.outputs[1]) return [pooled];
      const { kind: _kind, countIncludePad: _count, ...window } = options;
      const columnMajor = node.attributes.number("storage_order", 0) === 1;
      return [pooled, lowering.apply(nn.poolIndices, [floats], { ...window, columnMajor })];
    },
  };
}

/** (sum |x|^p)^(1/p). */
function rootOfPowers(lowering: Lowering, x: Operand, p: number, sum: (powers: Operand) => Operand): Operand {
  const magnitude = p === 2 ? x : unary(lowering, x, "abs");
  if (p === 1) return sum(magnitude);
  if (p === 2) return unary(lowering, sum(binary(lowering, "multiply", x, x)), "sqrt");
  const powers = binary(lowering, "power", magnitude, scalarLike(lowering, x, p));
  return binary(lowering, "power", sum(powers), scalarLike(lowering, x, 1 / p));
}

/** The sum over windows is a convolution with ones, a channel each. */
const lpPool: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const extents = x.shape.slice(2);
    const kernel = node.attributes.numbers("kernel_shape");
    const { strides, dilations, padsBegin, padsEnd } = windowOf(node, extents, kernel);
    const reach = kernel.map((taps, axis) => (taps - 1) * dilations[axis] + 1);
    const ends = padsEnd.map((pad, axis) => {
      const room = extents[axis] + padsBegin[axis] + pad - reach[axis];
      const beyond = room % strides[axis];
      if (node.attributes.number("ceil_mode", 0) !== 1 || beyond === 0) return pad;
      // A window that would begin behind the input and its leading pads is left out.
      const more = strides[axis] - beyond;
      return room + more < extents[axis] + padsBegin[axis] ? pad + more : pad;
    });
    const channels = x.shape[1];
    const ones = new Array<number>(channels * sizeOf(kernel)).fill(1);
    const weight = lowering.constant(hostValue(x.dtype, [channels, 1, ...kernel], ones));
    const options = { strides, dilations, padsBegin, padsEnd: ends, groups: channels, epilogue: [] };
    const sum = (powers: Operand) => lowering.apply(nn.convolution, [powers, weight], options);
    return [rootOfPowers(lowering, x, node.attributes.number("p", 2), sum)];
  },
};

const globalLpPool: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const axes = spatialAxes(node);
    const sum = (x: Operand) => lowering.apply(nn.reduce, [x], { kind: "sum", axes, keepDims: true });
    return [rootOfPowers(lowering, input(node, 0), node.attributes.number("p", 2), sum)];
  },
};

/** Each element goes where its index says in a larger value of zeros; indices count in the shape that pooling undoes. */
const maxUnpool: Operator = {
  opsets: [9],
  lower: (lowering, node) => {
    const [x, indices] = [input(node, 0), input(node, 1)];
    const { attributes } = node;
    const kernel = attributes.numbers("kernel_shape");
    const strides = attributes.numbers("strides", kernel.map(() => 1));
    const pads = attributes.numbers("pads", [...kernel, ...kernel].map(() => 0));
    const undone = [
      ...x.shape.slice(0, 2),
      ...kernel.map((taps, axis) => {
        const cut = pads[axis] + pads[axis + kernel.length];
        return (x.shape[axis + 2] - 1) * strides[axis] + taps - cut;
      }),
    ];
    const zeros = lowering.apply(nn.expand, [scalarLike(lowering, x, 0)], { shape: [sizeOf(undone)] });
    const flat = (value: Operand) => lowering.reshape(value, [sizeOf(value.shape)]);
    const options = { axis: 0, reduction: "none" } as const;
    const scattered = lowering.apply(nn.scatterElements, [zeros, flat(indices), flat(x)], options);
    const result = lowering.reshape(scattered, undone);
    const given = node.inputs[2];
    if (given === undefined) return [result];
    // A larger shape that is stated gets zeros behind.
    const padsEnd = numbersOf(lowering.host(given)).map((extent, axis) => extent - undone[axis]);
    if (padsEnd.every((pad) => pad === 0)) return [result];
    const padsBegin = padsEnd.map(() => 0);
    return [lowering.apply(nn.pad, [result], { padsBegin, padsEnd, mode: "constant", value: 0 })];
  },
};

function globalPool(kind: "max" | "mean"): Operator {
  return {
    opsets: [1],
    lower: (lowering, node) => {
      return [lowering.apply(nn.reduce, [input(node, 0)], { kind, axes: spatialAxes(node), keepDims: true })];
    },
  };
}

function spatialAxes(node: NodeView): number[] {
  return input(node, 0).shape.slice(2).map((_, axis) => axis + 2);
}

/** Pooling by ONNX's names. */
export const pooling: Readonly<Record<string, Operator>> = {
  MaxPool: pool("max"),
  AveragePool: pool("average"),
  MaxUnpool: maxUnpool,
  LpPool: lpPool,
  GlobalLpPool: globalLpPool,
  GlobalMaxPool: globalPool("max"),
  GlobalAveragePool: globalPool("mean"),
};
