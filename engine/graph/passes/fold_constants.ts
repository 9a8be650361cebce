import { UnsupportedError } from "../../errors.ts";
import type { HostValue } from "../host_value.ts";
import { Recording } from "../lower.ts";
import type { Model, ModelNode } from "../model.ts";
import { NeedsHost, newestOpset, UnsupportedNode } from "../operator.ts";
import { operators } from "../operators/mod.ts";

/** Evaluates on the host every node whose inputs are all constants, so that a model's loading does it once. */
export function foldConstants(model: Model): Model {
  const constants = new Map(model.constants);
  const nodes = model.nodes.filter((node) => {
    const values = fold(node, constants);
    if (values === undefined) return true;
    for (const [i, name] of node.outputs.entries()) if (name !== "") constants.set(name, values[i]);
    return false;
  });
  return { ...model, nodes, constants };
}

/** The node's values, or `undefined` where it needs a feed, or isn't supported: the lowering says which. */
function fold(node: ModelNode, constants: ReadonlyMap<string, HostValue>): HostValue[] | undefined {
  const operator = operators[node.operator];
  const [from, to = newestOpset] = operator?.opsets ?? [Infinity];
  if (node.opset < from || node.opset > to) return undefined;
  const recording = new Recording();
  const inputs = node.inputs.map((name) => {
    const value = constants.get(name);
    return value === undefined ? undefined : recording.constant(value);
  });
  if (inputs.some((operand, i) => operand === undefined && node.inputs[i] !== "")) return undefined;
  try {
    const values = operator.lower(recording, { ...node, inputs }).map((operand) => operand.host);
    if (values.length < node.outputs.length || values.some((value) => value === undefined)) return undefined;
    return values as HostValue[];
  } catch (error) {
    if (error instanceof UnsupportedNode || error instanceof NeedsHost || error instanceof UnsupportedError) {
      return undefined;
    }
    throw error;
  }
}
