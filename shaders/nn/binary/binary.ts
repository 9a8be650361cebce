import { z } from "npm:zod@4.6.7";
import {
  definePage,
  type Lib,
  type Operation,
  type Page,
  type Recorder,
  type Spec,
  type Value,
} from "../../contract.ts";
import { epilogue, functions, grid, integers, loops } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { broadcastStrides, channelAxes, isFloat, sizeOf } from "../../shape.ts";
import { wrapParams } from "../integers.ts";
import { nestedIterations } from "../loops.ts";
import { broadcast } from "../../checks.ts";
import { costOf } from "../cost.ts";
import { strided, stridedIterations, stridedParams } from "../strided.ts";
import { prefersTexels, texelGrid } from "../texels.ts";
import { checkAdded, type Epilogue, epilogueOverrides, epilogueSchema, splitAdded } from "../epilogue.ts";
import linearText from "./binary.wgsl" with { type: "text" };
import { binaryCases } from "./binary_cases.ts";
import channels4Text from "./binary_channels4.wgsl" with { type: "text" };
import integerText from "./binary_integer.wgsl" with { type: "text" };
import { binaryExact } from "./binary_exact.ts";
import { binaryFunctions } from "./binary_table.ts";
import { binaryTwin } from "./binary_twin.ts";
import valueText from "./binary_value.wgsl" with { type: "text" };

/** Functions of two elements. Comparisons and logic give bool. */
export type BinaryOp =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "power"
  | "minimum"
  | "maximum"
  | "modulo"
  | "remainder"
  | "prelu"
  | "equal"
  | "less"
  | "lessOrEqual"
  | "greater"
  | "greaterOrEqual"
  | "and"
  | "or"
  | "xor"
  | "bitwiseAnd"
  | "bitwiseOr"
  | "bitwiseXor"
  | "shiftLeft"
  | "shiftRight";

/** Options of a function of two elements, broadcast as NumPy does. */
export interface BinaryOptions {
  /** `modulo` has the sign of the divisor, `remainder` (fmod) that of the dividend; `prelu` is `a < 0 ? a * b : a`. */
  readonly op: BinaryOp;
  /** What happens to a float result before it is stored. */
  readonly epilogue: Epilogue;
}

const value: Lib = { file: import.meta.resolve("./binary_value.wgsl"), text: valueText };

