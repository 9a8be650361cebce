import type { Facts, Spec } from "../../shaders/mod.ts";
import type { NetReport } from "./net.ts";
import { constantsOf, type Program } from "./program.ts";

/** Counts what a program consists of. */
export function reportOf(program: Program, facts: Facts, readbacks: number): NetReport {
  const steps = program.steps.filter((step) => step.kind === "apply");
  const operations: Record<string, number> = {};
  const forms: Record<string, number> = {};
  let macs = 0;
  for (const { operation, options, inputs } of steps) {
    const { name } = operation;
    const specs = inputs as readonly Spec[];
    operations[name] = (operations[name] ?? 0) + 1;
    const form = operation.pick && `${name}/${operation.pick(specs, options, facts)}`;
    if (form) forms[form] = (forms[form] ?? 0) + 1;
    if (operation.bulk) macs += operation.cost(specs, options).flops / 2;
  }
  const constants = [...constantsOf(program)];
  const plan = {
    operations: steps.length,
    reshapes: program.steps.length - steps.length,
    constantBytes: constants.reduce((bytes, { data }) => bytes + data.length * 4, 0),
  };
  return { operations, forms, plan, macs: Math.round(macs), readbacks };
}
