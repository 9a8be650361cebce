/** Which values the host reads where it needs elements, and what it computes from them instead of reading it too. */
import { sizeOf } from "../../shaders/mod.ts";
import { ModelError } from "../errors.ts";
import { evaluate } from "./evaluate.ts";
import { type HostValue, isFloat } from "./host_value.ts";
import type { Operand } from "./operator.ts";
import type { Step } from "./program.ts";
import { hostLimit, type StepRecorder } from "./step_recorder.ts";

/** Arithmetic of shapes goes through values of few elements. */
export const smallElements = 4096;

/**
 * What to read for the elements of a value: the integers at the beginning of the chain of small steps that made it. One
 * read of all boxes serves every iteration of a loop over them, and what the host computes from integers is what the device does.
 */
export function rootsOf(operand: Operand, recorder: StepRecorder): Set<Operand> {
  const roots = new Set<Operand>();
  const seen = new Set<Operand>();
  const open = [operand];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(at) || recorder.seen(at).host !== undefined) continue;
    seen.add(at);
    const maker = recorder.maker(at);
    if (maker !== undefined && isArithmeticOfShapes(maker)) open.push(...maker.inputs);
    else roots.add(at);
  }
  return roots;
}

function isArithmeticOfShapes(step: Step): boolean {
  const few = step.inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0) <= smallElements;
  return few && step.outputs.length === 1 && step.inputs.every(({ dtype }) => !isFloat(dtype)) && isLight(step);
}

function isLight(step: Step): boolean {
  const small = step.outputs.every(({ shape }) => sizeOf(shape) <= hostLimit);
  return small && (step.kind === "reshape" || !step.operation.bulk);
}

/** All values that the host can compute from those that it reads. */
export function followsFrom(steps: readonly Step[], reads: readonly Operand[], recorder: StepRecorder): Set<Operand> {
  const known = new Set(reads);
  for (const step of steps) {
    const all = step.inputs.every((operand) => known.has(operand) || recorder.seen(operand).host !== undefined);
    if (all && isLight(step)) { for (const output of step.outputs) known.add(output); }
  }
  return known;
}

/** Computes on the host what follows from what was read. */
export function answersFrom(steps: readonly Step[], recorder: StepRecorder): void {
  for (const step of steps) {
    if (step.outputs.every((output) => recorder.answers.has(output)) || !isLight(step)) continue;
    const inputs = step.inputs.map((operand) => recorder.seen(operand).host);
    if (!inputs.every((value) => value !== undefined)) continue;
    const values = valuesOf(step, inputs);
    for (const [i, output] of step.outputs.entries()) recorder.answers.set(output, recorder.constant(values[i]));
  }
}

function valuesOf(step: Step, inputs: readonly HostValue[]): HostValue[] {
  if (step.kind === "reshape") return [{ ...inputs[0], shape: step.outputs[0].shape }];
  try {
    return evaluate(step.operation, inputs, step.options);
  } catch (error) {
    throw new ModelError(`Cannot run node ${step.node} on the elements that were read: ${(error as Error).message}`);
  }
}
