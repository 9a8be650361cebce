import type { nn } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { usesOf } from "./uses.ts";

/**
 * A concatenation of concatenations along one axis is one: loops that append grow a value iteration by iteration, and would copy
 * all of it in each.
 *
 *     a  b                a  b  c
 *     concat  c     =>    concat
 *       concat
 *
 * A value that somebody else reads as well stays as it is. An operand without elements is left out where others stay.
 */
export function mergeConcats(program: Program): Program {
  const uses = usesOf(program);
  const makers = new Map<Operand, ApplyStep>();
  const steps = program.steps.map((step): Step => {
    const axis = axisOf(step);
    if (step.kind === "reshape" || axis === undefined) return step;
    const inputs = step.inputs.flatMap((operand): readonly Operand[] => {
      const maker = uses.get(operand) === 1 ? makers.get(operand) : undefined;
      return maker !== undefined && axisOf(maker) === axis ? maker.inputs : [operand];
    }).filter(({ shape }, _, all) => all.every((other) => other.shape.includes(0)) || !shape.includes(0));
    const merged = { ...step, inputs };
    makers.set(step.outputs[0], merged);
    return merged;
  });
  return { ...program, steps };
}

/** The axis of a concatenation, counted from the start. */
function axisOf(step: Step): number | undefined {
  if (step.kind === "reshape" || step.operation.name !== "concat") return undefined;
  const { axis } = step.options as unknown as nn.ConcatOptions;
  return axis < 0 ? axis + step.outputs[0].shape.length : axis;
}
