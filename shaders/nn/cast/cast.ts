import { z } from "npm:zod@4.6.7";
import { definePage, type DType, type HostTensor, type Operation, type Page } from "../../contract.ts";
import { grid, integers } from "../../lib/mod.ts";
import { optionsOf } from "../../options.ts";
import { isFloat, sizeOf } from "../../shape.ts";
import { isSigned, wrapParams, wrapTwin } from "../integers.ts";
import { costOf } from "../cost.ts";
import text from "./cast.wgsl" with { type: "text" };
import { castCases } from "./cast_cases.ts";

/** Options of a change of type. */
export interface CastOptions {
  /** Type of the result. */
  readonly to: DType;
}

const dtypes = ["f32", "f16", "f64", "i64", "u64", "i32", "u32", "i16", "u16", "i8", "u8", "bool"] as const;

const page: Page = definePage({
  name: "cast",
  file: import.meta.resolve("./cast.wgsl"),
  text,
  libs: [grid, integers],
  bindings: [
    { name: "x", access: "read", layout: "linear", element: "word" },
    { name: "y", access: "write", layout: "linear", element: "word" },
  ],
});

function toCode(dtype: DType): number {
  if (dtype === "f32" || dtype === "f64") return 0;
  if (dtype === "f16") return 1;
  return dtype === "bool" ? 4 : isSigned(dtype) ? 2 : 3;
}

/**
 * Elements as another type. Floats are cut toward zero and saturate at the ends of 32 bits; integers wrap where the type
 * is narrower; bool is `x != 0`; f16 is rounded to the nearest, ties to even. Source: ONNX `Cast`. O(elements).
 */
export const cast: Operation<CastOptions> = {
  name: "cast",
  options: optionsOf<CastOptions>(z.strictObject({ to: z.enum(dtypes) })),
  outputs: ([{ shape }], { to }) => [{ dtype: to, shape }],
  cost: (inputs, options) => costOf(inputs, cast.outputs(inputs, options), 0),
  record: (r, [x], { to }) => {
    if (x.dtype === to) return [x];
    const y = r.temporary({ dtype: to, shape: x.shape });
    if (sizeOf(x.shape) === 0) return [y];
    r.dispatch(page, {
      bind: { x, y },
      params: wrapParams(to),
      overrides: { FROM: isFloat(x.dtype) ? 0 : isSigned(x.dtype) ? 1 : 2, TO: toCode(to) },
      groups: Math.ceil(sizeOf(x.shape) / 64),
      iterations: 0,
    });
    return [y];
  },
  twin: ([x]: readonly HostTensor[], { to }) => {
    const [least, greatest] = to === "u32" || to === "u64" ? [-(2 ** 31), 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1];
    const value = (at: number) => {
      if (to === "bool") return at === 0 ? 0 : 1;
      if (to === "f16") return Math.f16round(at);
      if (to === "f32" || to === "f64") return at;
      const integer = isFloat(x.dtype) ? Math.min(Math.max(Math.trunc(at), least), greatest) : at;
      return wrapTwin(integer, to);
    };
    return [{ dtype: to, shape: x.shape, data: x.data.map(value) }];
  },
  // Whole numbers above 2^24 are rounded to f32.
  bound: 1e-7,
  scale: "element",
  cases: castCases,
};
