import { ModelError, UnsupportedError } from "../errors.ts";
import type { Operation, Spec } from "../../shaders/mod.ts";
import { evaluate } from "./evaluate.ts";
import { type HostValue, isDeviceType, sizeOf } from "./host_value.ts";
import type { Model, ModelNode } from "./model.ts";
import { type Lowering, NeedsHost, newestOpset, type NodeView, type Operand, UnsupportedNode } from "./operator.ts";
import { operators } from "./operators/mod.ts";
import type { Program, Step } from "./program.ts";

/** What a model is lowered for: type and shape of an input, and its elements where the host has them. */
export interface Feed extends Spec {
  readonly host?: HostValue;
}

/** Inputs above this many elements are not brought to the host for the sake of shapes. */
const hostLimit = 1 << 16;

/**
 * Lowers a model for feeds of given shapes. Throws an `UnsupportedError` that lists every node that can't be run, a
 * `ModelError` for a model that contradicts itself, and `NeedsHost` where shapes depend on elements of inputs.
 */
export function lowerModel(model: Model, feeds: Readonly<Record<string, Feed>>): Program {
  const recording = new Recording();
  const operands = new Map<string, Operand | undefined>();
  for (const [name, value] of model.constants) operands.set(name, recording.constant(value));
  for (const { name } of model.inputs) operands.set(name, inputOperand(name, feeds[name]));
  const unsupported = new UnsupportedNodes(model.name);
  for (const node of model.nodes) lowerNode(node, operands, recording, unsupported, model.name);
  unsupported.check();
  const outputs = model.outputs.map(({ name }): [string, Operand] => {
    const operand = operands.get(name);
    if (operand === undefined) {
      throw new ModelError(`Cannot run ${model.name} as no node gives its output ${name}: export the model again`);
    }
    return [name, operand];
  });
  return { steps: recording.steps, outputs: new Map(outputs) };
}

function inputOperand(name: string, feed: Feed): Operand {
  const needs = sizeOf(feed.shape) <= hostLimit ? new Set([name]) : undefined;
  const { dtype, shape, host } = feed;
  return { dtype, shape, host, source: { kind: "input", name }, hostNeeds: needs };
}

