/** A kernel from a file as rows of the bench: a page of WGSL with what it is bound to, or a module that exports rows. */

import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Binding, definePage, type Element, type Layout, type Page, type Spec } from "../../shaders/contract.ts";
import { InputError, UsageError } from "../errors.ts";
import type { Engine } from "../mod.ts";
import { noise } from "./noise.ts";
import type { BenchRow } from "./rows.ts";

/** What the command line says of a `.wgsl` file. */
export interface KernelArguments {
  /** `NAME=LAYOUT:SHAPE[:ELEMENT]`, such as `image=rows4:1024x1024`, in the order of the binding numbers. */
  readonly bind: readonly string[];
  /** Workgroups, `X[,Y[,Z]]`. */
  readonly groups: string;
  /** `NAME=NUMBER[,NUMBER...]`: members of `struct Params`. */
  readonly params: readonly string[];
  /** `flops=NUMBER,bytes=NUMBER` of one dispatch. */
  readonly work?: string;
}

const layouts: readonly Layout[] = ["linear", "rows4", "channels4"];
const elements: readonly Element[] = ["f32", "i32", "u32"];

interface Bound {
  readonly binding: Binding;
  readonly spec: Spec;
}

/** The row of a `.wgsl` file. Throws an `InputError` for a file that can't be read and a `UsageError` for wrong arguments. */
export async function kernelRow(path: string, given: KernelArguments): Promise<BenchRow> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    throw new InputError(`Cannot read the kernel ${path} (${(error as Error).message}): give a file of WGSL`);
  }
  const bounds = given.bind.map((argument) => parseBind(argument, text));
  if (!bounds.some(({ binding }) => binding.access !== "read")) {
    throw new UsageError(`${path} stores to none of its bindings: name each with --bind NAME=LAYOUT:SHAPE`);
  }
  const name = path.replace(/^.*[\\/]/, "").replace(/\.wgsl$/, "");
  const page = definePage({ name, file: fileUrl(path).href, text, bindings: bounds.map(({ binding }) => binding) });
  const groups = parseNumbers("--groups", given.groups, 1, 3).map(Math.trunc);
  const params = Object.fromEntries(given.params.map((argument) => parseParam(argument)));
  const { flops = 0, bytes = bytesOf(bounds) } = parseWork(given.work);
  const grid = [groups[0], groups[1] ?? 1, groups[2] ?? 1] as const;
  const shapes = bounds.map(({ binding, spec }) => `${binding.name} ${binding.layout} ${spec.shape.join("x")}`);
  return {
    name,
    work: `${shapes.join(", ")}, ${grid.join(" x ")} groups`,
    prepare: (engine) => prepare(engine, page, bounds, { groups: grid, params }, { flops, bytes }),
  };
}

function prepare(
  engine: Engine,
  page: Page,
  bounds: readonly Bound[],
  call: { groups: readonly [number, number, number]; params: Record<string, number[]> },
  cost: { flops: number; bytes: number },
): Awaited<ReturnType<BenchRow["prepare"]>> {
  const inputs = new Map(
    bounds.filter(({ binding }) => binding.access === "read").map(({ binding, spec: { shape, dtype } }, index) => {
      return [binding.name, engine.tensor(noise(shape, index + 1), shape, { dtype })];
    }),
  );
  return {
    record: (r) => {
      const bind = Object.fromEntries(
        bounds.map(({ binding, spec }) => [binding.name, inputs.get(binding.name) ?? r.temporary(spec)]),
      );
      r.dispatch(page, { ...call, bind, iterations: 0 });
      return bind[bounds.findLast(({ binding }) => binding.access !== "read")!.binding.name];
    },
    cost: () => cost,
    [Symbol.asyncDispose]: () => {
      for (const tensor of inputs.values()) tensor.dispose();
      return Promise.resolve();
    },
  };
}

