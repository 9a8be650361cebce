import { sizeOf, type Spec } from "../../shaders/mod.ts";
import { UnsupportedError } from "../errors.ts";
import { passed, prepareModel } from "./passes/mod.ts";
import { isDeviceType } from "./host_value.ts";
import { Lowerer } from "./lower.ts";
import { checkOperators } from "./supported.ts";
import type { Model, ModelNode, ValueInfo } from "./model.ts";
import { NeedsHost, type Operand } from "./operator.ts";
import type { Program } from "./program.ts";

/** What a model consists of, as far as it can be told without a device. */
export interface ModelDescription {
  readonly opset: number;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Number of nodes by ONNX's operator, those inside of branches and loops included. */
  readonly operators: Readonly<Record<string, number>>;
  /** Elements of its constants. */
  readonly parameters: number;
  /** Why it can't be run, if so. */
  readonly unsupported?: string;
  /** For feeds of known shapes: what runs up to the first readback. */
  readonly begin?: {
    /** Number of canonical operations by name. */
    readonly operations: Readonly<Record<string, number>>;
    readonly macs: number;
    /** Bytes of weights and tables on the device. */
    readonly constantBytes: number;
    /** Most bytes of results that are alive at once, without the padding of layouts. */
    readonly liveBytes: number;
    /** Nodes whose shapes depend on elements that are read there; none where all shapes are known. */
    readonly reads: readonly string[];
  };
  /** Why `begin` isn't known, if so. */
  readonly open?: string;
}

/** Describes a model; `shapes` are those of inputs with open dimensions. Throws a `ModelError` for one that is broken. */
export function describeModel(model: Model, shapes: Readonly<Record<string, readonly number[]>>): ModelDescription {
  const parameters = [...model.constants.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const { opset, inputs, outputs } = model;
  const known = { opset, inputs, outputs, operators: operatorsOf(model.nodes), parameters };
  const open = inputs.filter(({ name, shape, anyShape }) => {
    return shapes[name] === undefined && (anyShape || shape.some((extent) => typeof extent === "string"));
  });
  try {
    checkOperators(model);
    if (open.length > 0) return { ...known, open: `open dimensions of ${open.map(({ name }) => name).join(", ")}` };
    return { ...known, begin: beginOf(model, shapes) };
  } catch (error) {
    if (error instanceof UnsupportedError) return { ...known, unsupported: error.message };
    if (error instanceof NeedsHost) return { ...known, open: `shapes that depend on ${error.inputs.join(", ")}` };
    throw error;
  }
}

function beginOf(model: Model, shapes: Readonly<Record<string, readonly number[]>>): ModelDescription["begin"] {
  const feeds = model.inputs.map(({ name, dtype, shape }): [string, Spec] => {
    if (!isDeviceType(dtype)) throw new UnsupportedError(`Cannot run ${model.name} as its input ${name} is ${dtype}`);
    return [name, { dtype, shape: shapes[name] ?? shape as number[] }];
  });
  const segment = Lowerer.begin(prepareModel(model), Object.fromEntries(feeds)).advance();
  const program = passed(segment.program);
  const operations: Record<string, number> = {};
  const constants = new Set<Operand["host"]>();
  let macs = 0;
  for (const step of program.steps) {
    for (const { source, host } of step.inputs) if (source.kind === "host") constants.add(host);
    if (step.kind === "reshape") continue;
    const { name, bulk, cost } = step.operation;
    operations[name] = (operations[name] ?? 0) + 1;
    if (bulk) macs += cost(step.inputs as readonly Spec[], step.options).flops / 2;
  }
  return {
    operations,
    macs: Math.round(macs),
    constantBytes: [...constants].reduce((bytes, value) => bytes + 4 * value!.data.length, 0),
    liveBytes: liveBytesOf(program),
    reads: [...new Set(segment.reads.map(({ node }) => node))],
  };
}

/** The greatest sum of results between the step that makes each and the last one that reads it; reshapes share theirs. */
function liveBytesOf(program: Program): number {
  const owner = new Map<Operand, Operand>();
  const owned = (operand: Operand) => owner.get(operand) ?? operand;
  for (const step of program.steps) if (step.kind === "reshape") owner.set(step.outputs[0], owned(step.inputs[0]));
  const last = new Map<Operand, number>();
  program.steps.forEach((step, at) => step.inputs.forEach((operand) => last.set(owned(operand), at)));
  for (const operand of program.outputs.values()) last.set(owned(operand), Infinity);
  let live = 0, most = 0;
  program.steps.forEach((step, at) => {
    if (step.kind === "reshape") return;
    for (const { shape } of step.outputs) live += 4 * sizeOf(shape);
    most = Math.max(most, live);
    for (const operand of new Set([...step.inputs.map(owned), ...step.outputs])) {
      if (operand.source.kind === "step" && (last.get(operand) ?? at) === at) live -= 4 * sizeOf(operand.shape);
    }
  });
  return most;
}

function operatorsOf(nodes: readonly ModelNode[], counts: Record<string, number> = {}): Record<string, number> {
  for (const node of nodes) {
    counts[node.operator] = (counts[node.operator] ?? 0) + 1;
    for (const graph of node.attributes.subgraphs()) operatorsOf(graph.nodes, counts);
  }
  return counts;
}
