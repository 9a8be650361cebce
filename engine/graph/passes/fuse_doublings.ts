import { nn } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers } from "./matching.ts";
import { usesOf } from "./uses.ts";

/**
 * Maps that are doubled on their way to a concatenation, as decoders of U-Nets do, are read by it where they lie:
 *
 *           a
 *     resize (nearest, 2)    b     =>    a    b
 *                    concat              concat, a doubled
 *
 * A doubled map that somebody else reads as well stays as it is.
 */
export function fuseDoublings(program: Program): Program {
  const makers = new Makers(program), uses = usesOf(program);
  const steps = program.steps.map((step): Step => {
    if (step.kind === "reshape" || step.operation.name !== "concat") return step;
    const { axis } = step.options as unknown as nn.ConcatOptions;
    if (step.outputs[0].shape.length < 3 || (axis !== 1 && axis !== 1 - step.outputs[0].shape.length)) return step;
    const resizes = step.inputs.map((operand) => doublingOf(operand, makers, uses));
    if (resizes.every((found) => found === undefined)) return step;
    const options = nn.concat.options.parse({ axis, doublings: resizes.map((found) => found?.doublings ?? 0) });
    const inputs = step.inputs.map((operand, i) => resizes[i]?.x ?? operand);
    return { ...step, inputs, options: options as unknown as Record<string, unknown> };
  });
  return { ...program, steps };
}

/** What a map that nobody else reads was before it was doubled, and how often it was. */
export function doublingOf(
  operand: Operand,
  makers: Makers,
  uses: ReadonlyMap<Operand, number>,
): { x: Operand; doublings: number } | undefined {
  const step = uses.get(operand) === 1 ? makers.operation(operand, "resize") : undefined;
  if (step === undefined || !repeats(step)) return undefined;
  const [x] = step.inputs;
  const factors = operand.shape.map((extent, axis) => extent / x.shape[axis]);
  const doublings = Math.log2(factors[2]);
  const fits = factors.every((factor, axis) => factor === (axis < 2 ? 1 : factors[2]));
  return fits && Number.isInteger(doublings) && doublings >= 1 && doublings <= 15 ? { x, doublings } : undefined;
}

/** Whether a resizing by whole factors repeats each element: no position of such lies between two that are as near. */
function repeats({ options, inputs: [x], outputs: [y] }: ApplyStep): boolean {
  const { mode, coordinates, nearestMode, scales, epilogue } = options as unknown as nn.ResizeOptions;
  const exact = scales === undefined || scales.every((scale, axis) => scale === y.shape[axis] / x.shape[axis]);
  if (mode !== "nearest" || epilogue.length > 0 || !exact) return false;
  if (coordinates === "asymmetric") return nearestMode === "floor";
  return coordinates === "half_pixel" && nearestMode.startsWith("round");
}
