import { nn } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { usesOf } from "./uses.ts";

/**
 * Labels of upsampled maps are made without the maps, which in 3-D take more time and memory than the network.
 *
 *     x                            x                        x                            x
 *     resize                       resizeLabels             resize                       resizeLabels (threshold)
 *     (softmax)             =>     (reshape)                (sigmoid)             =>     reshape
 *     argReduce (channels)                                  greater than a constant
 *
 * Softmax and sigmoid grow with their argument, so the greatest stays the greatest, and the threshold becomes its logit. A
 * threshold is taken of one map only: of several, the standard has an array of each. A value that somebody else reads
 * stays as it is.
 */
export function fuseLabels(program: Program): Program {
  const uses = usesOf(program);
  const makers = new Map<Operand, ApplyStep>();
  const steps = program.steps.flatMap((step): Step[] => {
    if (step.kind === "reshape") return [step];
    for (const output of step.outputs) makers.set(output, step);
    const made = (operand: Operand, name: string): ApplyStep | undefined => {
      const maker = uses.get(operand) === 1 ? makers.get(operand) : undefined;
      return maker?.operation.name === name ? maker : undefined;
    };
    return labelsOf(step, made) ?? [step];
  });
  return { ...program, steps };
}

/** The step that makes a value which nobody else reads, if it is of an operation. */
type Made = (operand: Operand, name: string) => ApplyStep | undefined;

function labelsOf(step: ApplyStep, made: Made): Step[] | undefined {
  if (step.operation.name === "argReduce") {
    const { kind, axis, last } = step.options as unknown as nn.ArgReduceOptions;
    const [x] = step.inputs;
    const rank = x.shape.length;
    if (kind !== "max" || last || (axis !== 1 && axis !== 1 - rank)) return undefined;
    return fused(step, resizeBehind(x, made, "softmax"), { dtype: "i64" });
  }
  if (step.operation.name !== "binary" || (step.options as unknown as nn.BinaryOptions).op !== "greater") {
    return undefined;
  }
  const [x, limit] = step.inputs;
  const threshold = limit.host?.data.length === 1 ? Number(limit.host.data[0]) : NaN;
  if (!Number.isFinite(threshold) || x.shape[1] !== 1 || limit.shape.length > x.shape.length) return undefined;
  const sigmoid = made(x, "unary")?.options.op === "sigmoid";
  if (sigmoid && !(threshold > 0 && threshold < 1)) return undefined;
  const logit = sigmoid ? Math.log(threshold / (1 - threshold)) : threshold;
  return fused(step, resizeBehind(x, made, "unary"), { dtype: "bool", threshold: logit });
}

/** The resizing that a value comes from, directly or by a function that grows with each channel. */
function resizeBehind(x: Operand, made: Made, growing: "softmax" | "unary"): ApplyStep | undefined {
  const own = made(x, "resize");
  if (own !== undefined) return own;
  const between = made(x, growing);
  if (between === undefined) return undefined;
  const axis = between.options.axis;
  const grows = growing === "unary" ? between.options.op === "sigmoid" : axis === 1 || axis === 1 - x.shape.length;
  return grows ? made(between.inputs[0], "resize") : undefined;
}

function fused(
  step: ApplyStep,
  resize: ApplyStep | undefined,
  options: Partial<nn.ResizeLabelsOptions>,
): Step[] | undefined {
  if (resize === undefined) return undefined;
  const { sizes, scales, epilogue, ...rules } = resize.options as unknown as nn.ResizeOptions;
  const [maps] = resize.inputs;
  const rank = maps.shape.length;
  const isSpatial = [0, 1].every((axis) => {
    return maps.shape[axis] === resize.outputs[0].shape[axis] && (scales === undefined || scales[axis] === 1);
  });
  if (!isSpatial || epilogue.length > 0 || rank < 3 || rank > 5 || maps.shape[1] === 0) return undefined;
  const merged = nn.resizeLabels.options.parse({
    ...rules,
    ...options,
    ...sizes && { sizes: sizes.slice(2) },
    ...scales && { scales: scales.slice(2) },
  });
  const specs = nn.resizeLabels.outputs([{ dtype: "f32", shape: maps.shape }], merged);
  const [labels, counts] = specs.map(({ dtype, shape }): Operand => ({ dtype, shape, source: { kind: "step" } }));
  const [result] = step.outputs;
  const same = result.shape.length === labels.shape.length;
  const operation = nn.resizeLabels;
  const apply: Step = {
    kind: "apply",
    operation,
    options: merged as unknown as Record<string, unknown>,
    inputs: [maps],
    outputs: [same ? result : labels, counts],
    node: step.node,
  };
  return same ? [apply] : [apply, { kind: "reshape", inputs: [labels], outputs: [result], node: step.node }];
}
