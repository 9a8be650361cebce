import { variantOf } from "../../shaders/forms.ts";
import type { Facts, Spec } from "../../shaders/mod.ts";
import type { HostValue } from "./host_value.ts";
import type { NetReport, ReadReport } from "./net.ts";
import { constantsOf, type Program } from "./program.ts";

/** Counts what the programs of a network consist of. */
export function reportOf(programs: readonly Program[], facts: Facts, reads: readonly ReadReport[]): NetReport {
  const all = programs.flatMap(({ steps }) => steps);
  const steps = all.filter((step) => step.kind === "apply");
  const operations: Record<string, number> = {};
  const forms: Record<string, number> = {};
  let macs = 0;
  for (const { operation, options, inputs } of steps) {
    const { name } = operation;
    const specs = inputs as readonly Spec[];
    operations[name] = (operations[name] ?? 0) + 1;
    const form = operation.choose && `${name}/${variantOf(operation, specs, options, facts).name}`;
    if (form) forms[form] = (forms[form] ?? 0) + 1;
    if (operation.bulk) macs += operation.cost(specs, options).flops / 2;
  }
  const constants = new Set<HostValue>(programs.flatMap((program) => [...constantsOf(program)]));
  const plan = {
    operations: steps.length,
    reshapes: all.length - steps.length,
    constantBytes: [...constants].reduce((bytes, { data }) => bytes + data.length * 4, 0),
  };
  return { operations, forms, plan, macs: Math.round(macs), readbacks: reads.length, reads };
}
