import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";

/**
 * Indices that exporters repeat over whole slices, as torch does to write rows, are scattered by as they were before.
 *
 *     indices [n, 1, 1]                        indices [n, 1, 1]
 *     expand [n, c, w]    updates     =>       scatterElements    updates
 *       scatterElements
 */
export function dropRepeatedIndices(program: Program): Program {
  const makers = new Map<Operand, ApplyStep>();
  const steps = program.steps.map((step): Step => {
    if (step.kind === "reshape") return step;
    for (const output of step.outputs) makers.set(output, step);
    if (step.operation.name !== "scatterElements") return step;
    const [data, indices, updates] = step.inputs;
    const maker = makers.get(indices);
    const own = maker?.operation.name === "expand" ? maker.inputs[0] : undefined;
    const axis = step.options.axis as number;
    const along = axis < 0 ? axis + data.shape.length : axis;
    // The axis itself must not be what was repeated.
    if (own?.shape.length !== data.shape.length || own.shape[along] !== updates.shape[along]) return step;
    return { ...step, inputs: [data, own, updates] };
  });
  return { ...program, steps };
}
