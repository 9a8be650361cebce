import { sameShape, sizeOf, type Spec } from "../../shaders/mod.ts";
import { ModelError, UnsupportedError } from "../errors.ts";
import {
  collect,
  controlFlow,
  emptyResults,
  loopOf,
  scanIterations,
  scopeWithin,
  sliceOf,
  takeResults,
  turnsOf,
} from "./control_flow.ts";
import { lowerCounted } from "./counted_rules.ts";
import { HostBudget } from "./host_budget.ts";
import { type HostValue, hostValue, isFloat } from "./host_value.ts";
import type { Model, ModelNode } from "./model.ts";
import { NeedsElements, NeedsHost, type NodeView, type Operand, UnsupportedNode } from "./operator.ts";
import { passOperators } from "./operators/mod.ts";
import type { Program } from "./program.ts";
import { answersFrom, followsFrom, rootsOf, smallElements } from "./reads.ts";
import { type Meaning, Scope } from "./scope.ts";
import { StepRecorder } from "./step_recorder.ts";
import { operatorOf, unsupportedReason } from "./supported.ts";
import {
  type CollectTask,
  copyOf,
  type IterationTask,
  type JoinTask,
  meaningsOf,
  nodeOf,
  type NodeTask,
  scopesOf,
  type Task,
  tasksOf,
} from "./tasks.ts";
import { UnsupportedNodes } from "./unsupported_nodes.ts";

/** What a model is lowered for: type and shape of an input, and its elements where the host has them. */
export interface Feed extends Spec {
  readonly host?: HostValue;
}

/** Values that the host reads before the lowering goes on. */
export interface Read {
  /** What is read. */
  readonly operand: Operand;
  /** The node that can't be lowered without it. */
  readonly node: string;
}

/** What runs in one go: up to the end of the network, or to values that the host has to read. */
export interface Segment {
  /** The steps, and by name what comes out of them: results of the network, values for later segments, what is read. */
  readonly program: Program;
  /** Values by the names that they have among the program's outputs. */
  readonly kept: ReadonlyMap<Operand, string>;
  /** All values of this segment and of those before that later ones need. */
  readonly needed: ReadonlySet<Operand>;
  /** What is read at the end; nothing ends the network. */
  readonly reads: readonly Read[];
}

/** More nodes than any network unrolls to: what loops without end, or functions in functions, would exceed. */
const mostNodes = 1 << 17;

/** Stops a task until what it waits for is there. */
class Waits extends Error {}

/** Stops a task whose inputs come from nodes that aren't supported. */
class Missing extends Error {}

/**
 * Lowers a model for feeds of given shapes, segment by segment. Throws an `UnsupportedError` that lists every node which
 * can't be run, a `ModelError` for a model that contradicts itself, and `NeedsHost` where the first segment needs elements
 * of inputs.
 */
export class Lowerer {
  readonly #model: Model;
  readonly #scope: Scope;
  readonly #recorder: StepRecorder;
  readonly #unsupported: UnsupportedNodes;
  #tasks: Task[];
  readonly #wanted = new Map<Operand, string>();
  #nodes: number;

  private constructor(model: Model, scope: Scope, recorder: StepRecorder, tasks: Task[], nodes: number) {
    this.#model = model;
    this.#scope = scope;
    this.#recorder = recorder;
    this.#tasks = tasks;
    this.#nodes = nodes;
    this.#unsupported = new UnsupportedNodes(model.name);
  }

  /** Begins with a model. */
  static begin(model: Model, feeds: Readonly<Record<string, Feed>>): Lowerer {
    const recorder = new StepRecorder(HostBudget.of(model));
    const scope = new Scope();
    for (const [name, value] of model.constants) scope.set(name, recorder.constant(value));
    for (const { name } of model.inputs) scope.set(name, inputOperand(name, feeds[name]));
    return new Lowerer(model, scope, recorder, tasksOf(model, scope), 0);
  }

