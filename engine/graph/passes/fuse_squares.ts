import type { nn } from "../../../shaders/mod.ts";
import { isFloat } from "../host_value.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { Makers, scalarOf } from "./matching.ts";
import { usesOf } from "./uses.ts";

/** Reductions by what they become of squares, and with the root behind them. */
const ofSquares: Partial<Record<nn.ReduceKind, nn.ReduceKind>> = { mean: "meanSquare", sum: "sumSquare" };
const withRoot: Partial<Record<nn.ReduceKind, nn.ReduceKind>> = {
  mean: "rootMeanSquare",
  sum: "l2",
  sumSquare: "l2",
};

/**
 * Means and sums of squares, and their roots, as exporters write deviations, norms and distances:
 *
 *     mean(x * x), mean(x ^ 2)         =>   reduce meanSquare
 *     sqrt(mean(x ^ 2))                =>   reduce rootMeanSquare
 *     sum(x ^ 2), sqrt(sum(x ^ 2))     =>   reduce sumSquare, l2
 */
export function fuseSquares(program: Program): Program {
  const makers = new Makers(program);
  const uses = usesOf(program);
  const steps = program.steps.map((step): Step => {
    if (step.kind === "reshape") return step;
    const [result] = step.outputs;
    const root = makers.unary(result, "sqrt");
    // A mean that somebody else reads as well is not computed twice.
    const reduction = root === undefined ? step : uses.get(root) === 1 ? makers.operation(root, "reduce") : undefined;
    if (reduction?.operation.name !== "reduce" || !isFloat(result.dtype)) return step;
    return reduced(step, reduction, root === undefined ? ofSquares : withRoot, makers) ?? step;
  });
  return { ...program, steps };
}

function reduced(
  { outputs, node }: ApplyStep,
  reduction: ApplyStep,
  kinds: Partial<Record<nn.ReduceKind, nn.ReduceKind>>,
  makers: Makers,
): Step | undefined {
  const own = reduction.options.kind as nn.ReduceKind;
  const kind = kinds[own];
  const x = own === "sumSquare" ? reduction.inputs[0] : rootOf(reduction.inputs[0], makers);
  if (kind === undefined || x === undefined) return undefined;
  return { ...reduction, options: { ...reduction.options, kind }, inputs: [x], outputs, node };
}

/** What a value is the square of. */
function rootOf(square: Operand, makers: Makers): Operand | undefined {
  const [power] = makers.binary(square, "power");
  if (power !== undefined && scalarOf(power[1]) === 2 && power[1].shape.length <= power[0].shape.length) {
    return power[0];
  }
  const [product] = makers.binary(square, "multiply");
  return product !== undefined && product[0] === product[1] ? product[0] : undefined;
}
