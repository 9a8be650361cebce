import { nn, sizeOf } from "../../../shaders/mod.ts";
import { arrayOf, type HostValue } from "../host_value.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { doublingOf } from "./fuse_doublings.ts";
import { Makers } from "./matching.ts";
import { usesOf } from "./uses.ts";

/**
 * A convolution of a map that is doubled before sees each of its elements through two taps an axis, whose weights are summed once:
 *
 *    resize (nearest, 2)        convolutionTranspose (stride 2)
 *     convolution, k taps  =>     k + 1 taps
 *
 * An output then takes (k + 1) / 2 products an axis instead of k. Sums are in f64 and rounded once, so that an output differs by
 * 6e-8 of the sum of its products' magnitudes at most; an infinity times weights of both signs is infinite, not NaN.
 */
export function foldDoublings(program: Program): Program {
  const makers = new Makers(program), uses = usesOf(program);
  return { ...program, steps: program.steps.map((step) => folded(step, makers, uses)) };
}

/** Channels from which on the convolution has forms that take fewer products still. */
const manyChannels = 32;

function folded(step: Step, makers: Makers, uses: ReadonlyMap<Operand, number>): Step {
  if (step.kind === "reshape" || step.operation.name !== "convolution") return step;
  const [input, { host: weight }, ...rest] = step.inputs;
  const { strides, dilations, groups } = step.options as unknown as nn.ConvolutionOptions;
  const isPlain = groups === 1 && [...strides ?? [], ...dilations ?? []].every((number) => number === 1);
  const map = isPlain ? doublingOf(input, makers, uses) : undefined;
  if (weight === undefined || map?.doublings !== 1) return step;
  const [to, from, ...kernel] = weight.shape;
  const isQuick = kernel.length === 2 && kernel.every((taps) => taps === 3) && Math.min(to, from) >= manyChannels;
  if (isQuick || kernel.some((taps) => taps < 2)) return step;
  return transposed(step, [map.x, operandOf(spread(weight)), ...rest], kernel);
}

function transposed(step: ApplyStep, inputs: readonly Operand[], kernel: readonly number[]): ApplyStep {
  const { padsBegin, padsEnd, epilogue } = step.options as unknown as nn.ConvolutionOptions;
  const cut = (pads: readonly number[] = kernel.map(() => 0)) => kernel.map((taps, axis) => taps - 1 - pads[axis]);
  const options = nn.convolutionTranspose.options.parse({
    strides: kernel.map(() => 2),
    padsBegin: cut(padsBegin),
    padsEnd: cut(padsEnd),
    epilogue,
  });
  return {
    ...step,
    operation: nn.convolutionTranspose,
    inputs,
    options: options as unknown as Record<string, unknown>,
  };
}

/** Weights `[M, C, ...k]` as `[C, M, ...k + 1]`: along each axis tap t is the sum of the taps k - 1 - t and k - t there are. */
function spread({ dtype, shape: [to, from, ...kernel], data }: HostValue): HostValue {
  const shape = [from, to, ...kernel.map((taps) => taps + 1)];
  let lines = Float64Array.from({ length: sizeOf(shape.slice(0, 2)) * sizeOf(kernel) }, (_, index) => {
    const tap = index % sizeOf(kernel), pair = (index - tap) / sizeOf(kernel);
    return Number(data[((pair % to) * from + Math.floor(pair / to)) * sizeOf(kernel) + tap]);
  });
  kernel.forEach((taps, axis) => {
    const inner = sizeOf(kernel.slice(axis + 1));
    const outer = lines.length / (taps * inner);
    const wide = new Float64Array(outer * (taps + 1) * inner);
    for (let o = 0; o < outer; o++) {
      for (let t = 0; t <= taps; t++) {
        for (let i = 0; i < inner; i++) {
          const at = (tap: number) => tap < 0 || tap >= taps ? 0 : lines[(o * taps + tap) * inner + i];
          wide[(o * (taps + 1) + t) * inner + i] = at(taps - 1 - t) + at(taps - t);
        }
      }
    }
    lines = wide;
  });
  const sums = arrayOf(dtype, lines.length) as Float32Array;
  sums.set(lines);
  return { dtype, shape, data: sums };
}

function operandOf(host: HostValue): Operand {
  return { dtype: host.dtype, shape: host.shape, host, source: { kind: "host" }, hostNeeds: new Set() };
}
