/** Which storage each node of a recording gets, by its lifetime, before anything is allocated. */

import type { Need } from "../memory/pool.ts";
import { storageKey } from "../memory/pool.ts";
import type { Node, Step } from "./recording.ts";

/** The storages that a recording needs at once, and which of them each node uses. */
export interface Slots {
  readonly slots: readonly Need[];
  readonly slotOf: ReadonlyMap<Node, number>;
}

/** The nodes of a step that have elements. */
export const nodesOf = (step: Step): Node[] =>
  step.kind === "copy" ? [step.from, step.to] : step.nodes.filter((node) => node !== null);

/**
 * Plans storages: a node takes over the slot of an equal one whose last use is over. `kept` nodes outlive the run; `given`
 * ones have their storage already.
 */
export function planSlots(
  steps: readonly Step[],
  kept: ReadonlySet<Node>,
  given: (node: Node) => boolean = () => false,
): Slots {
  const last = new Map<Node, number>();
  steps.forEach((step, index) => nodesOf(step).forEach((node) => last.set(node, index)));
  const slots: Need[] = [];
  const slotOf = new Map<Node, number>();
  const free = new Map<string, number[]>();
  const assign = (node: Node) => {
    if (given(node) || slotOf.has(node)) return;
    const slot = free.get(storageKey(node.need))?.pop() ?? slots.push(node.need) - 1;
    slotOf.set(node, slot);
  };
  steps.forEach((step, index) => {
    const nodes = new Set(nodesOf(step));
    nodes.forEach(assign);
    for (const node of nodes) {
      if (given(node) || kept.has(node) || last.get(node) !== index) continue;
      const key = storageKey(node.need);
      free.set(key, [...free.get(key) ?? [], slotOf.get(node)!]);
    }
  });
  return { slots, slotOf };
}