  /** Lowers as far as the host knows enough. */
  advance(): Segment {
    const open = this.#tasks.reverse();
    this.#tasks = [];
    for (let task = open.pop(); task !== undefined; task = open.pop()) open.push(...this.#try(task).reverse());
    this.#unsupported.check();
    const isLast = this.#tasks.length === 0 && this.#results().every((operand) => !this.#recorder.hasRoom(operand));
    return isLast ? this.#last() : this.#segment();
  }

  /** The lowering that goes on with what was read at the end of a segment; this one can be asked again. */
  answer(segment: Segment, values: readonly HostValue[]): Lowerer {
    const recorder = this.#recorder.next();
    for (const [i, { operand }] of segment.reads.entries()) {
      recorder.answers.set(operand, recorder.constant(values[i]));
    }
    answersFrom(this.#recorder.steps, recorder);
    const copies = Scope.copy([this.#scope, ...this.#tasks.flatMap(scopesOf)]);
    const tasks = this.#tasks.map((task) => copyOf(task, copies));
    return new Lowerer(this.#model, copies.get(this.#scope)!, recorder, tasks, this.#nodes);
  }

  /** Tries a task; gives those that come in its place. */
  #try(task: Task): Task[] {
    const node = nodeOf(task);
    if (++this.#nodes > mostNodes) {
      throw new ModelError(
        `Cannot run ${this.#model.name} as its loops unroll to more than ${mostNodes} nodes, the last of them in ` +
          `${node.name}: export it with fewer iterations`,
      );
    }
    try {
      if (task.kind === "node") return this.#node(task);
      if (task.kind === "join") return this.#join(task);
      return task.kind === "iteration" ? this.#iterate(task) : this.#collect(task);
    } catch (error) {
      if (error instanceof NeedsElements) return this.#wait(task, error.operand);
      if (error instanceof Waits) return this.#wait(task);
      if (error instanceof Missing) return this.#mark(task, "missing");
      if (error instanceof UnsupportedNode) {
        this.#unsupported.add(node, error.message);
        return this.#mark(task, "missing");
      }
      if (error instanceof NeedsHost || error instanceof UnsupportedError) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new ModelError(
        `Cannot run ${this.#model.name} as node ${node.name} (${node.operator}) doesn't fit: ${why}`,
        { cause: error },
      );
    }
  }

  #node(task: NodeTask): Task[] {
    const { node, scope } = task;
    const reason = node.operator in passOperators ? undefined : unsupportedReason(node);
    if (reason !== undefined) throw new UnsupportedNode(reason);
    if (node.operator === "If") return this.#branch(node, scope);
    if (node.operator in controlFlow) {
      return [{ kind: "iteration", loop: loopOf(node), scope, iteration: 0, bodies: [] }];
    }
    if (task.inputs === undefined && this.#counted(node, scope)) return [];
    const inputs = task.inputs ?? node.inputs.map((name) => name === "" ? undefined : this.#given(scope, name, node));
    const view: NodeView = { ...node, inputs };
    try {
      const results = this.#recorder.lower(node.name, task.journal, () => {
        return operatorOf(node).lower(this.#recorder, view);
      });
      this.#define(node, scope, results);
      return [];
    } catch (error) {
      if (!(error instanceof NeedsElements)) throw error;
      // What an operator takes shapes from is small: all of it is read at once.
      const small = inputs.filter((operand) => operand !== undefined && this.#unread(operand, 8)) as Operand[];
      for (const operand of small) this.#want(operand, node.name);
      return this.#wait({ ...task, inputs }, error.operand);
    }
  }

  /** Lowers a node whose inputs have room for more than there is, where that makes no difference. */
  #counted(node: ModelNode, scope: Scope): boolean {
    const found = node.inputs.map((name) => name === "" ? undefined : this.#found(scope, name, node));
    if (!found.some((operand) => operand !== undefined && this.#recorder.isOpen(operand))) return false;
    const results = this.#recorder.lower(node.name, [], () => {
      const inputs = found.map((operand) => {
        return operand === undefined || this.#recorder.isOpen(operand) ? operand : this.#recorder.cut(operand);
      });
      return lowerCounted(this.#recorder, { ...node, inputs });
    });
    if (results !== undefined) this.#define(node, scope, results);
    return results !== undefined;
  }

  #define(node: ModelNode, scope: Scope, results: readonly Operand[]): void {
    for (const [i, name] of node.outputs.entries()) {
      if (name === "") continue;
      if (results[i] === undefined) throw new UnsupportedNode(`its output ${i} is not supported`);
      scope.set(name, results[i]);
    }
  }

  #unread(operand: Operand, most: number): boolean {
    return this.#recorder.seen(operand).host === undefined && sizeOf(operand.shape) <= most;
  }

  /** The branch that the condition chooses takes the node's place. */
  #branch(node: ModelNode, scope: Scope): Task[] {
    const condition = this.#given(scope, node.inputs[0], node)!;
    const count = this.#recorder.isOpen(condition) ? this.#recorder.known.holdsWithout.get(condition) : undefined;
    if (count !== undefined && emptyResults(node) !== undefined) {
      const branch = node.attributes.subgraph("else_branch");
      const inside = scopeWithin(scope, branch, this.#recorder);
      return [...tasksOf(branch, inside), { kind: "join", node, scope, inside, count }];
    }
    const holds = Number(this.#recorder.host(condition).data[0]) !== 0;
    const branch = node.attributes.subgraph(holds ? "then_branch" : "else_branch");
    const inside = scopeWithin(scope, branch, this.#recorder);
    takeResults(node, scope, branch, inside);
    return tasksOf(branch, inside);
  }

  /** A branch that gives nothing of nothing serves for both, so nobody has to know whether there is something. */
  #join({ node, scope, inside, count }: JoinTask): Task[] {
    const condition = this.#given(scope, node.inputs[0], node)!;
    const branch = node.attributes.subgraph("else_branch");
    const { host } = this.#recorder.seen(condition);
    const fits = host ? Number(host.data[0]) === 0 : emptyResults(node)!.every(({ dtype, shape }, i) => {
      const result = this.#found(inside, branch.outputs[i], node)!;
      const counted = this.#recorder.known.counted.get(result);
      return counted !== undefined && counted.within.includes(count) && result.dtype === dtype &&
        sameShape(result.shape.with(counted.axis, 0), shape);
    });
    if (!fits && host === undefined) throw new NeedsElements(condition);
    if (!fits) return this.#branch(node, scope);
    takeResults(node, scope, branch, inside);
    return [];
  }

  /** The body of a loop and the iteration after it, or what comes out of the loop. */
  #iterate(task: IterationTask): Task[] {
    const { loop: { node, body, carried, slices, collected }, scope, iteration, before, bodies } = task;
    const operands = slices.map(({ from }) => this.#given(scope, from, node)!);
    const goesOn = node.operator === "Scan" ? iteration < scanIterations(task.loop, operands) : this.#goesOn(task);
    if (!goesOn) {
      for (const { first, out, result } of carried) {
        if (result !== "") scope.set(result, before ? { scope: before, name: out } : { scope, name: first });
      }
      return collected.length > 0 ? [{ kind: "collect", loop: task.loop, scope, bodies, journal: [] }] : [];
    }
    const inside = scopeWithin(scope, body, this.#recorder);
    if (node.operator === "Loop") {
      inside.set(body.inputs[0], this.#recorder.constant(hostValue("i64", [], [iteration])));
      inside.set(body.inputs[1], this.#recorder.constant(hostValue("bool", [], [1])));
    }
    for (const { first, into, out } of carried) {
      const known = before ? before.find(out) : scope.find(first);
      const isHere = typeof known === "object";
      inside.set(into, isHere ? known : before ? { scope: before, name: out } : { scope, name: first });
    }
    this.#recorder.lower(node.name, [], () => {
      for (const [i, slice] of slices.entries()) {
        inside.set(slice.into, sliceOf(this.#recorder, operands[i], slice, iteration));
      }
    });
    const all = collected.length > 0 ? [...bodies, inside] : [];
    return [...tasksOf(body, inside), { ...task, iteration: iteration + 1, before: inside, bodies: all }];
  }

  #goesOn({ loop: { node, body }, scope, iteration, before }: IterationTask): boolean {
    const [limit, condition] = node.inputs;
    const most = turnsOf(this.#recorder, limit ? this.#given(scope, limit, node) : undefined);
    if (iteration >= most) return false;
    const asks = before ? this.#given(before, body.outputs[0], node) : condition && this.#given(scope, condition, node);
    return !asks || Number(this.#recorder.host(asks).data[0]) !== 0;
  }

  #collect({ loop, scope, bodies, journal }: CollectTask): Task[] {
    const parts = loop.collected.map(({ out }) => bodies.map((body) => this.#given(body, out, loop.node)!));
    this.#recorder.lower(loop.node.name, journal, () => {
      for (const [i, each] of loop.collected.entries()) {
        if (each.result !== "") scope.set(each.result, collect(this.#recorder, loop, each, parts[i]));
      }
    });
    return [];
  }

  /** The operand of a name; `undefined` for an optional result that nobody gives. */
  #given(scope: Scope, name: string, node: ModelNode): Operand | undefined {
    const operand = this.#found(scope, name, node);
    if (operand === undefined || !this.#recorder.known.counted.has(operand)) {
      return operand && this.#recorder.seen(operand);
    }
    return this.#recorder.lower(node.name, [], () => this.#recorder.cut(operand));
  }

  /** What a name means, which may have room for more than there is. */
  #found(scope: Scope, name: string, node: ModelNode): Operand | undefined {
    const meaning = scope.find(name);
    if (meaning === "pending") throw new Waits();
    if (meaning === "missing") throw new Missing();
    if (meaning === "absent") return undefined;
    if (meaning !== undefined) return meaning;
    throw new ModelError(`no node before ${node.name} gives its input ${name}: export it again`);
  }

  #wait(task: Task, operand?: Operand): Task[] {
    if (operand) this.#want(operand, nodeOf(task).name);
    this.#tasks.push(task);
    return this.#mark(task, "pending");
  }

  #want(operand: Operand, node: string): void {
    for (const root of rootsOf(operand, this.#recorder)) {
      if (!this.#wanted.has(root)) this.#wanted.set(root, this.#recorder.known.counts.get(root) ?? node);
    }
  }

  /** Says of all that a task would give what it is. */
  #mark(task: Task, as: Meaning): Task[] {
    const node = nodeOf(task);
    for (const name of node.outputs) if (name !== "") task.scope.set(name, as);
    return [];
  }

  #last(): Segment {
    const results = this.#recorder.lower("", [], () => this.#results().map((operand) => this.#recorder.cut(operand)));
    const outputs = this.#model.outputs.map(({ name }, i): [string, Operand] => [name, results[i]]);
    const program = { steps: this.#recorder.steps, outputs: new Map(outputs) };
    return { program, kept: new Map(), needed: new Set(), reads: [] };
  }

  #results(): Operand[] {
    return this.#model.outputs.map(({ name }) => {
      const meaning = this.#scope.find(name);
      if (typeof meaning === "object") return meaning;
      throw new ModelError(
        `Cannot run ${this.#model.name} as no node gives its output ${name}: export the model again`,
      );
    });
  }

  #segment(): Segment {
    for (const [count, node] of this.#recorder.unread()) this.#want(count, node);
    const reads = [...this.#wanted].map(([operand, node]): Read => ({ operand, node }));
    if (reads.length === 0) {
      throw new ModelError(`Cannot run ${this.#model.name} as its nodes wait for each other: export it again`);
    }
    const { steps } = this.#recorder;
    const follows = followsFrom(steps, reads.map(({ operand }) => operand), this.#recorder);
    const needed = new Set([...this.#waitedFor()].filter((operand) => !follows.has(operand)));
    const made = new Set(steps.flatMap((step): readonly Operand[] => step.outputs));
    const kept = new Map<Operand, string>();
    for (const operand of [...needed, ...reads.map(({ operand }) => operand)]) {
      if (made.has(operand) && !kept.has(operand)) kept.set(operand, `value ${kept.size}`);
    }
    const outputs = new Map([...kept].map(([operand, name]): [string, Operand] => [name, operand]));
    return { program: { steps, outputs }, kept, needed, reads };
  }

  /** The device's values that tasks still to be done, or the network's results, may read. */
  #waitedFor(): Set<Operand> {
    const found = new Set<Operand>();
    const add = (meaning: Meaning | undefined) => {
      if (typeof meaning !== "object") return;
      const operand = this.#recorder.seen(meaning);
      if (operand.source.kind === "step") found.add(operand);
    };
    for (const { name } of this.#model.outputs) add(this.#scope.find(name));
    for (const meaning of this.#tasks.flatMap(meaningsOf)) add(meaning);
    return found;
  }
}

function inputOperand(name: string, feed: Feed): Operand {
  // Shapes are made of few numbers; images are not brought to the host for them.
  const needs = sizeOf(feed.shape) <= (isFloat(feed.dtype) ? 16 : smallElements) ? new Set([name]) : undefined;
  const { dtype, shape, host } = feed;
  return { dtype, shape, host, source: { kind: "input", name }, hostNeeds: needs };
}
