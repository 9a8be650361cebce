/** What a lowering has yet to do. */
import { type LoopNode, namesFromOutside } from "./control_flow.ts";
import type { ModelNode, Subgraph } from "./model.ts";
import type { Operand } from "./operator.ts";
import type { Meaning, Scope } from "./scope.ts";
import type { Journal } from "./step_recorder.ts";

/** One node of a graph. */
export interface NodeTask {
  readonly kind: "node";
  readonly node: ModelNode;
  readonly scope: Scope;
  readonly journal: Journal;
  /** Once it was tried: the same operands again, so that it makes the same calls. */
  readonly inputs?: readonly (Operand | undefined)[];
}

/** A branch of an If was lowered before its condition is known: whether it may stand for the other one too. */
export interface JoinTask {
  readonly kind: "join";
  readonly node: ModelNode;
  readonly scope: Scope;
  /** The branch. */
  readonly inside: Scope;
  /** The other one is taken where this count is 0. */
  readonly count: Operand;
}

/** One iteration of a loop, and those after it. */
export interface IterationTask {
  readonly kind: "iteration";
  readonly loop: LoopNode;
  readonly scope: Scope;
  readonly iteration: number;
  /** The iteration before. */
  readonly before?: Scope;
  /** All iterations before, where each gives slices. */
  readonly bodies: readonly Scope[];
}

/** What the iterations of a loop gave, put together. */
export interface CollectTask {
  readonly kind: "collect";
  readonly loop: LoopNode;
  readonly scope: Scope;
  readonly bodies: readonly Scope[];
  readonly journal: Journal;
}

/** Something to be done. */
export type Task = NodeTask | JoinTask | IterationTask | CollectTask;

/** The nodes of a graph. */
export function tasksOf({ nodes }: Pick<Subgraph, "nodes">, scope: Scope): Task[] {
  return nodes.map((node) => ({ kind: "node", node, scope, journal: [] }));
}

/** The node that a task belongs to. */
export function nodeOf(task: Task): ModelNode {
  return "loop" in task ? task.loop.node : task.node;
}

/** The scopes that a task knows. */
export function scopesOf(task: Task): Scope[] {
  const inner = task.kind === "join" ? [task.inside] : "bodies" in task ? task.bodies : [];
  const before = task.kind === "iteration" && task.before ? [task.before] : [];
  return [task.scope, ...inner, ...before];
}

/** What a task may read. */
export function meaningsOf(task: Task): (Meaning | undefined)[] {
  const { scope } = task;
  const journal = "journal" in task ? task.journal.flat() : [];
  switch (task.kind) {
    case "node":
      return [...journal, ...task.inputs ?? [], ...namesOf(task.node).map((name) => scope.find(name))];
    case "join": {
      const { outputs } = task.node.attributes.subgraph("else_branch");
      return [...namesOf(task.node).map((name) => scope.find(name)), ...outputs.map((name) => task.inside.find(name))];
    }
  }
  const { node, body, carried, collected } = task.loop;
  const outside = [...node.inputs, ...namesFromOutside(body)].map((name) => scope.find(name));
  const slices = task.bodies.flatMap((inside) => collected.map(({ out }) => inside.find(out)));
  const before = task.kind === "iteration" ? task.before : undefined;
  const last = before ? [body.outputs[0], ...carried.map(({ out }) => out)].map((name) => before.find(name)) : [];
  return [...journal, ...outside, ...slices, ...last];
}

function namesOf(node: ModelNode): string[] {
  return [...node.inputs, ...node.attributes.subgraphs().flatMap((graph) => [...namesFromOutside(graph)])];
}

/** The task with copies of its scopes. */
export function copyOf(task: Task, copies: ReadonlyMap<Scope, Scope>): Task {
  const scope = copies.get(task.scope)!;
  if (task.kind === "node") return { ...task, scope, journal: [...task.journal] };
  if (task.kind === "join") return { ...task, scope, inside: copies.get(task.inside)! };
  const bodies = task.bodies.map((body) => copies.get(body)!);
  if (task.kind === "collect") return { ...task, scope, bodies, journal: [...task.journal] };
  return { ...task, scope, bodies, before: task.before && copies.get(task.before) };
}
