import type { Operand } from "../operator.ts";
import type { Program, Step } from "../program.ts";

/** Drops the steps that no output depends on. */
export function dropDeadSteps(program: Program): Program {
  const wanted = new Set<Operand>(program.outputs.values());
  const steps: Step[] = [];
  for (const step of program.steps.toReversed()) {
    if (!step.outputs.some((output) => wanted.has(output))) continue;
    for (const operand of step.inputs) wanted.add(operand);
    steps.push(step);
  }
  return { ...program, steps: steps.reverse() };
}