/** The rows that a module exports as its default. Throws an `InputError` where it can't be loaded or exports none. */
export async function moduleRows(path: string): Promise<BenchRow[]> {
  let loaded: { default?: unknown };
  try {
    loaded = await import(fileUrl(path).href);
  } catch (error) {
    throw new InputError(
      `Cannot load ${path} (${(error as Error).message}): give a module whose default is bench rows`,
    );
  }
  const rows = Array.isArray(loaded.default) ? loaded.default : [loaded.default];
  const isRow = (row: unknown) =>
    typeof row === "object" && row !== null && "name" in row && typeof row.name === "string" && "prepare" in row &&
    typeof row.prepare === "function";
  if (rows.length > 0 && rows.every(isRow)) return rows as BenchRow[];
  throw new InputError(`${path} exports no rows: its default must be a list of { name, work, prepare(engine) }`);
}

function parseBind(argument: string, text: string): Bound {
  const match = /^([A-Za-z_]\w*)=(\w+):(\d+(?:x\d+)*)(?::(\w+))?$/.exec(argument);
  const [, name, layout, sizes, element = "f32"] = match ?? [];
  if (!match || !layouts.includes(layout as Layout) || !elements.includes(element as Element)) {
    throw new UsageError(
      `--bind is ${argument}, but must be NAME=LAYOUT:SHAPE[:ELEMENT] with a layout of ${layouts.join(", ")} and an ` +
        `element of ${elements.join(", ")}, such as image=rows4:1024x1024`,
    );
  }
  const uses = (helper: string) => new RegExp(`\\b${helper}_${name}\\s*\\(`).test(text);
  const [reads, writes] = [uses("load"), uses("store")];
  if (!reads && !writes) {
    throw new UsageError(`--bind names ${name}, but the kernel has neither load_${name} nor store_${name}`);
  }
  if (reads && writes && layout !== "linear") {
    throw new UsageError(`${name} is loaded and stored, but only a linear binding can be both`);
  }
  const access = reads && writes ? "read_write" : writes ? "write" : "read";
  const dtype = element as "f32" | "i32" | "u32";
  const binding: Binding = { name, access, layout: layout as Layout, ...layout === "linear" ? { element: dtype } : {} };
  return { binding, spec: { dtype, shape: sizes.split("x").map(Number) } };
}

function parseParam(argument: string): [string, number[]] {
  const [name, values] = splitOnce(argument, "--param", "NAME=NUMBER[,NUMBER...]");
  return [name, parseNumbers(`--param ${name}`, values, 1, 64)];
}

function parseWork(argument: string | undefined): { flops?: number; bytes?: number } {
  if (argument === undefined) return {};
  const entries = argument.split(",").map((part) => splitOnce(part, "--work", "flops=NUMBER,bytes=NUMBER"));
  const stray = entries.find(([name]) => name !== "flops" && name !== "bytes");
  if (stray) throw new UsageError(`--work names ${stray[0]}, but must be flops=NUMBER,bytes=NUMBER`);
  return Object.fromEntries(entries.map(([name, value]) => [name, parseNumbers(`--work ${name}`, value, 1, 1)[0]]));
}

function splitOnce(argument: string, option: string, form: string): [string, string] {
  const at = argument.indexOf("=");
  if (at <= 0) throw new UsageError(`${option} is ${argument}, but must be ${form}`);
  return [argument.slice(0, at), argument.slice(at + 1)];
}

function parseNumbers(option: string, text: string, least: number, most: number): number[] {
  const numbers = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (numbers.length >= least && numbers.length <= most && numbers.every((value) => Number.isFinite(value))) {
    return numbers;
  }
  throw new UsageError(`${option} is ${text}, but must be ${least === most ? least : `${least} to ${most}`} numbers`);
}

/** Each binding moved once. */
function bytesOf(bounds: readonly Bound[]): number {
  return bounds.reduce((sum, { spec }) => sum + 4 * spec.shape.reduce((product, size) => product * size, 1), 0);
}

function fileUrl(path: string): URL {
  return pathToFileURL(isAbsolute(path) ? path : resolve(Deno.cwd(), path));
}