const linear: Page = definePage({
  name: "binary",
  file: import.meta.resolve("./binary.wgsl"),
  text: linearText,
  libs: [grid, loops, functions, epilogue, strided, value],
  bindings: [
    { name: "a", access: "read", layout: "linear" },
    { name: "b", access: "read", layout: "linear" },
    { name: "added", access: "read", layout: "linear" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

const texels: Page = definePage({
  name: "binary_channels4",
  file: import.meta.resolve("./binary_channels4.wgsl"),
  text: channels4Text,
  libs: [functions, epilogue, value],
  bindings: [
    { name: "x", access: "read", layout: "channels4" },
    { name: "other", access: "read", layout: "channels4" },
    { name: "small", access: "read", layout: "linear" },
    { name: "added", access: "read", layout: "channels4" },
    { name: "y", access: "write", layout: "channels4" },
  ],
});

const integer: Page = definePage({
  name: "binary_integer",
  file: import.meta.resolve("./binary_integer.wgsl"),
  text: integerText,
  libs: [grid, loops, integers, strided],
  bindings: [
    { name: "a", access: "read", layout: "linear", element: "i32" },
    { name: "b", access: "read", layout: "linear", element: "i32" },
    { name: "y", access: "write", layout: "linear", element: "i32" },
  ],
});

function checkTypes([a, b]: readonly Spec[], { op, epilogue }: BinaryOptions): void {
  const { takes } = binaryFunctions[op];
  const float = isFloat(a.dtype), bool = a.dtype === "bool";
  const fits = takes === "any" || (takes === "bool" ? bool : takes === "integers" ? !bool && !float : !bool);
  if (!fits || a.dtype !== b.dtype) {
    throw new TypeError(
      `binary: ${op} takes two inputs of one type (${takes}), not ${a.dtype} and ${b.dtype}: cast them`,
    );
  }
  if (epilogue.length > 0 && (!float || binaryFunctions[op].test)) {
    throw new TypeError(`binary: epilogue is given, but ${op} of ${a.dtype} gives no floats`);
  }
}

/** Which operand has the result's shape, where the other can be repeated texel by texel. */
function full(inputs: readonly Spec[], options: BinaryOptions): 0 | 1 | undefined {
  const [a, b] = inputs;
  if (!isFloat(a.dtype) || binaryFunctions[options.op].test) return undefined;
  const shape = broadcast("binary", a.shape, b.shape);
  if (shape.length < 3 || shape.length > 5) return undefined;
  return String(a.shape) === String(shape) ? 0 : String(b.shape) === String(shape) ? 1 : undefined;
}

function recordTexels(
  r: Recorder,
  [a, b]: readonly Value[],
  added: Value | undefined,
  y: Value,
  options: BinaryOptions,
  main: 0 | 1,
): void {
  const [x, given] = main === 0 ? [a, b] : [b, a];
  const shape = [...new Array<number>(x.shape.length - given.shape.length).fill(1), ...given.shape];
  const axes = channelAxes(x.shape), otherAxes = channelAxes(shape);
  const small = sizeOf(given.shape) === otherAxes.channels;
  r.dispatch(texels, {
    bind: {
      x,
      other: small ? null : r.reshape(given, shape),
      small: small ? given : null,
      added: added ?? null,
      y,
    },
    params: {
      width: axes.width,
      depth: axes.depth,
      channels: axes.channels,
      other_n: otherAxes.batch === 1 ? 0 : otherAxes.width,
      other_x: otherAxes.width === 1 ? 0 : 1,
      other_y: otherAxes.height === 1 ? 0 : 1,
      other_block: otherAxes.channels === 1 ? 0 : otherAxes.depth,
      other_z: otherAxes.depth === 1 ? 0 : 1,
      splat: otherAxes.channels === 1 ? 1 : 0,
    },
    overrides: {
      ...epilogueOverrides(options.epilogue),
      OP: binaryFunctions[options.op].code,
      SMALL: small ? 1 : 0,
      SWAPPED: main,
      HAS_ADDED: added ? 1 : 0,
    },
    ...texelGrid(y.shape, ["other", "small"]),
    iterations: 0,
  });
}

/**
 * A function of two elements, broadcast as NumPy does. Sources: ONNX's operators of like names. Integers wrap as their
 * type does; integer division by zero is undefined. O(elements).
 *
 * Inputs: a, b, added? (where `epilogue` has the step `add`).
 *
 * Forms of floats: `channels4` (one operand has the result's shape of 3 to 5 axes), `linear`. A form that doesn't fit
 * leaves it to the picked one.
 */
export const binary: Operation<BinaryOptions> = {
  name: "binary",
  options: optionsOf<BinaryOptions>(z.strictObject({
    op: z.enum(Object.keys(binaryFunctions) as [BinaryOp, ...BinaryOp[]]),
    epilogue: epilogueSchema,
  })),
  outputs: (inputs, options) => {
    checkTypes(inputs, options);
    const { own: [a, b], added } = splitAdded(inputs, options.epilogue);
    if (b === undefined) throw new TypeError(`binary: ${options.op} takes two inputs, not one`);
    const shape = broadcast(`binary ${options.op}`, a.shape, b.shape);
    checkAdded("binary", added, shape);
    return [{ dtype: binaryFunctions[options.op].test ? "bool" : a.dtype, shape }];
  },
  cost: (inputs, options) => {
    const outputs = binary.outputs(inputs, options);
    return costOf(inputs, outputs, sizeOf(outputs[0].shape));
  },
  forms: { channels4: { serves: (inputs, options) => full(inputs, options) !== undefined }, linear: {} },
  choose: (inputs, options) => {
    const main = full(inputs, options);
    return main !== undefined && prefersTexels(inputs[main]) ? "channels4" : "linear";
  },
  record: (r, inputs, options, form) => {
    const y = r.temporary(binary.outputs(inputs, options)[0]);
    if (sizeOf(y.shape) === 0) return [y];
    const { own, added } = splitAdded(inputs, options.epilogue);
    const main = full(inputs, options);
    if (form === "channels4" && main !== undefined) {
      recordTexels(r, own, added, y, options, main);
      return [y];
    }
    const [a, b] = own;
    const strides = [a, b].map(({ shape }) => broadcastStrides(shape, y.shape));
    const params = stridedParams("binary", y.shape, strides);
    const shared = { groups: Math.ceil(sizeOf(y.shape) / 64), iterations: stridedIterations };
    const { code } = binaryFunctions[options.op];
    if (isFloat(a.dtype)) {
      const overrides = {
        ...epilogueOverrides(options.epilogue),
        OP: code,
        HAS_ADDED: added ? 1 : 0,
        RANK: params.rank,
      };
      const four = { groups: Math.ceil(sizeOf(y.shape) / 256), iterations: 4 * stridedIterations };
      r.dispatch(linear, { bind: { a, b, added: added ?? null, y }, params, overrides, ...four });
    } else {
      r.dispatch(integer, {
        bind: { a, b, y },
        params: { ...params, ...wrapParams(y.dtype) },
        overrides: { OP: code, UNSIGNED: a.dtype === "u32" || a.dtype === "u64" ? 1 : 0 },
        ...shared,
        iterations: stridedIterations + (options.op === "power" ? nestedIterations([31]) : 0),
      });
    }
    return [y];
  },
  twin: binaryTwin,
  // One operation is exact to rounding; the power is good to a few units, more where the result is large. Reached: 3e-7.
  bound: 1.2e-6,
  scale: "element",
  exact: binaryExact,
  cases: binaryCases,
};
