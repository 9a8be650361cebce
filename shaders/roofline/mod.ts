/** Pages that measure what an adapter can do at most, for the bench's roofline. */

import { definePage, type Page, type Recorder, type Value } from "../contract.ts";
import copyText from "./copy.wgsl" with { type: "text" };
import multiplyAddText from "./multiply_add.wgsl" with { type: "text" };

const copyPage: Page = definePage({
  name: "copy",
  file: import.meta.resolve("./copy.wgsl"),
  text: copyText,
  bindings: [{ name: "image", access: "read", layout: "rows4" }, { name: "result", access: "write", layout: "rows4" }],
});

const multiplyAddPage: Page = definePage({
  name: "multiply_add",
  file: import.meta.resolve("./multiply_add.wgsl"),
  text: multiplyAddText,
  bindings: [{ name: "result", access: "write", layout: "linear" }],
});

/** Copies a `[rows, columns]` f32 tensor; 8 bytes are moved for each element. */
export function copyTexels(r: Recorder, image: Value): Value {
  const result = r.temporary(image);
  const [rows, columns] = image.shape;
  r.dispatch(copyPage, { bind: { image, result }, groups: [Math.ceil(columns / 256), rows, 1], iterations: 0 });
  return result;
}

/** Invocations and turns of `multiplyAdd`, and the floating-point operations that they are. */
export const multiplyAddWork = { invocations: 16_384, turns: 1024, flops: 16_384 * 1024 * 8 * 4 * 2 } as const;

/** Runs `multiplyAddWork.flops` operations in registers and gives one number an invocation. */
export function multiplyAdd(r: Recorder): Value {
  const { invocations, turns } = multiplyAddWork;
  const result = r.temporary({ dtype: "f32", shape: [invocations] });
  const call = { params: { factor: 0.5, turns }, groups: [invocations / 64, 1, 1] as const, iterations: turns };
  r.dispatch(multiplyAddPage, { ...call, bind: { result } });
  return result;
}
