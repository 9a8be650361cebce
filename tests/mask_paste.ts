/** A loop that draws masks into images by boxes, in the steps in which torchvision's detectors are exported. */
import { buildModel, floats, ints, type NodeText } from "./onnx_builder.ts";

const [height, width] = [14, 11];

/** The larger of two whole numbers, or the smaller one. */
const extreme = (operator: "ReduceMax" | "ReduceMin", a: string, b: string, name: string): NodeText[] => [
  ["Concat", [a, b], [`${name} both`], { axis: 0 }],
  [operator, [`${name} both`], [name], { keepdims: 0 }],
];

/** One side of the box, the extent of the part between `first` and `last`, and its place in an image of `size`. */
const sides = (axis: string, first: string, last: string): NodeText[] => [
  ["Gather", ["box", first], [`${axis} first`], { axis: 0 }],
  ["Gather", ["box", last], [`${axis} last`], { axis: 0 }],
  ["Sub", [`${axis} last`, `${axis} first`], [`${axis} difference`]],
  ["Add", [`${axis} difference`, "one"], [`${axis} wide`]],
  ...extreme("ReduceMax", `${axis} wide`, "one", `${axis} extent`),
  ["Unsqueeze", [`${axis} extent`, "zero"], [`${axis} size`]],
  ["Unsqueeze", [`${axis} first`, "zero"], [`${axis} first 1`]],
  ["Unsqueeze", [`${axis} last`, "zero"], [`${axis} last 1`]],
  ...extreme("ReduceMax", `${axis} first 1`, "zero", `${axis}0`),
  ["Add", [`${axis} last 1`, "one"], [`${axis} behind`]],
  ...extreme("ReduceMin", `${axis} behind`, `${axis} image`, `${axis}1`),
  ["Sub", [`${axis}0`, `${axis} first`], [`${axis} from`]],
  ["Sub", [`${axis}1`, `${axis} first`], [`${axis} to`]],
  ["Unsqueeze", [`${axis} from`, "zero"], [`${axis} starts`]],
  ["Unsqueeze", [`${axis} to`, "zero"], [`${axis} ends`]],
  ["Sub", [`${axis} whole`, `${axis}1`], [`${axis} behind zeros`]],
  ["Unsqueeze", [`${axis}0`, "zero"], [`${axis} zeros before`]],
  ["Unsqueeze", [`${axis} behind zeros`, "zero"], [`${axis} zeros after`]],
];

