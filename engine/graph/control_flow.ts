/** Branches and loops: what they put in the place of their node. */
import { nn } from "../../shaders/mod.ts";
import { ModelError } from "../errors.ts";
import { type HostValue, hostValue, numbersOf } from "./host_value.ts";
import type { ModelNode, Subgraph } from "./model.ts";
import { axisOf, type Lowering, newestOpset, type Operand } from "./operator.ts";
import { Scope } from "./scope.ts";
import { transposed } from "./operators/movement.ts";

/** Operators whose nodes hold graphs: first version that is supported. */
export const controlFlow: Readonly<Record<string, number>> = { If: 1, Loop: 1, Scan: 9 };

/** Why a node of control flow can't be run, if so. */
export function controlFlowReason(node: ModelNode): string | undefined {
  const from = controlFlow[node.operator];
  if (node.opset >= from && node.opset <= newestOpset) return undefined;
  return `operator set ${node.opset} is not supported, ${from} to ${newestOpset} are`;
}

/** A Loop or Scan with what its lists of inputs and outputs mean. */
export interface LoopNode {
  readonly node: ModelNode;
  readonly body: Subgraph;
  /** Values that go from one iteration to the next: names outside, in the body, and of what an iteration gives. */
  readonly carried: readonly {
    readonly first: string;
    readonly into: string;
    readonly out: string;
    readonly result: string;
  }[];
  /** Values that each iteration takes a slice of. */
  readonly slices: readonly {
    readonly from: string;
    readonly into: string;
    readonly axis: number;
    readonly backward: boolean;
  }[];
  /** Values that each iteration gives a slice of. */
  readonly collected: readonly {
    readonly out: string;
    readonly result: string;
    readonly axis: number;
    readonly backward: boolean;
    readonly position: number;
  }[];
}

/** Sorts a node's and its body's names. Throws a `ModelError` where they don't match. */
export function loopOf(node: ModelNode): LoopNode {
  const body = node.attributes.subgraph("body");
  const scan = node.operator === "Scan";
  const sliced = scan ? node.attributes.number("num_scan_inputs") : 0;
  const ahead = scan ? 0 : 2;
  const count = node.inputs.length - ahead - sliced;
  const after = scan ? 0 : 1;
  const collected = body.outputs.length - after - count;
  if (count < 0 || collected < 0 || body.inputs.length !== ahead + count + sliced) {
    throw new ModelError(
      `it has ${node.inputs.length} inputs, but its body takes ${body.inputs.length} and gives ${body.outputs.length}`,
    );
  }
  const list = (name: string, size: number) => node.attributes.numbers(name, new Array<number>(size).fill(0));
  const [inAxes, inWays] = [list("scan_input_axes", sliced), list("scan_input_directions", sliced)];
  const [outAxes, outWays] = [list("scan_output_axes", collected), list("scan_output_directions", collected)];
  return {
    node,
    body,
    carried: Array.from({ length: count }, (_, i) => ({
      first: node.inputs[ahead + i],
      into: body.inputs[ahead + i],
      out: body.outputs[after + i],
      result: node.outputs[i] ?? "",
    })),
    slices: Array.from({ length: sliced }, (_, i) => ({
      from: node.inputs[count + i],
      into: body.inputs[count + i],
      axis: inAxes[i],
      backward: inWays[i] === 1,
    })),
    collected: Array.from({ length: collected }, (_, i) => ({
      out: body.outputs[after + count + i],
      result: node.outputs[count + i] ?? "",
      axis: outAxes[i],
      backward: outWays[i] === 1,
      position: after + count + i,
    })),
  };
}

/** The scope of a graph inside a node, with its constants. */
export function scopeWithin(scope: Scope, graph: Subgraph, lowering: Lowering): Scope {
  const inside = new Scope(scope);
  for (const [name, value] of graph.constants) inside.set(name, lowering.constant(value));
  return inside;
}

