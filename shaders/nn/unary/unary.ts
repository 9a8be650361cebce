import { z } from "npm:zod@4.6.7";
import {
  type Binding,
  definePage,
  type Lib,
  type Operation,
  type Page,
  type Spec,
  type Value,
} from "../../contract.ts";
import { functions, grid, integers } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { channelAxes, isFloat, sizeOf } from "../../shape.ts";
import { wrapParams, wrapTwin } from "../integers.ts";
import { costOf } from "../cost.ts";
import { prefersTexels, texelGrid } from "../texels.ts";
import unaryText from "./unary.wgsl" with { type: "text" };
import { unaryCases } from "./unary_cases.ts";
import channels4Text from "./unary_channels4.wgsl" with { type: "text" };
import integerText from "./unary_integer.wgsl" with { type: "text" };
import testText from "./unary_test.wgsl" with { type: "text" };
import valueText from "./unary_value.wgsl" with { type: "text" };
import { unaryFunctions } from "./unary_table.ts";

/** Functions of one element. Those of integers are abs, negative, sign, clip; of booleans not; the others take f32. */
export type UnaryOp =
  | "abs"
  | "negative"
  | "sign"
  | "not"
  | "clip"
  | "floor"
  | "ceil"
  | "round"
  | "reciprocal"
  | "sqrt"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "asinh"
  | "acosh"
  | "atanh"
  | "erf"
  | "relu"
  | "leakyRelu"
  | "elu"
  | "selu"
  | "celu"
  | "thresholdedRelu"
  | "sigmoid"
  | "hardSigmoid"
  | "silu"
  | "hardSwish"
  | "softplus"
  | "softsign"
  | "mish"
  | "gelu"
  | "geluTanh"
  | "isNaN"
  | "isInf"
  | "identity"
  | "zeroIfInfinite";

/** Options of a function of one element. */
export interface UnaryOptions {
  /** The function. */
  readonly op: UnaryOp;
  /** leakyRelu, elu, celu, hardSigmoid: slope; selu: alpha; thresholdedRelu: threshold; clip: least value. */
  readonly alpha?: number;
  /** hardSigmoid: offset; selu: gamma; clip: greatest value. */
  readonly beta?: number;
}

const value: Lib = { file: import.meta.resolve("./unary_value.wgsl"), text: valueText };

const page = (name: string, text: string, libs: readonly Lib[], x: Partial<Binding>, y: Partial<Binding>): Page =>
  definePage({
    name,
    file: import.meta.resolve(`./${name}.wgsl`),
    text,
    libs,
    bindings: [
      { name: "x", access: "read", layout: "linear", ...x },
      { name: "y", access: "write", layout: "linear", ...y },
    ],
  });

const linear = page("unary", unaryText, [grid, functions, value], {}, {});
const texels = page("unary_channels4", channels4Text, [functions, value], { layout: "channels4" }, {
  layout: "channels4",
});
const integer = page("unary_integer", integerText, [grid, integers], { element: "i32" }, { element: "i32" });
const test = page("unary_test", testText, [grid], { element: "word" }, { element: "u32" });

const clampTo = (value: number, least: number, greatest: number) => Math.min(Math.max(value, least), greatest);

const parameter = z.union([z.number(), z.literal([Infinity, -Infinity])]).optional();

/**
 * A function of each element. Sources: ONNX's operators of the same names; `round` is half to even; `gelu` is exact,
 * `geluTanh` its approximation; `isNaN` and `isInf` give bool. O(elements).
 *
 * Forms of floats: `channels4` (networks' maps), `linear`. A form that doesn't fit leaves it to the picked one.
 */
export const unary: Operation<UnaryOptions> = {
  name: "unary",
  options: optionsOf<UnaryOptions>(z.strictObject({
    op: z.enum(Object.keys(unaryFunctions) as [UnaryOp, ...UnaryOp[]]),
    alpha: parameter,
    beta: parameter,
  })),
  outputs: ([{ dtype, shape }], { op }) => {
    const { takes, test } = unaryFunctions[op];
    const fits = op === "identity" || (takes === "bool" ? dtype === "bool" : isFloat(dtype) ||
      (takes === "integer" && dtype !== "bool"));
    if (!fits) {
      throw new TypeError(
        `unary: ${op} takes ${
          takes === "bool" ? "bool" : takes === "integer" ? "numbers" : "f32 or f16"
        }, not ${dtype}: cast the input`,
      );
    }
    return [{ dtype: test ? "bool" : dtype, shape }];
  },
  cost: (inputs, options) => costOf(inputs, unary.outputs(inputs, options), sizeOf(inputs[0].shape)),
  forms: { channels4: { serves: ([x], { op }) => fitsTexels(x, op) }, linear: {} },
  choose: ([x], { op }) => fitsTexels(x, op) && prefersTexels(x) ? "channels4" : "linear",
  record: (r, [x], options, form) => {
    const { op } = options;
    const y = r.temporary(unary.outputs([x], options)[0]);
    if (op === "identity") return [x];
    if (sizeOf(y.shape) === 0) return [y];
    const { code, alpha = 0, beta = 0, test: isTest } = unaryFunctions[op];
    const given = { alpha: options.alpha ?? alpha, beta: options.beta ?? beta };
    const overrides = { OP: code };
    const bind: Record<string, Value> = { x, y };
    const elements = sizeOf(y.shape);
    if (isTest) {
      r.dispatch(test, { bind, overrides, groups: Math.ceil(elements / 64), iterations: 0 });
    } else if (!isFloat(x.dtype)) {
      const [least, greatest] = [-(2 ** 31), 2 ** 31 - 1];
      const limits = { alpha: clampTo(given.alpha, least, greatest), beta: clampTo(given.beta, least, greatest) };
      const params = { ...limits, ...wrapParams(x.dtype) };
      r.dispatch(integer, { bind, overrides, params, groups: Math.ceil(elements / 64), iterations: 0 });
    } else if (form === "channels4") {
      const { channels, depth } = channelAxes(x.shape);
      const params = { ...given, channels, depth };
      r.dispatch(texels, { bind, overrides, params, ...texelGrid(x.shape, []), iterations: 0 });
    } else {
      r.dispatch(linear, { bind, overrides, params: given, groups: Math.ceil(elements / 256), iterations: 0 });
    }
    return [y];
  },
  twin: ([x], options) => {
    const { twin, alpha = 0, beta = 0, test } = unaryFunctions[options.op];
    const at = (value: number) => twin(value, options.alpha ?? alpha, options.beta ?? beta);
    const dtype = test ? "bool" : x.dtype;
    const data = x.data.map(isFloat(dtype) ? at : (value) => wrapTwin(at(value), dtype));
    return [{ dtype, shape: x.shape, data }];
  },
  // lib/functions.wgsl is good to a few units of f32; sums of such functions (mish, gelu) to a few more. Reached: 1.3e-7.
  bound: 6e-7,
  cases: unaryCases,
};

const fitsTexels = ({ dtype, shape }: Spec, op: UnaryOptions["op"]) =>
  op !== "identity" && !unaryFunctions[op].test && isFloat(dtype) && shape.length >= 2 && shape.length <= 5;
