import { nn, sameShape } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";

/**
 * Transpositions, changes of shape and slices that follow each other are one, or none.
 *
 *     transpose a             transpose b(a)        transpose that only moves         reshape
 *     transpose b      =>                           axes of size 1             =>
 *
 *     reshape                 reshape               reshape to the shape it has  =>   nothing
 *     reshape          =>
 *
 *     slice                   slice of both steps
 *     slice            =>
 *
 * A step in between that somebody else reads stays for them; dead steps are dropped by their own pass.
 */
export function simplifyMovement(program: Program): Program {
  const makers = new Map<Operand, Step>();
  const same = new Map<Operand, Operand>();
  const now = (operand: Operand) => same.get(operand) ?? operand;
  const steps = program.steps.flatMap((original): Step[] => {
    const step = simplified({ ...original, inputs: original.inputs.map(now) } as Step, makers);
    const [input] = step.inputs, [output] = step.outputs;
    const moves = step.kind === "reshape" || isTransposition(step);
    if (moves && isIdentity(step) && sameShape(input.shape, output.shape)) {
      same.set(output, input);
      return [];
    }
    for (const made of step.outputs) makers.set(made, step);
    return [step];
  });
  const outputs = [...program.outputs].map(([name, operand]): [string, Operand] => [name, now(operand)]);
  return { steps, outputs: new Map(outputs) };
}

function simplified(step: Step, makers: ReadonlyMap<Operand, Step>): Step {
  const before = makers.get(step.inputs[0]);
  if (step.kind === "reshape") {
    return before?.kind === "reshape" ? { ...step, inputs: before.inputs } : step;
  }
  if (step.operation.name === "slice") return slicedOnce(step, before);
  if (!isTransposition(step)) return step;
  const permutation = permutationOf(step);
  if (before !== undefined && isTransposition(before)) {
    const first = permutationOf(before);
    const options = nn.transpose.options.parse({ permutation: permutation.map((axis) => first[axis]) });
    return simplified(
      { ...step, inputs: before.inputs, options: options as unknown as Record<string, unknown> },
      makers,
    );
  }
  const { shape } = step.inputs[0];
  const moved = permutation.filter((axis) => shape[axis] !== 1);
  const inOrder = moved.every((axis, i) => i === 0 || axis > moved[i - 1]);
  if (!inOrder) return step;
  const { inputs: [x], outputs: [y], node } = step;
  return simplified({ kind: "reshape", inputs: [x], outputs: [y], node }, makers);
}

function slicedOnce(step: ApplyStep, before: Step | undefined): Step {
  if (before?.kind !== "apply" || before.operation.name !== "slice" || step.outputs[0].shape.includes(0)) return step;
  const [outer, inner] = [before, step].map(({ options }) => options as unknown as nn.SliceOptions);
  const stepsOf = ({ steps, starts }: nn.SliceOptions) => steps ?? starts.map(() => 1);
  const options = nn.slice.options.parse({
    starts: inner.starts.map((start, axis) => outer.starts[axis] + stepsOf(outer)[axis] * start),
    steps: stepsOf(inner).map((by, axis) => by * stepsOf(outer)[axis]),
    sizes: inner.sizes,
  });
  return { ...step, inputs: before.inputs, options: options as unknown as Record<string, unknown> };
}

const isTransposition = (step: Step): step is Step & { kind: "apply" } =>
  step.kind === "apply" && step.operation.name === "transpose";

function permutationOf(step: Step & { kind: "apply" }): readonly number[] {
  const { permutation } = step.options as unknown as nn.TransposeOptions;
  return permutation ?? step.inputs[0].shape.map((_, axis) => axis).reverse();
}

function isIdentity(step: Step): boolean {
  return step.kind === "reshape" || permutationOf(step as Step & { kind: "apply" }).every((axis, i) => axis === i);
}
