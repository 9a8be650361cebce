import { HostBudget } from "../host_budget.ts";
import type { HostValue } from "../host_value.ts";
import type { Model, ModelNode } from "../model.ts";
import { newestOpset } from "../operator.ts";
import { operators } from "../operators/mod.ts";
import { StepRecorder } from "../step_recorder.ts";

/** Evaluates on the host every node whose inputs are all constants, so that a model's loading does it once. */
export function foldConstants(model: Model): Model {
  const constants = new Map(model.constants);
  const budget = HostBudget.of(model);
  const nodes = model.nodes.filter((node) => {
    const values = fold(node, constants, budget);
    if (values === undefined) return true;
    for (const [i, name] of node.outputs.entries()) if (name !== "") constants.set(name, values[i]);
    return false;
  });
  return { ...model, nodes, constants };
}

/** The node's values, or `undefined` where it needs a feed, isn't supported or doesn't fit: the lowering says which. */
function fold(
  node: ModelNode,
  constants: ReadonlyMap<string, HostValue>,
  budget: HostBudget,
): HostValue[] | undefined {
  const operator = operators[node.operator];
  const [from, to = newestOpset] = operator?.opsets ?? [Infinity];
  if (node.opset < from || node.opset > to) return undefined;
  const recorder = new StepRecorder(budget);
  const inputs = node.inputs.map((name) => {
    const value = constants.get(name);
    return value === undefined ? undefined : recorder.constant(value);
  });
  if (inputs.some((operand, i) => operand === undefined && node.inputs[i] !== "")) return undefined;
  try {
    const operands = recorder.lower(node.name, [], () => operator.lower(recorder, { ...node, inputs }));
    const values = operands.map((operand) => operand.host);
    if (values.length < node.outputs.length || values.some((value) => value === undefined)) return undefined;
    return values as HostValue[];
  } catch {
    return undefined;
  }
}
