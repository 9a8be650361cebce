import type { nn } from "../../../shaders/mod.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers } from "./matching.ts";

/**
 * Zeros that are put around maps before an average pooling or a convolution become its pads, as exporters write those of
 * poolings out:
 *
 *        a                      a
 *       pad             =>     pool (pads, which count)
 *     pool (average)
 *
 * A padded map that somebody else reads stays for them; dead steps are dropped by their own pass.
 */
export function foldPads(program: Program): Program {
  const makers = new Makers(program);
  return { ...program, steps: program.steps.map((step) => folded(step, makers)) };
}

/** The options that a pass reads and changes. */
interface Pads {
  readonly padsBegin?: readonly number[];
  readonly padsEnd?: readonly number[];
}

function folded(step: Step, makers: Makers): Step {
  if (step.kind === "reshape" || !takesZeros(step)) return step;
  const [map, ...rest] = step.inputs;
  const pad = makers.operation(map, "pad");
  if (pad === undefined) return step;
  const { padsBegin, padsEnd, mode, value } = pad.options as unknown as nn.PadOptions;
  const isOfZeros = mode === "constant" && value === 0 && [...padsBegin, ...padsEnd].every((count) => count >= 0);
  if (!isOfZeros || [padsBegin, padsEnd].some(([batch, channels]) => batch + channels > 0)) return step;
  const own = step.options as Pads;
  const sum = (outer: readonly number[], inner?: readonly number[]) =>
    outer.slice(2).map((count, axis) => count + (inner?.[axis] ?? 0));
  const options = {
    ...step.options,
    padsBegin: sum(padsBegin, own.padsBegin),
    padsEnd: sum(padsEnd, own.padsEnd),
    ...step.operation.name === "pool" ? { countIncludePad: true } : {},
  };
  return { ...step, inputs: [pad.inputs[0], ...rest], options };
}

/** Whether zeros around the map are to a step what its pads are, once these count. */
function takesZeros({ operation: { name }, options }: ApplyStep): boolean {
  if (name === "convolution") return true;
  if (name !== "pool") return false;
  const { kind, ceilMode, countIncludePad, padsBegin, padsEnd } = options as unknown as nn.PoolOptions;
  const hasPads = [...padsBegin ?? [], ...padsEnd ?? []].some((count) => count > 0);
  // Where the last windows begin is another matter with pads than with elements.
  return kind === "average" && !ceilMode && (countIncludePad || !hasPads);
}