const body = (mode: string): NodeText[] => [
  ["Gather", ["masks", "i"], ["channels"], { axis: 0 }],
  ["Gather", ["channels", "zero scalar"], ["plane"], { axis: 0 }],
  ["Gather", ["boxes", "i"], ["box"], { axis: 0 }],
  ...sides("x", "left", "right"),
  ...sides("y", "top", "bottom"),
  ["Shape", ["plane"], ["plane shape"]],
  ["Gather", ["plane shape", "left"], ["rows"], { axis: 0 }],
  ["Gather", ["plane shape", "top"], ["columns"], { axis: 0 }],
  ["Unsqueeze", ["rows", "zero"], ["rows 1"]],
  ["Unsqueeze", ["columns", "zero"], ["columns 1"]],
  ["Concat", ["one", "one", "rows 1", "columns 1"], ["asked"], { axis: 0 }],
  ["Shape", ["asked"], ["asked rank"]],
  ["ConstantOfShape", ["asked rank"], ["ones"], { value: ints([1]) }],
  ["Mul", ["ones", "minus"], ["minus ones"]],
  ["Equal", ["asked", "minus ones"], ["stays"]],
  ["Where", ["stays", "ones", "asked"], ["four"]],
  ["Expand", ["plane", "four"], ["mask"]],
  ["Shape", ["mask"], ["mask shape"]],
  ["Slice", ["mask shape", "zero", "two", "zero"], ["mask batch"]],
  ["Concat", ["y size", "x size"], ["box size"], { axis: 0 }],
  ["Cast", ["box size"], ["box size 1"], { to: 7 }],
  ["Concat", ["mask batch", "box size 1"], ["sizes"], { axis: 0 }],
  ["Resize", ["mask", "", "", "sizes"], ["resized"], { mode, coordinate_transformation_mode: "half_pixel" }],
  ["Gather", ["resized", "zero scalar"], ["resized 3"], { axis: 0 }],
  ["Gather", ["resized 3", "zero scalar"], ["resized 2"], { axis: 0 }],
  ["Slice", ["resized 2", "y starts", "y ends", "zero", "one"], ["rows inside"]],
  ["Slice", ["rows inside", "x starts", "x ends", "one", "one"], ["inside"]],
  ["Shape", ["inside"], ["inside shape"]],
  ["Gather", ["inside shape", "one"], ["inside columns"], { axis: 0 }],
  ["Concat", ["y zeros before", "inside columns"], ["above shape"], { axis: 0 }],
  ["ConstantOfShape", ["above shape"], ["above"], { value: floats([1], [0]) }],
  ["Concat", ["y zeros after", "inside columns"], ["below shape"], { axis: 0 }],
  ["ConstantOfShape", ["below shape"], ["below"], { value: floats([1], [0]) }],
  ["Cast", ["inside"], ["inside f32"], { to: 1 }],
  ["Concat", ["above", "inside f32", "below"], ["tall"], { axis: 0 }],
  ["Slice", ["tall", "zero", "y image", "zero", "one"], ["high"]],
  ["Shape", ["high"], ["high shape"]],
  ["Gather", ["high shape", "zero"], ["high rows"], { axis: 0 }],
  ["Concat", ["high rows", "x zeros before"], ["left shape"], { axis: 0 }],
  ["ConstantOfShape", ["left shape"], ["left zeros"], { value: floats([1], [0]) }],
  ["Concat", ["high rows", "x zeros after"], ["right shape"], { axis: 0 }],
  ["ConstantOfShape", ["right shape"], ["right zeros"], { value: floats([1], [0]) }],
  ["Concat", ["left zeros", "high", "right zeros"], ["wide"], { axis: 1 }],
  ["Slice", ["wide", "zero", "x image", "one", "one"], ["drawn"]],
  ["Unsqueeze", ["drawn", "zero"], ["row"]],
  ["Concat", ["drawn before", "row"], ["drawn after"], { axis: 0 }],
  ["Identity", ["true"], ["goes on"]],
];

/**
 * masks [n, 1, 5, 6] and whole boxes [n, 4] (x and y of the first and last pixel) to images [n, 14, 11]. Detectors
 * resize linearly.
 */
export function maskPasteModel(mode: "linear" | "nearest"): Uint8Array {
  const side = (at: number) => ints([at], []);
  return buildModel({
    opset: 16,
    inputs: { masks: ["N", 1, 5, 6], boxes: ["N", 4] },
    outputs: ["images"],
    types: { boxes: "i64" },
    constants: {
      "zero scalar": side(0),
      left: side(0),
      top: side(1),
      right: side(2),
      bottom: side(3),
      zero: ints([0]),
      one: ints([1]),
      two: ints([2]),
      minus: side(-1),
      none: floats([0, height, width], []),
      "x image": ints([width]),
      "y image": ints([height]),
      "x whole": ints([width], []),
      "y whole": ints([height], []),
    },
    nodes: [
      ["Equal", ["zero scalar", "left"], ["true"]],
      ["Shape", ["masks"], ["shape"]],
      ["Gather", ["shape", "left"], ["count"], { axis: 0 }],
      ["Loop", ["count", "true", "none"], ["images"], {
        body: {
          graph: {
            inputs: { i: [], goes: [], "drawn before": ["a", height, width] },
            outputs: ["goes on", "drawn after"],
            types: { i: "i64", goes: "bool", "goes on": "bool" },
            nodes: body(mode),
          },
        },
      }],
    ],
  });
}
