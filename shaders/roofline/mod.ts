/** Pages that measure what an adapter can do at most, for the bench's roofline. */

import { definePage, type Page, type Recorder, type Value } from "../contract.ts";
import copyText from "./copy.wgsl" with { type: "text" };
import copyScalarsText from "./copy_scalars.wgsl" with { type: "text" };
import multiplyAddText from "./multiply_add.wgsl" with { type: "text" };
import readText from "./read.wgsl" with { type: "text" };
import writeText from "./write.wgsl" with { type: "text" };

const texels = (name: string, access: "read" | "write") => ({ name, access, layout: "rows4" }) as const;
const scalars = (name: string, access: "read" | "write") => ({ name, access, layout: "linear" }) as const;

const copyPage: Page = definePage({
  name: "copy",
  file: import.meta.resolve("./copy.wgsl"),
  text: copyText,
  bindings: [texels("image", "read"), texels("result", "write")],
});

const copyScalarsPage: Page = definePage({
  name: "copy_scalars",
  file: import.meta.resolve("./copy_scalars.wgsl"),
  text: copyScalarsText,
  bindings: [scalars("image", "read"), scalars("result", "write")],
});

const readPage: Page = definePage({
  name: "read",
  file: import.meta.resolve("./read.wgsl"),
  text: readText,
  bindings: [texels("image", "read"), texels("result", "write")],
});

const writePage: Page = definePage({
  name: "write",
  file: import.meta.resolve("./write.wgsl"),
  text: writeText,
  bindings: [texels("result", "write")],
});

const multiplyAddPage: Page = definePage({
  name: "multiply_add",
  file: import.meta.resolve("./multiply_add.wgsl"),
  text: multiplyAddText,
  bindings: [scalars("result", "write")],
});

/** Rows that an invocation of the reading and the writing page goes through. */
const rowsOfInvocation = 16;

/** Copies a `[rows, columns]` f32 tensor by texels; 8 bytes are moved for each element. */
export function copyTexels(r: Recorder, image: Value): Value {
  const result = r.temporary(image);
  const [rows, columns] = image.shape;
  r.dispatch(copyPage, { bind: { image, result }, groups: [Math.ceil(columns / 256), rows, 1], iterations: 0 });
  return result;
}

/** Copies an f32 tensor from buffer to buffer by scalars; 8 bytes are moved for each element. */
export function copyScalars(r: Recorder, image: Value): Value {
  const result = r.temporary(image);
  const count = image.shape.reduce((product, size) => product * size, 1);
  r.dispatch(copyScalarsPage, { bind: { image, result }, groups: [Math.ceil(count / 256), 1, 1], iterations: 0 });
  return result;
}

/** Reads a `[rows, columns]` f32 tensor: 4 bytes for each element, and a sixteenth of it written. */
export function readTexels(r: Recorder, image: Value): Value {
  const [rows, columns] = image.shape;
  const groupRows = Math.ceil(rows / rowsOfInvocation);
  const result = r.temporary({ dtype: "f32", shape: [groupRows, columns] });
  r.dispatch(readPage, { bind: { image, result }, groups: [Math.ceil(columns / 256), groupRows, 1], iterations: 0 });
  return result;
}

/** Writes an f32 result of `shape` `[rows, columns]`: 4 bytes for each element. */
export function writeTexels(r: Recorder, shape: readonly [number, number]): Value {
  const [rows, columns] = shape;
  const result = r.temporary({ dtype: "f32", shape });
  const groups = [Math.ceil(columns / 256), Math.ceil(rows / rowsOfInvocation), 1] as const;
  r.dispatch(writePage, { bind: { result }, groups, iterations: 0 });
  return result;
}

/** Accumulators of four numbers and steps between two iterations of the loop: what the arithmetic peak is searched over. */
export const multiplyAddForms: readonly { readonly accumulators: number; readonly steps: number }[] = [
  { accumulators: 3, steps: 32 },
  { accumulators: 4, steps: 16 },
  { accumulators: 8, steps: 8 },
  { accumulators: 16, steps: 4 },
  { accumulators: 32, steps: 2 },
];

const invocations = 16_384;
/** Multiply-adds of vectors that an invocation does, about. */
const stepsOfInvocation = 4096;

/** Floating-point operations of one `multiplyAdd`, whatever its form. */
export function multiplyAddFlops({ accumulators, steps }: { accumulators: number; steps: number }): number {
  return invocations * iterationsOf(accumulators, steps) * accumulators * steps * 4 * 2;
}

/** Multiplies and adds in registers and gives one number per invocation. */
export function multiplyAdd(r: Recorder, form: { accumulators: number; steps: number }): Value {
  const { accumulators: ACCUMULATORS, steps: STEPS } = form;
  const iterations = iterationsOf(ACCUMULATORS, STEPS);
  const result = r.temporary({ dtype: "f32", shape: [invocations] });
  r.dispatch(multiplyAddPage, {
    bind: { result },
    params: { factor: 0.5, addend: 0.25, iterations },
    tune: { ACCUMULATORS, STEPS },
    groups: [invocations / 64, 1, 1],
    iterations,
  });
  return result;
}

function iterationsOf(accumulators: number, steps: number): number {
  return Math.round(stepsOfInvocation / accumulators / steps);
}
