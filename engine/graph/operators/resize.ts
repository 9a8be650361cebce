/** Change of the size of images and volumes. */
import { nn } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue, isFloat, numbersOf } from "../host_value.ts";
import { axisOf, input, type Lowering, type NodeView, type Operand, type Operator } from "../operator.ts";
import { converted } from "./convert.ts";
import { scalarLike } from "./elementwise.ts";
import { type TappedAxis, type TapRules, tapsOf } from "./resize_taps.ts";

/** Extents and factors, one per axis. */
interface Target {
  readonly sizes: readonly number[];
  readonly scales: readonly number[];
}

/** The part of each axis that is resized, from 0 to 1. */
type Region = readonly { readonly begin: number; readonly end: number }[];

function fromScales(x: Operand, scales: readonly number[], region?: Region): Target {
  const part = (axis: number) => region === undefined ? 1 : region[axis].end - region[axis].begin;
  return { scales, sizes: x.shape.map((extent, axis) => Math.floor(extent * part(axis) * scales[axis])) };
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
      if (values.length !== axes.length) {
        throw new ModelError(`it has ${values.length} sizes or scales for ${axes.length} axes`);
      }
      return rest.map((value, axis) => axes.includes(axis) ? values[axes.indexOf(axis)] : value);
    };
    const rules = rulesOf(node);
    const roi = rules.coordinates === "tf_crop_and_resize" ? read(1) : undefined;
    const ones = x.shape.map(() => 1);
    const ends = roi && spread(roi.slice(axes.length), ones);
    const region = roi && spread(roi.slice(0, axes.length), x.shape.map(() => 0))
      .map((begin, axis) => ({ begin, end: ends![axis] }));
    const scales = read(node.opset < 11 ? 1 : 2);
    const sizes = node.opset < 11 ? undefined : read(3);
    if (scales === undefined && sizes === undefined) throw new ModelError("it has neither scales nor sizes");
    const target = scales !== undefined
      ? fromScales(x, spread(scales, ones), region)
      : fromSizes(x, spread(sizes!, x.shape), axes, attributes.text("keep_aspect_ratio_policy", "stretch"));
    const same = target.sizes.every((extent, axis) => extent === x.shape[axis]);
    if (same && region === undefined && target.scales.every((scale) => scale === 1)) return [x];
    return [resized(lowering, x, target, rules, region, attributes.number("extrapolation_value", 0))];
  },
};

/** How positions are mapped and neighbors chosen. Version 10 had one rule. */
function rulesOf(node: NodeView): TapRules {
  const { attributes } = node;
  const mode = modeOf(attributes.text("mode", "nearest"));
  const old = node.opset < 11;
  const coordinates = old ? "asymmetric" : attributes.text("coordinate_transformation_mode", "half_pixel");
  if (!coordinateRules.has(coordinates)) throw new ModelError(`coordinates by ${coordinates} are not known`);
  return {
    mode,
    coordinates: coordinates as TapRules["coordinates"],
    nearestMode: old ? "floor" : attributes.text("nearest_mode", "round_prefer_floor") as TapRules["nearestMode"],
    antialias: attributes.number("antialias", 0) === 1 && mode !== "nearest",
    excludeOutside: attributes.number("exclude_outside", 0) === 1,
    cubicCoefficient: attributes.number("cubic_coeff_a", -0.75),
  };
}

const coordinateRules: ReadonlySet<string> = new Set<TapRules["coordinates"]>([
  "half_pixel",
  "half_pixel_symmetric",
  "pytorch_half_pixel",
  "asymmetric",
  "align_corners",
  "tf_crop_and_resize",
]);

function modeOf(mode: string): TapRules["mode"] {
  if (mode === "nearest" || mode === "cubic") return mode;
  if (mode === "linear" || mode === "bilinear") return "linear";
  throw new ModelError(`the mode ${mode} is not known`);
}

/** Two neighbors per axis go all at once; other kernels, crops and integers an axis at a time. */
function resized(
  lowering: Lowering,
  x: Operand,
  target: Target,
  rules: TapRules,
  region: Region | undefined,
  beyond: number,
): Operand {
  const { mode, coordinates, nearestMode, antialias } = rules;
  const few = mode !== "cubic" && !antialias && coordinates !== "tf_crop_and_resize" && isFloat(x.dtype);
  if (few) return lowering.apply(nn.resize, [x], { ...target, mode, coordinates, nearestMode, epilogue: [] });
  const exact = mode === "nearest" || isFloat(x.dtype) ? x : converted(lowering, x, "f32");
  const axes = x.shape.map((extent, axis): TappedAxis => {
    return {
      input: extent,
      output: target.sizes[axis],
      scale: target.scales[axis],
      begin: 0,
      end: 1,
      ...region?.[axis],
    };
  });
  const result = axes.reduce((value, axis, at) => resizedAlong(lowering, value, at, axis, rules), exact);
  const cropped = axes.reduce((value, axis, at) => {
    const { inside } = tapsOf(axis, rules);
    if (inside.every((is) => is)) return value;
    const shape = x.shape.map((_, own) => own === at ? inside.length : 1);
    const condition = lowering.constant(hostValue("bool", shape, inside.map(Number)));
    return lowering.apply(nn.where, [condition, value, scalarLike(lowering, value, beyond)], {});
  }, result);
  return converted(lowering, cropped, x.dtype);
}

function resizedAlong(lowering: Lowering, x: Operand, at: number, axis: TappedAxis, rules: TapRules): Operand {
  if (axis.input === axis.output && axis.scale === 1 && axis.begin === 0 && axis.end === 1) return x;
  const { count, indices, weights } = tapsOf(axis, rules);
  if (rules.mode === "nearest") {
    const rows = lowering.constant(hostValue("i64", [axis.output], indices));
    return lowering.apply(nn.gather, [x, rows], { axis: at });
  }
  const rows = lowering.constant(hostValue("i64", [axis.output, count], indices));
  const factors = lowering.constant(hostValue("f32", [axis.output, count], weights));
  return lowering.apply(nn.weightedGather, [x, rows, factors], { axis: at });
}

/** Forerunner of Resize. */
const upsample: Operator = {
  opsets: [7, 9],
  lower: (lowering, node) => {
    const x = input(node, 0);
    const scales = node.opset < 9 ? node.attributes.numbers("scales") : numbersOf(lowering.host(input(node, 1)));
    const rules: TapRules = {
      mode: modeOf(node.attributes.text("mode", "nearest")),
      coordinates: "asymmetric",
      nearestMode: "floor",
      antialias: false,
      excludeOutside: false,
      cubicCoefficient: -0.75,
    };
    return [resized(lowering, x, fromScales(x, scales), rules, undefined, 0)];
  },
};

/** Resizing by ONNX's names. */
export const resizing: Readonly<Record<string, Operator>> = { Resize: resize, Upsample: upsample };
