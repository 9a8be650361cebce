import { type HostTensor, nn, sizeOf } from "../../../shaders/mod.ts";
import { hostValue } from "../host_value.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers } from "./matching.ts";
import { usesOf } from "./uses.ts";

/** Rows that a table of indices may have, and elements of a row below which a table costs more than it saves. */
const mostRows = 1 << 16;
const leastElements = 16;

/**
 * Movement that keeps rows of the last axis whole is one gather of rows, whatever it consists of, where it would take
 * several steps: windows that are shifted and taken apart, or patches that are laid side by side.
 *
 *       x                       slices
 *       | gather, slice        / | | \
 *       | reshape             x  x x  x             x as rows
 *       | transpose            \ | | /       =>     | gather
 *       | concat               concat               reshape
 *
 * What somebody else reads in between is where it begins.
 */
export function fuseRowMoves(program: Program): Program {
  const makers = new Makers(program), uses = usesOf(program);
  const tables = new Map<string, Operand>();
  const steps = program.steps.flatMap((step): Step[] => {
    if (!isMove(step)) return [step];
    const found = rowsOf(step.outputs[0], makers, uses);
    return found === undefined ? [step] : gathered(step, found, tables);
  });
  return { ...program, steps };
}

interface Rows {
  readonly root: Operand;
  /** The elements of a row. */
  readonly unit: number;
  /** The root's row for each of the result. */
  readonly indices: ArrayLike<number>;
}

const names: ReadonlySet<string> = new Set(["transpose", "slice", "gather", "concat"]);

/** A step that moves rows of the last axis. */
function isMove(step: Step | undefined): step is ApplyStep {
  if (step?.kind !== "apply" || !names.has(step.operation.name)) return false;
  const [x] = step.inputs, [y] = step.outputs;
  const last = x.shape.length - 1;
  switch (step.operation.name) {
    case "transpose": {
      const { permutation } = step.options as unknown as nn.TransposeOptions;
      return permutation?.at(-1) === last;
    }
    case "gather": {
      const { axis } = step.options as unknown as nn.GatherOptions;
      const at = axis < 0 ? axis + x.shape.length : axis;
      return at !== last && step.inputs[1].host !== undefined && y.shape.length > 1;
    }
  }
  return x.shape.length > 0;
}

/** The one value whose rows a value is made of by several moves. */
function rowsOf(end: Operand, makers: Makers, uses: ReadonlyMap<Operand, number>): Rows | undefined {
  const chain: Step[] = [];
  const roots = new Set<Operand>();
  const seen = new Set<Operand>();
  const visit = (operand: Operand): void => {
    if (seen.has(operand)) return;
    seen.add(operand);
    const step = makers.step(operand);
    const goesOn = operand === end || uses.get(operand) === 1;
    if (step === undefined || !goesOn || !(step.kind === "reshape" || isMove(step))) return void roots.add(operand);
    for (const input of movedInputs(step)) visit(input);
    chain.push(step);
  };
  visit(end);
  const [root] = roots;
  if (roots.size !== 1 || chain.filter(isMove).length < 2) return undefined;
  const values = [root, ...chain.map(({ outputs: [y] }) => y)];
  const unit = chain.reduce(unitOf, values.reduce((unit, { shape }) => divisor(unit, shape.at(-1) ?? 1), 0));
  if (unit < leastElements || sizeOf(root.shape) === 0) return undefined;
  if (values.some(({ shape }) => sizeOf(shape) / unit > mostRows)) return undefined;
  const known = new Map([[root, indicesOf(root, unit)]]);
  for (const step of chain) known.set(step.outputs[0], moved(step, known, unit));
  return { root, unit, indices: known.get(end)!.data };
}

const movedInputs = (step: Step): readonly Operand[] =>
  step.kind === "apply" && step.operation.name === "gather" ? step.inputs.slice(0, 1) : step.inputs;

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}

/** Slices that begin or end within a row leave parts of it. */
function unitOf(unit: number, step: Step): number {
  if (step.kind === "reshape" || step.operation.name !== "slice") return unit;
  const { starts, steps } = step.options as unknown as nn.SliceOptions;
  return (steps?.at(-1) ?? 1) === 1 ? divisor(unit, starts[starts.length - 1]) : 1;
}

const byRows = (shape: readonly number[], unit: number): number[] => shape.with(-1, shape[shape.length - 1] / unit);

function indicesOf({ shape }: Operand, unit: number): HostTensor {
  const data = Float64Array.from({ length: sizeOf(shape) / unit }, (_, i) => i);
  return { dtype: "i32", shape: byRows(shape, unit), data };
}

/** Where the rows go: what the step's twin does to their numbers. */
function moved(step: Step, known: ReadonlyMap<Operand, HostTensor>, unit: number): HostTensor {
  const shape = byRows(step.outputs[0].shape, unit);
  const inputs = movedInputs(step).map((operand) => known.get(operand)!);
  if (step.kind === "reshape") return { ...inputs[0], shape };
  let { options } = step;
  if (step.operation.name === "slice") {
    const { starts } = options as unknown as nn.SliceOptions;
    options = { ...options, starts: byRows(starts, unit), sizes: shape };
  }
  const [, indices] = step.inputs;
  if (step.operation.name === "gather") {
    const { shape, data } = indices.host!;
    inputs.push({ dtype: "i64", shape, data: Float64Array.from(data as ArrayLike<number | bigint>, Number) });
  }
  return step.operation.twin(inputs, options)[0];
}

function gathered(step: ApplyStep, { root, unit, indices }: Rows, tables: Map<string, Operand>): Step[] {
  const { node, outputs: [result] } = step;
  const made = (shape: readonly number[]): Operand => ({ dtype: root.dtype, shape, source: { kind: "step" } });
  const key = Array.from(indices).join();
  if (!tables.has(key)) {
    const host = hostValue("i64", [indices.length], indices);
    tables.set(key, { dtype: "i64", shape: host.shape, host, source: { kind: "host" } });
  }
  const rows = made([sizeOf(root.shape) / unit, unit]), chosen = made([indices.length, unit]);
  const options = nn.gather.options.parse({ axis: 0 }) as unknown as Record<string, unknown>;
  return [
    { kind: "reshape", inputs: [root], outputs: [rows], node },
    { kind: "apply", operation: nn.gather, options, inputs: [rows, tables.get(key)!], outputs: [chosen], node },
    { kind: "reshape", inputs: [chosen], outputs: [result], node },
  ];
}
