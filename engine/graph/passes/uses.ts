import type { Operand } from "../operator.ts";
import type { Program } from "../program.ts";

/** How often each value is read by steps or given out. */
export function usesOf(program: Program): Map<Operand, number> {
  const uses = new Map<Operand, number>();
  for (const operand of [...program.steps.flatMap(({ inputs }) => inputs), ...program.outputs.values()]) {
    uses.set(operand, (uses.get(operand) ?? 0) + 1);
  }
  return uses;
}
