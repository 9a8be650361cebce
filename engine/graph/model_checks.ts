/** What is refused of a model before anything of it is on the device. */
import { MemoryError, UnsupportedError } from "../errors.ts";
import { mebibytes } from "../memory/mod.ts";
import { isDeviceType } from "./host_value.ts";
import { type Model, namesRead } from "./model.ts";

/** Throws a `MemoryError` where the weights alone exceed the budget, before anything is allocated. */
export function checkBudget(model: Model, budget: number): void {
  const read = new Set(model.nodes.flatMap(namesRead));
  const weights = [...model.constants].filter(([name, { dtype }]) => read.has(name) && isDeviceType(dtype));
  const bytes = weights.reduce((sum, [, { data }]) => sum + 4 * data.length, 0);
  if (bytes <= budget) return;
  throw new MemoryError(
    `Cannot open ${model.name} as its weights take ${mebibytes(bytes)} on the device, but the budget is ${
      mebibytes(budget)
    }: raise memoryBudget, or use a smaller model`,
  );
}

/** Throws an `UnsupportedError` where an input or output is of a type that the device doesn't have. */
export function checkTypes(model: Model): void {
  const wrong = [...model.inputs, ...model.outputs].filter(({ dtype }) => !isDeviceType(dtype));
  if (wrong.length === 0) return;
  const types = [...new Set(wrong.map(({ dtype }) => dtype))].join(" and ");
  const list = wrong.map(({ name }) => name).join(", ");
  throw new UnsupportedError(
    `Cannot run ${model.name} as element type ${types} is not supported on the device (inputs and outputs ${list})`,
  );
}