/** The names of an If's results mean those of a branch. */
export function takeResults(node: ModelNode, scope: Scope, branch: Subgraph, inside: Scope): void {
  for (const [i, name] of node.outputs.entries()) {
    if (name === "") continue;
    if (branch.outputs[i] === undefined) throw new ModelError(`a branch gives ${branch.outputs.length} values only`);
    scope.set(name, { scope: inside, name: branch.outputs[i] });
  }
}

/** What an If gives where its condition holds, if that is constants without elements. */
export function emptyResults(node: ModelNode): HostValue[] | undefined {
  const { nodes, outputs, constants } = node.attributes.subgraph("then_branch");
  const results = outputs.map((name) => {
    const maker = nodes.find((inner) => inner.outputs.includes(name));
    const isTensor = maker?.operator === "Constant" && maker.attributes.has("value");
    return isTensor ? maker.attributes.tensor("value") : constants.get(name);
  });
  return results.every((value) => value?.data.length === 0) ? results as HostValue[] : undefined;
}

/** How many iterations a Loop has at most: `Infinity` where it doesn't say. */
export function turnsOf(lowering: Lowering, limit: Operand | undefined): number {
  return limit === undefined ? Infinity : numbersOf(lowering.host(limit))[0];
}

/** How many iterations a Scan has: the extent of what it goes along. */
export function scanIterations(loop: LoopNode, operands: readonly Operand[]): number {
  const extents = loop.slices.map(({ axis }, i) => operands[i].shape[axisOf(axis, operands[i].shape.length)]);
  if (extents.some((extent) => extent !== extents[0])) {
    throw new ModelError(`it goes along axes of ${extents.join(" and ")}, which must be equal`);
  }
  return extents[0] ?? 0;
}

/** One iteration's part of what a Scan goes along. */
export function sliceOf(lowering: Lowering, x: Operand, slice: LoopNode["slices"][0], iteration: number): Operand {
  const axis = axisOf(slice.axis, x.shape.length);
  const at = slice.backward ? x.shape[axis] - 1 - iteration : iteration;
  const shape = x.shape.filter((_, i) => i !== axis);
  const starts = x.shape.map((_, i) => i === axis ? at : 0);
  const sizes = x.shape.map((extent, i) => i === axis ? 1 : extent);
  return lowering.reshape(lowering.apply(nn.slice, [x], { starts, sizes }), shape);
}

/** What all iterations gave, side by side along an axis of their own. */
export function collect(
  lowering: Lowering,
  loop: LoopNode,
  { axis, backward, position }: LoopNode["collected"][0],
  parts: readonly Operand[],
): Operand {
  if (parts.length === 0) {
    // No iteration: the shape is what the file states of the body's result, as far as it does.
    const stated = loop.body.outputTypes[position];
    const shape = (stated?.shape ?? []).map((extent) => typeof extent === "number" ? extent : 0);
    shape.splice(axis < 0 ? axis + shape.length + 1 : axis, 0, 0);
    return lowering.constant(hostValue(stated?.dtype ?? "f32", shape, []));
  }
  const rank = parts[0].shape.length + 1;
  const at = axisOf(axis, rank);
  const ordered = backward ? parts.toReversed() : parts;
  const rows = ordered.map((part) => lowering.reshape(part, [1, ...part.shape]));
  const all = rows.length === 1 ? rows[0] : lowering.apply(nn.concat, rows, { axis: 0 });
  const order = Array.from({ length: rank }, (_, i) => i === at ? 0 : i < at ? i + 1 : i);
  return at === 0 ? all : transposed(lowering, all, order);
}

/** Names that a graph reads from the graphs around it. */
export function namesFromOutside(graph: Subgraph): Set<string> {
  const own = new Set([...graph.inputs, ...graph.constants.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  const read = graph.nodes.flatMap((node) => [
    ...node.inputs,
    ...node.attributes.subgraphs().flatMap((inner) => [...namesFromOutside(inner)]),
  ]);
  return new Set([...read, ...graph.outputs].filter((name) => name !== "" && !own.has(name)));
}
