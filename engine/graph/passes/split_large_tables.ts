import { sizeOf } from "../../../shaders/mod.ts";
import { type HostValue, hostValue } from "../host_value.ts";
import { type Attribute, Attributes, type Model, type ModelNode } from "../model.ts";

/** Software adapters bind 128 MiB of a buffer at most. */
const mostElements = 1 << 25;

/** The number of ONNX's type i64. */
const int64 = 7;

/**
 * Splits tables of more than `most` elements from which rows are gathered, which not every adapter binds in one piece,
 * into tables of fewer rows. What lies in a later one replaces what was taken from those before.
 *
 *                          i'  first rows        i' = rows counted from the start
 *     i  table             gather   i' - n  last rows
 *     gather        =>       |      gather
 *                           where i' < n
 */
export function splitLargeTables(model: Model, most: number = mostElements): Model {
  const constants = new Map(model.constants);
  const nodes = model.nodes.flatMap((node) => split(node, constants, most) ?? [node]);
  return { ...model, nodes, constants };
}

function split(node: ModelNode, constants: Map<string, HostValue>, most: number): ModelNode[] | undefined {
  const table = constants.get(node.inputs[0]);
  if (node.operator !== "Gather" || table === undefined || sizeOf(table.shape) <= most) return undefined;
  const [rows, ...rest] = table.shape;
  const axis = node.attributes.number("axis", 0);
  const height = Math.floor(most / sizeOf(rest));
  if ((axis !== 0 && axis !== -table.shape.length) || height === 0) return undefined;

  const nodes: ModelNode[] = [];
  const [output] = node.outputs;
  const add = (operator: string, inputs: string[], attributes: Record<string, Attribute> = {}): string => {
    const name = `${output}/step ${nodes.length}`;
    const values = new Attributes(new Map(Object.entries(attributes)));
    nodes.push({ operator, name: node.name, opset: node.opset, inputs, outputs: [name], attributes: values });
    return name;
  };
  const whole = (value: number): string => {
    const name = `${output}/number ${value}`;
    constants.set(name, hostValue("i64", [], [BigInt(value)]));
    return name;
  };
  const given = add("Cast", [node.inputs[1]], { to: int64 });
  const row = add("Where", [add("Less", [given, whole(0)]), add("Add", [given, whole(rows)]), given]);
  let result = "";
  for (let begin = 0; begin < rows; begin += height) {
    const end = Math.min(rows, begin + height);
    const part = `${output}/from ${begin}`;
    constants.set(part, {
      ...table,
      shape: [end - begin, ...rest],
      data: table.data.subarray(begin * sizeOf(rest), end * sizeOf(rest)),
    });
    const own = add("Max", [add("Min", [add("Sub", [row, whole(begin)]), whole(end - begin - 1)]), whole(0)]);
    const found = add("Gather", [part, own]);
    if (begin === 0) {
      result = found;
      continue;
    }
    const before = add("Less", [row, whole(begin)]);
    const aligned = add("Unsqueeze", [before], { axes: rest.map((_, i) => i - rest.length) });
    result = add("Where", [aligned, result, found]);
  }
  const last = nodes.at(-1)!;
  return [...nodes.slice(0, -1), { ...last, outputs: node.outputs }];
}