function lowerNode(
  node: ModelNode,
  operands: Map<string, Operand | undefined>,
  recording: Recording,
  unsupported: UnsupportedNodes,
  model: string,
): void {
  const reason = unsupportedReason(node);
  if (reason !== undefined) return unsupported.add(node, reason);
  for (const name of node.inputs) {
    if (name !== "" && !operands.has(name) && !unsupported.missing.has(name)) {
      throw new ModelError(
        `Cannot run ${model} as no node before ${node.name} gives its input ${name}: export it again`,
      );
    }
  }
  if (node.inputs.some((name) => unsupported.missing.has(name))) return unsupported.skip(node);
  if (node.operator === "If") return lowerBranch(node, operands, recording, unsupported, model);
  const view: NodeView = { ...node, inputs: node.inputs.map((name) => operands.get(name)) };
  try {
    const results = operators[node.operator].lower(recording, view);
    for (const [i, name] of node.outputs.entries()) {
      if (name === "") continue;
      if (results[i] === undefined) throw new UnsupportedNode(`its output ${i} is not supported`);
      operands.set(name, results[i]);
    }
  } catch (error) {
    if (error instanceof UnsupportedNode) return unsupported.add(node, error.message);
    if (error instanceof NeedsHost || error instanceof UnsupportedError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelError(`Cannot run ${model} as node ${node.name} (${node.operator}) doesn't fit: ${why}`, {
      cause: error,
    });
  }
}

/** The branch that the condition chooses takes the node's place; the host has to know the condition. */
function lowerBranch(
  node: ModelNode,
  operands: Map<string, Operand | undefined>,
  recording: Recording,
  unsupported: UnsupportedNodes,
  model: string,
): void {
  const condition = operands.get(node.inputs[0])!;
  if (condition.host === undefined && condition.hostNeeds === undefined) {
    return unsupported.add(node, "branches that depend on data are not supported");
  }
  const branch = node.attributes.subgraph(recording.host(condition).data[0] ? "then_branch" : "else_branch");
  const inside = new Map(operands);
  for (const [name, value] of branch.constants) inside.set(name, recording.constant(value));
  for (const inner of branch.nodes) lowerNode(inner, inside, recording, unsupported, model);
  if (branch.outputs.some((name) => unsupported.missing.has(name))) return unsupported.skip(node);
  for (const [i, name] of node.outputs.entries()) operands.set(name, inside.get(branch.outputs[i]));
}

function unsupportedReason(node: ModelNode): string | undefined {
  if (node.operator === "If") return undefined;
  const operator = operators[node.operator];
  if (operator === undefined) return "the operator is not supported";
  const [from, to = newestOpset] = operator.opsets;
  if (node.opset >= from && node.opset <= to) return undefined;
  return `operator set ${node.opset} is not supported, ${from} to ${to} are`;
}

/** Lists every node of a model whose operator isn't supported, whatever the feeds. */
export function checkOperators(model: Model): void {
  const unsupported = new UnsupportedNodes(model.name);
  for (const node of model.nodes) {
    const reason = unsupportedReason(node);
    if (reason !== undefined) unsupported.add(node, reason);
  }
  unsupported.check();
}

class UnsupportedNodes {
  /** Values that nobody gives since their node isn't supported. */
  readonly missing = new Set<string>();
  readonly #found = new Map<string, { first: string; count: number }>();
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  add(node: ModelNode, reason: string): void {
    this.skip(node);
    const key = `${node.operator} (${reason})`;
    const found = this.#found.get(key);
    if (found === undefined) this.#found.set(key, { first: node.name, count: 1 });
    else found.count++;
  }

  skip(node: ModelNode): void {
    for (const name of node.outputs) if (name !== "") this.missing.add(name);
  }

  check(): void {
    if (this.#found.size === 0) return;
    const list = [...this.#found].map(([what, { first, count }]) => `${count} x ${what}, first at ${first}`);
    throw new UnsupportedError(
      `Cannot run ${this.#model} as it has nodes that are not supported: ${list.join("; ")}. ` +
        `Export it without them, or run it with { backend: "wasm" }`,
    );
  }
}

/** Collects steps; operations on values that the host knows are evaluated instead. */
export class Recording implements Lowering {
  readonly steps: Step[] = [];

  apply<O>(operation: Operation<O>, inputs: readonly Operand[], options: Partial<O>): Operand {
    return this.applyAll(operation, inputs, options)[0];
  }

  applyAll<O>(operation: Operation<O>, inputs: readonly Operand[], options: Partial<O>): Operand[] {
    const parsed = operation.options.parse(options);
    const known = inputs.map((operand) => operand.host);
    if (!operation.bulk && known.every((value) => value !== undefined)) {
      return evaluate(operation, known, parsed).map((value) => this.constant(value));
    }
    const specs = operation.outputs(inputs.map(deviceSpec), parsed);
    const outputs = specs.map((spec) => stepOperand(spec, operation.bulk ? [] : inputs));
    this.steps.push({ kind: "apply", operation, options: parsed as Record<string, unknown>, inputs, outputs });
    return outputs;
  }

  reshape(operand: Operand, shape: readonly number[]): Operand {
    if (sizeOf(shape) !== sizeOf(operand.shape)) {
      throw new ModelError(`a value of shape [${operand.shape}] can't take the shape [${shape}]`);
    }
    if (sameShape(operand.shape, shape)) return operand;
    if (operand.host !== undefined) return this.constant({ ...operand.host, shape });
    const output = stepOperand({ dtype: deviceSpec(operand).dtype, shape }, [operand]);
    this.steps.push({ kind: "reshape", inputs: [operand], outputs: [output] });
    return output;
  }

  constant(value: HostValue): Operand {
    return { dtype: value.dtype, shape: value.shape, host: value, source: { kind: "host" }, hostNeeds: new Set() };
  }

  host(operand: Operand): HostValue {
    if (operand.host !== undefined) return operand.host;
    if (operand.hostNeeds === undefined) throw new UnsupportedNode("shapes that depend on data are not supported");
    throw new NeedsHost(operand.hostNeeds);
  }
}

/** `inputs` are those that the host could compute the value from; none where it can't. */
function stepOperand(spec: Spec, inputs: readonly Operand[]): Operand {
  const known = inputs.length > 0 && sizeOf(spec.shape) <= hostLimit &&
    inputs.every((operand) => operand.hostNeeds !== undefined);
  const hostNeeds = known ? new Set(inputs.flatMap((operand) => [...operand.hostNeeds!])) : undefined;
  return { dtype: spec.dtype, shape: [...spec.shape], source: { kind: "step" }, hostNeeds };
}

/** Type and shape of an operand as the device has it. */
export function deviceSpec(operand: Operand): Spec {
  const { dtype, shape } = operand;
  if (!isDeviceType(dtype)) throw new UnsupportedNode(`element type ${dtype} is not supported on the device`);
  return { dtype, shape };
}

/** Whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}
