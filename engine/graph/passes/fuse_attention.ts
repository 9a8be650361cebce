import { broadcastStrides, nn, sameShape } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers } from "./matching.ts";
import { hiddenScores } from "./score_masks.ts";
import { usesOf } from "./uses.ts";
import { reshapedView, type StridedView, viewOf, wholeView } from "./views.ts";

/**
 * Attention as exporters write it, with the heads that are sliced, reshaped and transposed out of one product or several:
 *
 *     x          x            x
 *     | moves    | moves      |
 *     q (* a)    k (* a)      |
 *      \        / transposed  |
 *       product (* a)         | moves        =>    attention, which reads x by strides and
 *          | + bias, + mask,  |                    writes the transposed heads
 *          | or Where mask     |
 *       softmax of rows       v
 *            \               /
 *             product
 *             (transposition of heads)
 *
 * Moves are slices, transpositions and changes of shape; a is a constant. Scores and weights that somebody else reads as
 * well stay as they are. A mask that hides scores is a constant that leaves some in each row.
 */
export function fuseAttention(program: Program): Program {
  const makers = new Makers(program), uses = usesOf(program);
  const steps = program.steps.map((step): Step => {
    if (step.kind === "reshape") return step;
    if (step.operation.name === "matmul") return attentionOf(step, makers, uses)?.step ?? step;
    return step.operation.name === "transpose" ? transposedAttention(step, makers, uses) ?? step : step;
  });
  return { ...program, steps };
}

interface Found {
  readonly step: ApplyStep;
  readonly inputs: readonly Operand[];
  readonly views: readonly StridedView[];
  readonly biases: readonly StridedView[];
  readonly scale: number;
}

/** The attention whose last product a step is. */
function attentionOf(product: ApplyStep, makers: Makers, uses: ReadonlyMap<Operand, number>): Found | undefined {
  const [weights, values] = product.inputs, [result] = product.outputs;
  const softmax = uses.get(weights) === 1 ? makers.operation(weights, "softmax") : undefined;
  const { axis, log } = (softmax?.options ?? {}) as unknown as nn.SoftmaxOptions;
  const rank = weights.shape.length;
  if (softmax === undefined || log || (axis !== -1 && axis !== rank - 1) || values.shape.length < 2 || rank < 2) {
    return undefined;
  }
  if (weights.shape.includes(0) || result.shape.includes(0) || result.dtype !== "f32") return undefined;
  const scores = scoresOf(softmax.inputs[0], makers, uses);
  if (scores === undefined) return undefined;
  const [queries, keys] = scores.product.inputs;
  if (queries.shape.length < 2 || keys.shape.length < 2 || queries.shape.includes(0)) return undefined;
  const batch = result.shape.slice(0, -2);
  const swapped = viewOf(keys, makers);
  const across = (list: readonly number[]) => [...list.slice(0, -2), list[list.length - 1], list[list.length - 2]];
  const views = [
    viewOf(queries, makers),
    { ...swapped, shape: across(swapped.shape), strides: across(swapped.strides) },
    viewOf(values, makers),
  ].map((view) => repeated(view, batch));
  const biases = scores.biases.map((bias) => reshapedView(bias, [...batch, ...weights.shape.slice(-2)]));
  // Scores of fewer heads than there are values would be computed once for each.
  if (!sameShape(batch, weights.shape.slice(0, -2)) || biases.includes(undefined)) return undefined;
  const scale = scores.factor * views[0].factor * views[1].factor;
  // A factor of the values is not one of the scores.
  if (views[2].factor !== 1) views[2] = repeated(wholeView(values), batch);
  const found = {
    views,
    biases: biases as StridedView[],
    scale,
    inputs: [...views, ...biases].map((view) => view!.root),
  };
  return { ...found, step: stepOf(found, product, batch, result) };
}

