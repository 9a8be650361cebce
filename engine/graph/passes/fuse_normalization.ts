import { nn, type Operation, sameShape, sizeOf } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers, scalarOf } from "./matching.ts";

/**
 * Normalizations as exporters without the operators write them. With n = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + e):
 *
 *     n over the last axes * scale + bias                              =>   layerNormalization
 *     n over all axes from the third on * scale + bias of channels     =>   instanceNormalization
 *     reshape [N, G, rest] -> instanceNormalization of scales 1 and
 *       biases 0, or n over the last axis -> reshape [N, C, ...]
 *       * scale + bias of channels                                     =>   instanceNormalization in groups
 *
 * Scale and bias are constants. What somebody else reads in between stays for them.
 */
export function fuseNormalization(program: Program): Program {
  const makers = new Makers(program);
  const steps = program.steps.map((step): Step => {
    if (step.kind === "reshape" || step.operation.name !== "binary") return step;
    return affineOf(step, makers) ?? step;
  });
  return { ...program, steps };
}

/** What is normalized: over which axes, and with which epsilon. */
interface Normal {
  readonly x: Operand;
  readonly axes: readonly number[];
  readonly epsilon: number;
}

function affineOf(step: ApplyStep, makers: Makers): Step | undefined {
  const [result] = step.outputs;
  for (const [product, bias] of makers.binary(result, "add")) {
    if (bias.host === undefined) continue;
    for (const [n, scale] of makers.binary(product, "multiply")) {
      if (scale.host === undefined || !sameShape(n.shape, result.shape)) continue;
      const found = replaced(step, n, scale, bias, makers);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function replaced(step: ApplyStep, n: Operand, scale: Operand, bias: Operand, makers: Makers): Step | undefined {
  const [result] = step.outputs;
  const rank = result.shape.length;
  const normal = normalOf(n, makers);
  if (normal !== undefined) {
    const first = rank - normal.axes.length;
    const last = result.shape.slice(first);
    const [ownScale, ownBias] = [scale, bias].map((constant) => along(constant, result.shape, first, last));
    if (ownScale && ownBias) {
      return apply(step, nn.layerNormalization, [normal.x, ownScale, ownBias], { epsilon: normal.epsilon });
    }
    const vectors = first === 2 ? channelVectors(result, scale, bias) : undefined;
    return vectors && apply(step, nn.instanceNormalization, [normal.x, ...vectors], { epsilon: normal.epsilon });
  }
  const vectors = rank >= 3 ? channelVectors(result, scale, bias) : undefined;
  const grouped = vectors && groupsOf(n, makers);
  if (!grouped || !sameShape(grouped.x.shape, result.shape)) return undefined;
  const { x, epsilon, batch, groups } = grouped;
  // Groups of several images at once are none of channels.
  if (batch !== x.shape[0] || x.shape[1] % groups !== 0) return undefined;
  return apply(step, nn.instanceNormalization, [x, ...vectors], { epsilon, groups });
}

function apply<O>(step: ApplyStep, operation: Operation<O>, inputs: Operand[], options: Partial<O>): Step {
  const parsed = operation.options.parse(options) as Record<string, unknown>;
  return { kind: "apply", operation, options: parsed, inputs, outputs: step.outputs, node: step.node };
}

/** (x - mean) / sqrt(variance + epsilon), with mean and variance over the last axes, of which there is at least one. */
function normalOf(n: Operand, makers: Makers): Normal | undefined {
  for (const [centered, deviation] of quotients(n, makers)) {
    const variance = makers.shifted(deviation);
    if (variance === undefined || !(variance.by >= 0)) continue;
    const squares = meanOf(variance.x, makers);
    const [difference] = makers.binary(centered, "subtract");
    const mean = difference && meanOf(difference[1], makers);
    if (!squares || !mean || mean.x !== difference[0] || !isSquareOf(squares.x, centered, mean, makers)) continue;
    const { x, axes } = mean;
    const isLast = axes.every((axis, i) => axis === x.shape.length - axes.length + i);
    if (axes.length === 0 || !isLast || String(squares.axes) !== String(axes)) continue;
    if (sameShape(x.shape, n.shape)) return { x, axes, epsilon: variance.by };
  }
  return undefined;
}

/** a / sqrt(b), written as quotient, product by a reciprocal or by a power. */
function quotients(n: Operand, makers: Makers): (readonly [Operand, Operand])[] {
  const roots = (operand: Operand): Operand[] => {
    const root = makers.unary(operand, "sqrt");
    if (root !== undefined) return [root];
    return makers.binary(operand, "power").flatMap(([base, power]) => scalarOf(power) === 0.5 ? [base] : []);
  };
  const divided = makers.binary(n, "divide").flatMap(([a, b]) => roots(b).map((root) => [a, root] as const));
  const multiplied = makers.binary(n, "multiply").flatMap(([a, b]) => {
    const reciprocal = makers.unary(b, "reciprocal");
    return (reciprocal ? roots(reciprocal) : []).map((root) => [a, root] as const);
  });
  return [...divided, ...multiplied];
}

/** What a mean over some axes, which stay, is taken of. */
function meanOf(operand: Operand, makers: Makers): { x: Operand; axes: readonly number[] } | undefined {
  const step = makers.operation(operand, "reduce");
  const { kind, axes, keepDims } = (step?.options ?? {}) as unknown as nn.ReduceOptions;
  if (step === undefined || kind !== "mean" || !keepDims || axes === undefined) return undefined;
  const [x] = step.inputs;
  return { x, axes: axes.map((axis) => axis < 0 ? axis + x.shape.length : axis).sort((a, b) => a - b) };
}

/** Whether a value is the square of the deviations from a mean; exporters may subtract once more. */
function isSquareOf(
  squares: Operand,
  centered: Operand,
  mean: { x: Operand; axes: readonly number[] },
  makers: Makers,
): boolean {
  const isCentered = (operand: Operand): boolean => {
    if (operand === centered) return true;
    return makers.binary(operand, "subtract").some(([x, other]) => {
      const own = meanOf(other, makers);
      return x === mean.x && own?.x === mean.x && String(own.axes) === String(mean.axes);
    });
  };
  return makers.binary(squares, "power").some(([base, power]) => isCentered(base) && scalarOf(power) === 2) ||
    makers.binary(squares, "multiply").some(([a, b]) => isCentered(a) && isCentered(b));
}

/** Groups of channels that were normalized as instances, between changes of shape. */
function groupsOf(
  n: Operand,
  makers: Makers,
): { x: Operand; epsilon: number; batch: number; groups: number } | undefined {
  const inner = makers.unshaped(n);
  const instance = makers.operation(inner, "instanceNormalization");
  if (instance === undefined) {
    const normal = inner.shape.length === 3 ? normalOf(inner, makers) : undefined;
    if (normal?.axes.length !== 1) return undefined;
    return { x: makers.unshaped(normal.x), epsilon: normal.epsilon, batch: inner.shape[0], groups: inner.shape[1] };
  }
  const { epsilon, groups, epilogue } = instance.options as unknown as nn.InstanceNormalizationOptions;
  const [x, scale, bias] = instance.inputs;
  const isFilled = ({ host }: Operand, value: number) => host?.data.every((each: number | bigint) => each === value);
  if (!isFilled(scale, 1) || !isFilled(bias, 0) || groups !== undefined || epilogue.length > 0) return undefined;
  return { x: makers.unshaped(x), epsilon, batch: x.shape[0], groups: x.shape[1] };
}

/** A constant that has the last axes of a shape, as a value of these. */
function along(
  constant: Operand,
  shape: readonly number[],
  first: number,
  last: readonly number[],
): Operand | undefined {
  const lead = constant.shape.length - last.length;
  const fits = lead >= 0 && lead <= first && sameShape(constant.shape.slice(lead), last) &&
    constant.shape.slice(0, lead).every((extent) => extent === 1) && shape.length >= constant.shape.length;
  return fits ? reshaped(constant, last) : undefined;
}

/** Constants of one element per channel, as vectors. */
function channelVectors({ shape }: Operand, ...constants: Operand[]): Operand[] | undefined {
  const vectors = constants.flatMap((constant) => {
    const axis = 1 - (shape.length - constant.shape.length);
    const fits = axis >= 0 && constant.shape[axis] === shape[1] && sizeOf(constant.shape) === shape[1];
    return fits ? [reshaped(constant, [shape[1]])] : [];
  });
  return vectors.length === constants.length ? vectors : undefined;
}

/** The same constant each time, so that it is uploaded once. */
function reshaped(constant: Operand, shape: readonly number[]): Operand {
  if (sameShape(constant.shape, shape)) return constant;
  return { ...constant, shape, host: { ...constant.host!, shape } };
}
