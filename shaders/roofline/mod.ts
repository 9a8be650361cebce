/** Pages that measure what an adapter can do at most, for the bench's roofline. */

import { definePage, type Facts, type Lib, type Page, type Recorder, type Value } from "../contract.ts";
import copyText from "./copy.wgsl" with { type: "text" };
import copyScalarsText from "./copy_scalars.wgsl" with { type: "text" };
import factorHeldText from "./factor_held.wgsl" with { type: "text" };
import factorLanesText from "./factor_lanes.wgsl" with { type: "text" };
import multiplyAddText from "./multiply_add.wgsl" with { type: "text" };
import readText from "./read.wgsl" with { type: "text" };
import realF16Text from "./real_f16.wgsl" with { type: "text" };
import realF32Text from "./real_f32.wgsl" with { type: "text" };
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

const lib = (name: string, text: string): Lib => ({ file: new URL(`./${name}.wgsl`, import.meta.url).href, text });

const multiplyAddPage = (name: string, libs: readonly Lib[], subgroups = false): Page =>
  definePage({
    name,
    file: import.meta.resolve("./multiply_add.wgsl"),
    text: multiplyAddText,
    libs,
    bindings: [scalars("result", "write")],
    subgroups,
  });

const f32 = lib("real_f32", realF32Text);
const held = lib("factor_held", factorHeldText);

/** What multiply-adds are done with: numbers in registers, factors that lanes hand round, numbers of half the length. */
const multiplyAddPages = {
  registers: multiplyAddPage("multiply_add", [f32, held]),
  lanes: multiplyAddPage("multiply_add_lanes", [f32, lib("factor_lanes", factorLanesText)], true),
  f16: multiplyAddPage("multiply_add_f16", [lib("real_f16", realF16Text), held]),
};

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

/** One way of doing multiply-adds. */
export interface MultiplyAdd {
  /** What they are done with. */
  readonly kind: keyof typeof multiplyAddPages;
  /** Accumulators of four numbers. */
  readonly accumulators: number;
  /** Steps between two iterations of the loop. */
  readonly steps: number;
}

/** What the arithmetic peak of a device is searched over, as far as it has the features. */
export function multiplyAddForms({ subgroupSize, f16 }: Pick<Facts, "subgroupSize" | "f16">): MultiplyAdd[] {
  const registers = { kind: "registers" } as const;
  return [
    { ...registers, accumulators: 3, steps: 32 },
    { ...registers, accumulators: 4, steps: 16 },
    { ...registers, accumulators: 8, steps: 8 },
    { ...registers, accumulators: 16, steps: 4 },
    { ...registers, accumulators: 32, steps: 2 },
    ...subgroupSize >= 4 ? [{ kind: "lanes", accumulators: 4, steps: 16 } as const] : [],
    ...f16 ? [{ kind: "f16", accumulators: 4, steps: 16 } as const] : [],
  ];
}

const invocations = 16_384;
/** Multiply-adds of vectors that an invocation does, about. */
const stepsOfInvocation = 4096;

/** Floating-point operations of one `multiplyAdd`, whatever its form. */
export function multiplyAddFlops({ accumulators, steps }: MultiplyAdd): number {
  return invocations * iterationsOf(accumulators, steps) * accumulators * steps * 4 * 2;
}

/** Multiplies and adds in registers and gives one number per invocation. */
export function multiplyAdd(r: Recorder, { kind, accumulators: ACCUMULATORS, steps: STEPS }: MultiplyAdd): Value {
  const iterations = iterationsOf(ACCUMULATORS, STEPS);
  const result = r.temporary({ dtype: "f32", shape: [invocations] });
  r.dispatch(multiplyAddPages[kind], {
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
