import { nn, sameShape } from "../../../shaders/mod.ts";
import { hostValue } from "../host_value.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers } from "./matching.ts";

/**
 * Slices of one value that are put together again along their axis are gathered at once, as Swin's shifted windows are:
 *
 *        x
 *      /   \
 *   [s, n)  [0, s)     =>    x gathered at s ... n - 1, 0 ... s - 1
 *      \   /
 *      concat
 */
export function fuseRolls(program: Program): Program {
  const makers = new Makers(program);
  const known = new Map<string, Operand>();
  const steps = program.steps.map((step): Step => {
    if (step.kind === "reshape" || step.operation.name !== "concat" || step.inputs.length < 2) return step;
    const [output] = step.outputs;
    const { axis: given } = step.options as unknown as nn.ConcatOptions;
    const axis = given < 0 ? given + output.shape.length : given;
    const parts = step.inputs.map((operand) => makers.operation(operand, "slice"));
    const x = parts[0]?.inputs[0];
    if (x === undefined || !parts.every((part) => part?.inputs[0] === x && isAlong(part, axis))) return step;
    const indices = parts.flatMap((part) => {
      const { starts, sizes } = part!.options as unknown as nn.SliceOptions;
      return Array.from({ length: sizes[axis] }, (_, i) => BigInt(starts[axis] + i));
    });
    // One table for all that roll alike.
    const key = String(indices);
    if (!known.has(key)) known.set(key, constantOf(indices));
    const options = nn.gather.options.parse({ axis }) as unknown as Record<string, unknown>;
    return { ...step, operation: nn.gather, options, inputs: [x, known.get(key)!] };
  });
  return { ...program, steps };
}

function constantOf(indices: readonly bigint[]): Operand {
  const host = hostValue("i64", [indices.length], indices);
  return { dtype: "i64", shape: host.shape, host, source: { kind: "host" } };
}

/** Whether a slice takes neighbors along one axis and everything along the others. */
function isAlong({ inputs: [x], outputs: [y], options }: ApplyStep, axis: number): boolean {
  const { starts, steps } = options as unknown as nn.SliceOptions;
  const others = x.shape.every((_, i) => i === axis || (starts[i] === 0 && (steps?.[i] ?? 1) === 1));
  return others && (steps?.[axis] ?? 1) === 1 && sameShape(x.shape.toSpliced(axis, 1), y.shape.toSpliced(axis, 1));
}
