import type { Operand } from "../operator.ts";
import type { Program, Step } from "../program.ts";

/**
 * Steps that compute the same from the same are one: exporters write a chain of shapes, a slice or a mean anew wherever
 * it is used.
 *
 *       x    x              x
 *     mean  mean     =>    mean
 *       a    b             a  a
 */
export function joinCommonSteps(program: Program): Program {
  const numbers = new Map<unknown, number>();
  const numberOf = (thing: unknown): number => {
    if (!numbers.has(thing)) numbers.set(thing, numbers.size);
    return numbers.get(thing)!;
  };
  const known = new Map<string, Step>();
  const same = new Map<Operand, Operand>();
  const now = (operand: Operand) => same.get(operand) ?? operand;
  // Feeds and constants are the same where their names and elements are, whatever stands for them.
  const identity = (operand: Operand): unknown => {
    const { source, host } = operand;
    return source.kind === "input" ? `input ${source.name}` : source.kind === "host" ? host : operand;
  };
  const steps = program.steps.flatMap((original): Step[] => {
    const step = { ...original, inputs: original.inputs.map(now) } as Step;
    const what = step.kind === "reshape"
      ? String(step.outputs[0].shape)
      : `${numberOf(step.operation)} ${JSON.stringify(step.options, exactly)}`;
    const key = `${step.kind} ${what} ${step.inputs.map((operand) => numberOf(identity(operand)))}`;
    const first = known.get(key);
    if (first === undefined) {
      known.set(key, step);
      return [step];
    }
    step.outputs.forEach((output, i) => same.set(output, first.outputs[i]));
    return [];
  });
  const outputs = [...program.outputs].map(([name, operand]): [string, Operand] => [name, now(operand)]);
  return { steps, outputs: new Map(outputs) };
}

/** Numbers that JSON has no form for, told apart. */
function exactly(_: string, value: unknown): unknown {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}
