import { nn } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { doublingOf } from "./fuse_doublings.ts";
import { Makers } from "./matching.ts";
import { usesOf } from "./uses.ts";

/**
 * Convolutions read maps that stand side by side, are doubled, or normalized and activated, where they lie:
 *
 *         a                                 a
 *     instanceNormalization   b             |  instanceMoments     b
 *                   concat         =>       joinedConvolution
 *                 convolution
 *
 * with one map or two. One that somebody else reads as well stays as it is, but a normalized one may be read by several such
 * convolutions, of which none has strides.
 */
export function joinConvolutions(program: Program): Program {
  const uses = usesOf(program), makers = new Makers(program);
  const found = new Map<ApplyStep, readonly SeenMap[]>();
  for (const step of program.steps) {
    const isConvolution = step.kind === "apply" && step.operation.name === "convolution";
    if (isConvolution && step.options.groups === 1 && step.inputs[0].shape.length > 3) {
      found.set(step, mapsOf(step, makers, uses));
    }
  }
  const moments = momentsOf(found, makers, uses);
  const steps = program.steps.map((step): Step =>
    moments.get(step.outputs[0])?.step ?? (step.kind === "apply" ? joined(step, found.get(step), moments) : step)
  );
  return { ...program, steps };
}

/** A map that a convolution sees, and what it is before it is doubled. */
interface SeenMap {
  readonly x: Operand;
  readonly doublings: number;
}

function mapsOf({ inputs: [input] }: ApplyStep, makers: Makers, uses: ReadonlyMap<Operand, number>): SeenMap[] {
  const whole = [{ x: input, doublings: 0 }];
  const concat = uses.get(input) === 1 ? makers.operation(input, "concat") : undefined;
  if (concat === undefined) return [doublingOf(input, makers, uses) ?? whole[0]];
  const { axis, doublings } = concat.options as unknown as nn.ConcatOptions;
  const isOfChannels = axis === 1 || axis === 1 - input.shape.length;
  if (!isOfChannels || concat.inputs.length !== 2 || concat.inputs[0].shape[1] % 4 > 0) return whole;
  return concat.inputs.map((x, index) => ({ x, doublings: doublings?.[index] ?? 0 }));
}

/** What a normalization does to its result, if a convolution can do it on the way. */
function activationOf(operand: Operand, makers: Makers): nn.Epilogue | undefined {
  const epilogue = makers.operation(operand, "instanceNormalization")?.options.epilogue as nn.Epilogue | undefined;
  const isKnown = epilogue?.every(({ op }) => op === "relu" || op === "leakyRelu" || op === "silu");
  return isKnown && epilogue!.length <= 1 ? epilogue : undefined;
}

/** A step that gives moments instead of a normalized map, and what follows the normalization. */
interface Moments {
  readonly step: ApplyStep;
  readonly activation: nn.Epilogue;
}

/**
 * Whether a convolution may normalize what it reads. One with strides would normalize each element anew for every tap and for
 * every 16 output channels: three times what it costs to store the map normalized.
 */
const normalizes = ({ options }: ApplyStep): boolean =>
  !(options as unknown as nn.ConvolutionOptions).strides?.some((step) => step > 1);

/** What gives moments, by the normalized maps that nobody but such convolutions reads. */
function momentsOf(
  found: ReadonlyMap<ApplyStep, readonly SeenMap[]>,
  makers: Makers,
  uses: ReadonlyMap<Operand, number>,
): Map<Operand, Moments> {
  const reads = new Map<Operand, number>();
  for (const [step, maps] of found) {
    if (!normalizes(step)) continue;
    const activations = maps.map(({ x }) => activationOf(x, makers));
    const given = activations.filter((epilogue) => epilogue !== undefined);
    // A page has one activation.
    if (given.some((epilogue) => JSON.stringify(epilogue) !== JSON.stringify(given[0]))) continue;
    maps.forEach(({ x }, index) => activations[index] && reads.set(x, (reads.get(x) ?? 0) + 1));
  }
  const steps = [...reads].filter(([x, count]) => uses.get(x) === count).map(([x]): [Operand, Moments] => {
    const step = makers.operation(x, "instanceNormalization")!;
    const { epilogue, ...options } = step.options;
    const output: Operand = { dtype: x.dtype, shape: [x.shape[0], 3, x.shape[1]], source: { kind: "step" } };
    const made = { ...step, operation: nn.instanceMoments, options, outputs: [output] };
    return [x, { step: made, activation: epilogue as nn.Epilogue }];
  });
  return new Map(steps);
}

function joined(step: ApplyStep, maps: readonly SeenMap[] | undefined, moments: ReadonlyMap<Operand, Moments>): Step {
  if (maps === undefined) return step;
  const isPlain = maps.length === 1 && maps[0].doublings === 0 && !moments.has(maps[0].x);
  if (isPlain) return step;
  const [, ...rest] = step.inputs;
  const inputs = maps.flatMap(({ x }) => {
    const normalized = moments.get(x)?.step;
    return normalized ? [normalized.inputs[0], normalized.outputs[0]] : [x];
  });
  const options = nn.joinedConvolution.options.parse({
    ...step.options,
    maps: maps.map(({ x, doublings }) => ({ doublings, normalized: moments.has(x) })),
    activation: maps.map(({ x }) => moments.get(x)?.activation).find((steps) => steps !== undefined),
  });
  return {
    ...step,
    operation: nn.joinedConvolution,
    inputs: [...inputs, ...rest],
    options: options as unknown as Record<string, unknown>,
  };
}
