/** Convolutions. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { isFloat } from "../host_value.ts";
import {
  givenInputs,
  input,
  type Lowering,
  type NodeView,
  type Operand,
  type Operator,
  UnsupportedNode,
} from "../operator.ts";
import { splitPads, windowOf } from "./window.ts";

/** What the pages take for floats must be floats: integers would be read as their bits. */
function checkTypes(operands: readonly Operand[]): void {
  const types = [...new Set(operands.map(({ dtype }) => dtype))];
  if (types.length === 1 && isFloat(types[0])) return;
  throw new ModelError(`its inputs are ${types.join(" and ")}, they must have one type of floats`);
}

function checkSpatial(rank: number): void {
  if (rank < 1 || rank > 3) throw new UnsupportedNode(`${rank} spatial axes are not supported, 1 to 3 are`);
}

/** The convolution that a node's attributes describe, of other operands than its inputs. */
export function convolutionOf(
  lowering: Lowering,
  node: NodeView,
  operands: readonly Operand[],
  groups: number = node.attributes.number("group", 1),
): Operand {
  const extents = operands[0].shape.slice(2);
  checkSpatial(extents.length);
  checkTypes(operands);
  const window = windowOf(node, extents, operands[1].shape.slice(2));
  return lowering.apply(nn.convolution, operands, { ...window, groups, epilogue: [] });
}

const conv: Operator = {
  opsets: [1],
  lower: (lowering, node) => [convolutionOf(lowering, node, givenInputs(node))],
};

/**
 * Pads may be given, follow from `output_shape` or from `auto_pad` (extent times stride). Of an odd total the greater half
 * comes first, but for SAME_UPPER.
 */
function transposeWindow(node: NodeView, extents: readonly number[], kernel: readonly number[]) {
  const { attributes } = node;
  const window = windowOf(node, extents, kernel);
  const outputPadding = attributes.numbers("output_padding", kernel.map(() => 0));
  const auto = attributes.text("auto_pad", "NOTSET");
  const same = auto.startsWith("SAME");
  if (!attributes.has("output_shape") && !same) return { ...window, outputPadding };
  const { strides, dilations } = window;
  const wanted = attributes.numbers("output_shape", extents.map((extent, axis) => extent * strides[axis]));
  const sizes = wanted.slice(-kernel.length);
  const totals = kernel.map((taps, axis) => {
    return strides[axis] * (extents[axis] - 1) + outputPadding[axis] + (taps - 1) * dilations[axis] + 1 - sizes[axis];
  });
  return {
    ...window,
    ...splitPads(totals.map((total) => Math.max(0, total)), same ? auto : "SAME_LOWER"),
    outputPadding: outputPadding.map((own, axis) => own + Math.max(0, -totals[axis])),
  };
}

const convTranspose: Operator = {
  opsets: [1],
  lower: (lowering, node) => {
    const extents = input(node, 0).shape.slice(2);
    checkSpatial(extents.length);
    checkTypes(givenInputs(node));
    const window = transposeWindow(node, extents, input(node, 1).shape.slice(2));
    const groups = node.attributes.number("group", 1);
    return [lowering.apply(nn.convolutionTranspose, givenInputs(node), { ...window, groups, epilogue: [] })];
  },
};

/** Convolutions by ONNX's names. */
export const convolutions: Readonly<Record<string, Operator>> = { Conv: conv, ConvTranspose: convTranspose };