function stepOf(
  { inputs, views: [q, k, v], biases, scale }: Omit<Found, "step">,
  { node }: Step,
  batch: readonly number[],
  result: Operand,
  permutation?: readonly number[],
): ApplyStep {
  const [queries, depth] = q.shape.slice(-2), [keys, columns] = v.shape.slice(-2);
  const seen = ({ begin, strides }: StridedView) => ({ begin, strides });
  const options = nn.attention.options.parse({
    batch,
    queries,
    keys,
    depth,
    columns,
    q: seen(q),
    k: seen(k),
    v: seen(v),
    biases: biases.map(seen),
    scale,
    permutation,
  }) as unknown as Record<string, unknown>;
  return { kind: "apply", operation: nn.attention, options, inputs, outputs: [result], node };
}

/** The attention whose heads a transposition moves, where nobody else reads them. */
function transposedAttention(step: ApplyStep, makers: Makers, uses: ReadonlyMap<Operand, number>): Step | undefined {
  let [heads] = step.inputs;
  if (uses.get(heads) !== 1) return undefined;
  const { shape } = heads;
  const reshape = makers.step(heads);
  if (reshape?.kind === "reshape") [heads] = reshape.inputs;
  const product = uses.get(heads) === 1 ? makers.operation(heads, "matmul") : undefined;
  const found = product && attentionOf(product, makers, uses);
  if (found === undefined || shape.length < 2 || !sameShape(shape.slice(-2), heads.shape.slice(-2))) return undefined;
  const batch = shape.slice(0, -2);
  const views = found.views.map((view) => reshapedView(view, [...batch, ...view.shape.slice(-2)]));
  const biases = found.biases.map((view) => reshapedView(view, [...batch, ...view.shape.slice(-2)]));
  if (views.includes(undefined) || biases.includes(undefined)) return undefined;
  const { permutation = shape.map((_, axis) => axis).reverse() } = step.options as unknown as nn.TransposeOptions;
  const reshaped = { ...found, views: views as StridedView[], biases: biases as StridedView[] };
  return stepOf(reshaped, step, batch, step.outputs[0], permutation);
}

interface Scores {
  readonly product: ApplyStep;
  readonly factor: number;
  readonly biases: readonly StridedView[];
}

/** The product, the factor and the sums that scores are made of, each read by nobody else. */
function scoresOf(operand: Operand, makers: Makers, uses: ReadonlyMap<Operand, number>): Scores | undefined {
  if (uses.get(operand) !== 1) return undefined;
  const step = makers.step(operand);
  if (step?.kind === "reshape") {
    const [x] = step.inputs;
    // Queries and keys stay the last two axes.
    return sameShape(x.shape.slice(-2), operand.shape.slice(-2)) ? scoresOf(x, makers, uses) : undefined;
  }
  const product = makers.operation(operand, "matmul");
  if (product !== undefined) {
    return (product.options.epilogue as nn.Epilogue).length === 0 ? { product, factor: 1, biases: [] } : undefined;
  }
  const scaled = makers.scaled(operand);
  if (scaled !== undefined) {
    const scores = scoresOf(scaled.x, makers, uses);
    // A bias that is scaled as well would have to be another one.
    return scores?.biases.length === 0 ? { ...scores, factor: scores.factor * scaled.by } : undefined;
  }
  const masked = makers.operation(operand, "where");
  const sums = masked ? hiddenScores(masked) : makers.binary(operand, "add");
  for (const [x, bias] of sums) {
    const scores = sameShape(x.shape, operand.shape) ? scoresOf(x, makers, uses) : undefined;
    if (scores === undefined || scores.biases.length === 2) continue;
    const strides = broadcastStrides(bias.shape, operand.shape);
    const view = { root: bias, begin: 0, shape: operand.shape, strides, factor: 1 };
    return { ...scores, biases: [...scores.biases, view] };
  }
  return undefined;
}

/** A view of matrices with the axes before them that they are repeated along. */
function repeated(view: StridedView, batch: readonly number[]): StridedView {
  const missing = batch.length - (view.shape.length - 2);
  const strides = batch.map((extent, axis) => {
    const own = axis - missing;
    return own < 0 || (view.shape[own] === 1 && extent !== 1) ? 0 : view.strides[own];
  });
  return { ...view, shape: [...batch, ...view.shape.slice(-2)], strides: [...strides, ...view.strides.slice(-2)] };
}
