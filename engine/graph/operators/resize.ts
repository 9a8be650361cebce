/** Change of the size of images and volumes. */
import { nn } from "../../../shaders/mod.ts";
import { numbersOf } from "../host_value.ts";
import { axisOf, input, type NodeView, type Operand, type Operator, UnsupportedNode } from "../operator.ts";

/** Extents and factors, one an axis. */
interface Target {
  readonly sizes: readonly number[];
  readonly scales: readonly number[];
}

function fromScales(x: Operand, scales: readonly number[]): Target {
  return { scales, sizes: x.shape.map((extent, axis) => Math.floor(extent * scales[axis])) };
}

function fromSizes(x: Operand, sizes: readonly number[], axes: readonly number[], policy: string): Target {
  const factors = axes.map((axis) => sizes[axis] / x.shape[axis]);
  if (policy === "stretch") return { sizes, scales: x.shape.map((extent, axis) => sizes[axis] / extent) };
  const factor = policy === "not_larger" ? Math.min(...factors) : Math.max(...factors);
  const kept = x.shape.map((extent, axis) => axes.includes(axis) ? Math.round(factor * extent) : extent);
  return { sizes: kept, scales: x.shape.map((_, axis) => axes.includes(axis) ? factor : 1) };
}

const resize: Operator = {
  opsets: [10],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const { attributes } = node;
    const axes = attributes.numbers("axes", x.shape.map((_, axis) => axis)).map((axis) => axisOf(axis, x.shape.length));
    const read = (position: number): number[] | undefined => {
      const operand = node.inputs[position];
      return operand === undefined || operand.shape[0] === 0 ? undefined : numbersOf(lowering.host(operand));
    };
    const spread = (values: readonly number[], rest: readonly number[]): number[] => {
      return rest.map((value, axis) => axes.includes(axis) ? values[axes.indexOf(axis)] : value);
    };
    const scales = read(node.opset < 11 ? 1 : 2);
    const sizes = node.opset < 11 ? undefined : read(3);
    const target = scales !== undefined
      ? fromScales(x, spread(scales, x.shape.map(() => 1)))
      : fromSizes(x, spread(sizes!, x.shape), axes, attributes.text("keep_aspect_ratio_policy", "stretch"));
    const same = target.sizes.every((extent, axis) => extent === x.shape[axis]);
    if (same && target.scales.every((scale) => scale === 1)) return [x];
    return [lowering.apply(nn.resize, [x], { ...target, ...rules(node), then: [] })];
  },
};

/** How positions are mapped and neighbors chosen. Version 10 had one rule. */
function rules(node: NodeView): Pick<nn.ResizeOptions, "mode" | "coordinates" | "nearestMode"> {
  const { attributes } = node;
  const mode = modeOf(attributes.text("mode", "nearest"));
  if (node.opset < 11) return { mode, coordinates: "asymmetric", nearestMode: "floor" };
  const coordinates = attributes.text("coordinate_transformation_mode", "half_pixel");
  if (!coordinateRules.has(coordinates)) throw new UnsupportedNode(`coordinates by ${coordinates} are not supported`);
  if (attributes.number("antialias", 0) === 1) throw new UnsupportedNode("antialias is not supported");
  const nearestMode = attributes.text("nearest_mode", "round_prefer_floor") as nn.ResizeOptions["nearestMode"];
  return { mode, coordinates: coordinates as nn.ResizeCoordinates, nearestMode };
}

const coordinateRules: ReadonlySet<string> = new Set<nn.ResizeCoordinates>([
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "asymmetric",
  "align_corners",
]);

function modeOf(mode: string): "nearest" | "linear" {
  if (mode === "nearest") return "nearest";
  if (mode === "linear" || mode === "bilinear") return "linear";
  throw new UnsupportedNode(`the mode ${mode} is not supported`);
}

/** Forerunner of Resize. */
const upsample: Operator = {
  opsets: [7, 9],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const scales = node.opset < 9 ? node.attributes.numbers("scales") : numbersOf(lowering.host(input(node, 1)));
    const mode = modeOf(node.attributes.text("mode", "nearest"));
    const options = { mode, coordinates: "asymmetric", nearestMode: "floor", then: [] } as const;
    return [lowering.apply(nn.resize, [x], { ...fromScales(x, scales), ...options })];
  },
};

/** Resizing by ONNX's names. */
export const resizing: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: upsample };
