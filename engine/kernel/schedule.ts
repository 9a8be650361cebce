/** Where each node of recorded steps lies during a run: among inputs, tensors, tables, or storages of the run's own. */

import type { Page } from "../../shaders/contract.ts";
import type { Holding } from "../memory/holding.ts";
import { type Need, storageBytes } from "../memory/pool.ts";
import type { Node, Step } from "./recording.ts";
import { nodesOf, planSlots } from "./slots.ts";

/** Steps with what a run of them binds, by places: first the inputs, then tensors, tables and slots in this order. */
export interface Schedule {
  readonly steps: readonly Step[];
  /** The place of each node. */
  readonly placeOf: ReadonlyMap<Node, number>;
  /** How many places there are: the next is that of the buffer which stores into textures go through. */
  readonly places: number;
  /** How many inputs each run gives. */
  readonly inputs: number;
  /** Tensors that every run reads. */
  readonly tensors: readonly Holding[];
  /** Tables of the host that every run reads. */
  readonly tables: readonly { readonly need: Need; readonly words: Uint32Array<ArrayBuffer> }[];
  /** What a run takes for itself. */
  readonly slots: readonly Need[];
  /** For each value that a run gives the index of its slot. */
  readonly results: readonly number[];
  /** Bytes of slots and tables: what a run needs besides inputs and tensors. */
  readonly bytes: number;
}

/**
 * The schedule of steps whose results are the `kept` nodes. `given` nodes are tensors, though the steps that they were
 * recorded with made them.
 */
export function scheduleOf(
  steps: readonly Step[],
  kept: readonly Node[],
  inputs = 0,
  given: ReadonlyMap<Node, Holding> = new Map(),
): Schedule {
  const tensors = new Map<Holding, Node[]>();
  const tables: Node[] = [];
  const placeOf = new Map<Node, number>();
  for (const node of new Set(steps.flatMap(nodesOf))) {
    const holding = node.holding ?? given.get(node);
    if (node.input !== undefined) placeOf.set(node, node.input);
    else if (node.upload !== undefined) tables.push(node);
    else if (holding !== undefined) tensors.set(holding, [...tensors.get(holding) ?? [], node]);
  }
  let place = inputs;
  for (const nodes of tensors.values()) {
    for (const node of nodes) placeOf.set(node, place);
    place++;
  }
  for (const node of tables) placeOf.set(node, place++);
  const { slots, slotOf } = planSlots(steps, new Set(kept), (node) => placeOf.has(node));
  for (const [node, slot] of slotOf) placeOf.set(node, place + slot);
  const needs = [...slots, ...tables.map((node) => node.need)];
  return {
    steps,
    placeOf,
    places: place + slots.length,
    inputs,
    tensors: [...tensors.keys()],
    tables: tables.map((node) => ({ need: node.need, words: node.upload! })),
    slots,
    results: kept.map((node) => slotOf.get(node)!),
    bytes: needs.reduce((sum, need) => sum + storageBytes(need), 0),
  };
}

/** What messages call a run of a schedule. */
export function nameOf({ steps }: Schedule): string {
  const first = steps.find((step) => step.kind === "dispatch");
  return `The run that begins with ${first?.kind === "dispatch" ? first.label : "copies"}`;
}

/** Those of the steps that are needed to make `wanted`, where the `given` nodes are there already. */
export function stepsFor(
  steps: readonly Step[],
  wanted: Iterable<Node>,
  given: ReadonlySet<Node> = new Set(),
): Step[] {
  const needed = new Set(wanted);
  const result: Step[] = [];
  for (const step of steps.toReversed()) {
    if (!writtenBy(step).some((node) => needed.has(node) && !given.has(node))) continue;
    result.push(step);
    for (const node of nodesOf(step)) if (!given.has(node)) needed.add(node);
  }
  return result.reverse();
}

function writtenBy(step: Step): Node[] {
  if (step.kind === "copy") return [step.to];
  const { bindings } = step.page;
  return step.nodes.filter((node, index) => node !== null && bindings[index].access !== "read") as Node[];
}

/** The pages that a schedule dispatches. */
export function pagesOf({ steps }: Schedule): Page[] {
  return [...new Set(steps.flatMap((step) => step.kind === "dispatch" ? [step.page] : []))];
}
