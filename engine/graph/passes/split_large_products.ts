import { sizeOf } from "../../../shaders/mod.ts";
import { type HostValue, selectElements } from "../host_value.ts";
import { Attributes, type Model, type ModelNode } from "../model.ts";

/** Software adapters bind 128 MiB of a buffer at most; half of it leaves room for packing. */
const mostElements = 1 << 24;

/** Columns that packing fills up to. */
const panel = 128;

/**
 * Splits matrix products by constants of more than `most` elements, which not every adapter binds in one piece, into
 * products of fewer columns, side by side, and convolutions with that many weights into such with fewer channels.
 */
export function splitLargeProducts(model: Model, most: number = mostElements): Model {
  const constants = new Map(model.constants);
  const nodes = model.nodes.flatMap((node) => split(node, constants, most) ?? [node]);
  return { ...model, nodes, constants };
}

function split(node: ModelNode, constants: Map<string, HostValue>, most: number): ModelNode[] | undefined {
  const weight = constants.get(node.inputs[1]);
  if (weight === undefined || sizeOf(weight.shape) <= most) return undefined;
  const isConvolution = node.operator === "Conv" && node.attributes.number("group", 1) === 1;
  const isProduct = (node.operator === "MatMul" || node.operator === "Gemm") && weight.shape.length === 2;
  if (!isConvolution && !isProduct) return undefined;
  const byRows = isConvolution || (node.operator === "Gemm" && node.attributes.number("transB", 0) !== 0);
  const columns = weight.shape[byRows ? 0 : 1];
  const biasName = node.inputs[2] ?? "";
  const bias = constants.get(biasName);
  if (biasName !== "" && (bias === undefined || sizeOf(bias.shape) !== columns)) return undefined;
  const fitting = Math.max(1, Math.floor(most / (sizeOf(weight.shape) / columns)));
  const width = fitting < panel ? fitting : fitting - fitting % panel;
  const count = Math.ceil(columns / width);
  const output = node.outputs[0];
  const parts = Array.from({ length: count }, (_, i): ModelNode => {
    const [begin, end] = [i, i + 1].map((part) => Math.min(part * width, columns));
    const name = `${output}/${i}`;
    constants.set(`${name}/weight`, byRows ? rowsOf(weight, begin, end) : columnsOf(weight, begin, end));
    const inputs = [node.inputs[0], `${name}/weight`];
    if (bias !== undefined) {
      constants.set(`${name}/bias`, rowsOf({ ...bias, shape: [columns, 1] }, begin, end, [end - begin]));
      inputs.push(`${name}/bias`);
    }
    return { ...node, name: `${node.name}/${i}`, inputs, outputs: [name] };
  });
  const concat: ModelNode = {
    operator: "Concat",
    name: node.name,
    opset: node.opset,
    inputs: parts.map(({ outputs }) => outputs[0]),
    outputs: node.outputs,
    attributes: new Attributes(new Map([["axis", isConvolution ? 1 : -1]])),
  };
  return [...parts, concat];
}

function rowsOf(value: HostValue, begin: number, end: number, shape?: readonly number[]): HostValue {
  const rest = value.shape.slice(1);
  const data = value.data.subarray(begin * sizeOf(rest), end * sizeOf(rest));
  return { ...value, shape: shape ?? [end - begin, ...rest], data };
}

function columnsOf(value: HostValue, begin: number, end: number): HostValue {
  const [rows, width] = value.shape;
  const columns = end - begin;
  return selectElements(value, [rows, columns], (i) => Math.floor(i / columns) * width + begin + i % columns);
}
