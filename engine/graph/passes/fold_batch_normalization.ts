import { sizeOf } from "../../../shaders/mod.ts";
import { type HostValue, numbersOf } from "../host_value.ts";
import { type Attributes, type Model, type ModelNode, namesRead } from "../model.ts";

/** Scale and shift of each output channel. */
interface Affine {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** Moves inference-time batch normalizations into the weights of the Conv, ConvTranspose or Gemm before them. */
export function foldBatchNormalization(model: Model): Model {
  const constants = new Map(model.constants);
  const uses = new Map<string, number>();
  for (const name of model.nodes.flatMap(namesRead)) uses.set(name, (uses.get(name) ?? 0) + 1);
  for (const { name } of model.outputs) uses.set(name, (uses.get(name) ?? 0) + 1);
  const nodes: ModelNode[] = [];
  const positions = new Map<string, number>();
  for (const node of model.nodes) {
    const affine = node.operator === "BatchNormalization" ? attempt(() => affineOf(node, constants)) : undefined;
    const position = positions.get(node.inputs[0]);
    const before = position === undefined ? undefined : nodes[position];
    const folded = affine !== undefined && before !== undefined && uses.get(node.inputs[0]) === 1
      ? attempt(() => fold(before, affine, node.outputs[0], constants))
      : undefined;
    if (folded === undefined) {
      for (const name of node.outputs) positions.set(name, nodes.length);
      nodes.push(node);
    } else {
      nodes[position!] = folded;
      positions.set(node.outputs[0], position!);
    }
  }
  return { ...model, nodes, constants };
}

function affineOf(node: ModelNode, constants: ReadonlyMap<string, HostValue>): Affine | undefined {
  const { attributes } = node;
  const trains = attributes.number("training_mode", 0) === 1 || attributes.number("spatial", 1) === 0 ||
    (attributes.has("is_test") && attributes.number("is_test") === 0);
  const values = node.inputs.slice(1, 5).map((name) => constants.get(name));
  if (trains || node.outputs.slice(1).some((name) => name !== "") || values.some((value) => value === undefined)) {
    return undefined;
  }
  const [gamma, beta, mean, variance] = (values as HostValue[]).map(numbersOf);
  const epsilon = attributes.number("epsilon", 1e-5);
  const scale = gamma.map((factor, c) => factor / Math.sqrt(variance[c] + epsilon));
  return { scale, shift: beta.map((offset, c) => offset - mean[c] * scale[c]) };
}

/** The node with weights scaled by channel and its bias shifted; `undefined` for one that it can't be folded into. */
function fold(
  node: ModelNode,
  { scale, shift }: Affine,
  output: string,
  constants: Map<string, HostValue>,
): ModelNode | undefined {
  const weight = constants.get(node.inputs[1]);
  const biasName = node.inputs[2] ?? "";
  const bias = biasName === "" ? undefined : constants.get(biasName);
  if (weight?.dtype !== "f32" || (biasName !== "" && bias === undefined)) return undefined;
  const channelOf = channelOfWeight(node, weight, scale.length);
  if (channelOf === undefined || (bias !== undefined && sizeOf(bias.shape) !== scale.length)) return undefined;
  // A loop: typed arrays' own mapping takes seconds for the weights of a large network.
  const given = weight.data as Float32Array;
  const weights = new Float32Array(given.length);
  for (let i = 0; i < weights.length; i++) weights[i] = given[i] * scale[channelOf(i)];
  const own = bias === undefined ? scale.map(() => 0) : numbersOf(bias);
  const shifted = Float32Array.from(own, (value, c) => value * scale[c] + shift[c]);
  const inputs = [node.inputs[0], `${output}/weight`, `${output}/bias`];
  constants.set(inputs[1], { dtype: "f32", shape: weight.shape, data: weights });
  constants.set(inputs[2], { dtype: "f32", shape: [scale.length], data: shifted });
  return { ...node, inputs, outputs: [output] };
}

/** The output channel that an element of the weights belongs to. */
function channelOfWeight(
  node: ModelNode,
  weight: HostValue,
  channels: number,
): ((index: number) => number) | undefined {
  const [first, second] = weight.shape;
  const inner = sizeOf(weight.shape.slice(1));
  switch (node.operator) {
    case "Conv":
      return first === channels ? (index) => Math.floor(index / inner) : undefined;
    case "ConvTranspose": {
      const perGroup = first / node.attributes.number("group", 1);
      const taps = sizeOf(weight.shape.slice(2));
      return (index) => Math.floor(Math.floor(index / inner) / perGroup) * second + Math.floor(index / taps) % second;
    }
    case "Gemm":
      return plainGemm(node.attributes)
        ? node.attributes.number("transB", 0) === 0 ? (index) => index % second : (index) => Math.floor(index / second)
        : undefined;
    default:
      return undefined;
  }
}

function plainGemm(attributes: Attributes): boolean {
  return attributes.number("alpha", 1) === 1 && attributes.number("beta", 1) === 1;
}

/** What a node that contradicts itself gives is nothing: the lowering says what is wrong with it. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
