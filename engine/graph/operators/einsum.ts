/** Sums of products written by letters: each operand's axes are brought into one order, and pairs are multiplied. */
import { nn, sizeOf } from "../../../shaders/mod.ts";
import { ModelError } from "../../errors.ts";
import { hostValue } from "../host_value.ts";
import { input, type Lowering, type Operand, type Operator } from "../operator.ts";
import { binary } from "./elementwise.ts";
import { matrixProduct } from "./linear.ts";
import { transposed } from "./movement.ts";

/** A value whose axes have names: letters, or digits for those that an ellipsis stands for. */
interface Term {
  readonly value: Operand;
  readonly labels: readonly string[];
}

/** The equation without spaces: what each operand's axes are called, and the result's. */
function parse(equation: string, operands: readonly Operand[]): { terms: string[][]; result: string[] } {
  const [left, right] = equation.replaceAll(" ", "").split("->");
  const written = left.split(",");
  if (written.length !== operands.length) {
    throw new ModelError(`equation "${equation}" has ${written.length} terms for ${operands.length} inputs`);
  }
  const spreads = written.map((term, i) => {
    return term.includes("...") ? operands[i].shape.length - term.replace("...", "").length : 0;
  });
  const widest = Math.max(0, ...spreads);
  // The last axes of all ellipses go together, as numpy broadcasts.
  const ellipsis = (count: number) => Array.from({ length: count }, (_, i) => String(widest - count + i));
  const labelsOf = (term: string, count: number): string[] => {
    const [before, behind] = term.split("...");
    if (behind === undefined) return [...term];
    return [...before, ...ellipsis(count), ...behind];
  };
  const terms = written.map((term, i) => {
    const labels = labelsOf(term, spreads[i]);
    if (spreads[i] >= 0 && labels.length === operands[i].shape.length) return labels;
    throw new ModelError(`term "${term}" of "${equation}" doesn't fit a value of rank ${operands[i].shape.length}`);
  });
  if (right !== undefined) return { terms, result: labelsOf(right, widest) };
  const letters = [...left.replaceAll(/[.,]/g, "")];
  const single = [...new Set(letters)].filter((letter) => letters.filter((other) => other === letter).length === 1);
  return { terms, result: [...ellipsis(widest), ...single.sort()] };
}

/** A letter that one term has twice means its diagonal. */
function diagonal(lowering: Lowering, { value, labels }: Term): Term {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) !== axis);
  if (second < 0) return { value, labels };
  const first = labels.indexOf(labels[second]);
  const extent = value.shape[first];
  if (value.shape[second] !== extent) {
    throw new ModelError(`axes ${first} and ${second} of [${value.shape}] have one name, but not one size`);
  }
  const rest = labels.map((_, axis) => axis).filter((axis) => axis !== first && axis !== second);
  const moved = transposed(lowering, value, [first, second, ...rest]);
  const flat = lowering.reshape(moved, [extent * extent, ...rest.map((axis) => value.shape[axis])]);
  const at = lowering.constant(hostValue("i64", [extent], Array.from({ length: extent }, (_, i) => i * (extent + 1))));
  const chosen = lowering.apply(nn.gather, [flat, at], { axis: 0 });
  return diagonal(lowering, { value: chosen, labels: [labels[first], ...rest.map((axis) => labels[axis])] });
}

/** Sums out what neither the result nor another term has. */
function summed(lowering: Lowering, { value, labels }: Term, kept: ReadonlySet<string>): Term {
  const axes = labels.flatMap((label, axis) => kept.has(label) ? [] : [axis]);
  if (axes.length === 0) return { value, labels };
  const sum = lowering.apply(nn.reduce, [value], { kind: "sum", axes, keepDims: false });
  return { value: sum, labels: labels.filter((label) => kept.has(label)) };
}

/** The axes in the order of some labels; those that the value hasn't get size 1. */
function laid(lowering: Lowering, { value, labels }: Term, order: readonly string[]): Operand {
  const own = order.filter((label) => labels.includes(label));
  const moved = transposed(lowering, value, own.map((label) => labels.indexOf(label)));
  return lowering.reshape(moved, order.map((label) => labels.includes(label) ? value.shape[labels.indexOf(label)] : 1));
}

/** The product of two terms, summed over what only they have: one matrix product with batches. */
function product(lowering: Lowering, a: Term, b: Term, kept: ReadonlySet<string>): Term {
  const extents = new Map<string, number>();
  for (const { value, labels } of [a, b]) {
    for (const [axis, label] of labels.entries()) {
      extents.set(label, Math.max(extents.get(label) ?? 1, value.shape[axis]));
    }
  }
  // An axis that one of them repeats is no axis to sum over in a matrix product: it is summed before.
  const full = (term: Term, label: string) =>
    term.labels.includes(label) && term.value.shape[term.labels.indexOf(label)] === extents.get(label);
  const both = a.labels.filter((label) => b.labels.includes(label));
  const inner = both.filter((label) => !kept.has(label) && full(a, label) && full(b, label));
  const rest = new Set([...a.labels, ...b.labels].filter((label) => !inner.includes(label)));
  const batch = both.filter((label) => rest.has(label));
  const rows = a.labels.filter((label) => rest.has(label) && !batch.includes(label));
  const columns = b.labels.filter((label) => rest.has(label) && !batch.includes(label));
  const size = (labels: readonly string[]) => sizeOf(labels.map((label) => extents.get(label)!));
  const labels = [...batch, ...rows, ...columns];
  const shape = labels.map((label) => extents.get(label)!);
  const lead = (term: Term) => batch.map((label) => term.value.shape[term.labels.indexOf(label)]);
  if (inner.length === 0) {
    const left = laid(lowering, a, labels), right = laid(lowering, b, labels);
    return summed(lowering, { value: binary(lowering, "multiply", left, right), labels }, kept);
  }
  const left = lowering.reshape(laid(lowering, a, [...batch, ...rows, ...inner]), [
    ...lead(a),
    size(rows),
    size(inner),
  ]);
  const right = lowering.reshape(
    laid(lowering, b, [...batch, ...inner, ...columns]),
    [...lead(b), size(inner), size(columns)],
  );
  const value = lowering.reshape(matrixProduct(lowering, left, right), shape);
  return summed(lowering, { value, labels }, kept);
}

const einsum: Operator = {
  opsets: [12],
  lower: (lowering, node) => {
    const operands = node.inputs.map((_, i) => input(node, i));
    const { terms, result } = parse(node.attributes.text("equation"), operands);
    const open = terms.map((labels, i) => diagonal(lowering, { value: operands[i], labels }));
    const unknown = result.find((label) => !open.some(({ labels }) => labels.includes(label)));
    if (unknown !== undefined) throw new ModelError(`no input has the axis "${unknown}" of the result`);
    let [sum, ...others] = open;
    const keptBy = (rest: readonly Term[]) => new Set([...result, ...rest.flatMap(({ labels }) => labels)]);
    sum = summed(lowering, sum, keptBy(others));
    while (others.length > 0) {
      const [next, ...rest] = others;
      const own = summed(lowering, next, new Set([...sum.labels, ...keptBy(rest)]));
      sum = product(lowering, sum, own, keptBy(rest));
      others = rest;
    }
    return [transposed(lowering, sum.value, result.map((label) => sum.labels.indexOf(label)))];
  },
};

/** Sums of products by ONNX's name. */
export const einsums: Readonly<Record<string, Operator>> = { Einsum: einsum };
