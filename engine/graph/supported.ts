/** Which nodes of a model can be run. */
import { controlFlow, controlFlowReason } from "./control_flow.ts";
import type { Model, ModelNode } from "./model.ts";
import { newestOpset, type Operator } from "./operator.ts";
import { operators, passOperators } from "./operators/mod.ts";
import { UnsupportedNodes } from "./unsupported_nodes.ts";

/** The operator of a node: of a file, or one that a pass put in the place of others. */
export function operatorOf({ operator }: Pick<ModelNode, "operator">): Operator {
  return passOperators[operator] ?? operators[operator];
}

/** Why a node can't be run, if so. */
export function unsupportedReason(node: ModelNode): string | undefined {
  if (node.operator in controlFlow) return controlFlowReason(node);
  const operator = operators[node.operator];
  if (operator === undefined) return "the operator is not supported";
  const [from, to = newestOpset] = operator.opsets;
  if (node.opset >= from && node.opset <= to) return undefined;
  return `operator set ${node.opset} is not supported, ${from} to ${to} are`;
}

/** Lists every node of a model whose operator isn't supported, also inside of branches and loops, whatever the feeds. */
export function checkOperators(model: Model): void {
  const unsupported = new UnsupportedNodes(model.name);
  const visit = (nodes: readonly ModelNode[]): void => {
    for (const node of nodes) {
      const reason = unsupportedReason(node);
      if (reason !== undefined) unsupported.add(node, reason);
      for (const graph of node.attributes.subgraphs()) visit(graph.nodes);
    }
  };
  visit(model.nodes);
  unsupported.check();
}
