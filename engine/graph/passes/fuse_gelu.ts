import { nn, sameShape } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { Program, Step } from "../program.ts";
import { isAbout, Makers } from "./matching.ts";

/**
 * Gaussian error linear units as exporters without the operator write them, in whatever order they multiply:
 *
 *     0.5 * x * (1 + erf(x / sqrt(2)))                                      =>   unary gelu
 *     0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))            =>   unary geluTanh
 */
export function fuseGelu(program: Program): Program {
  const makers = new Makers(program);
  const steps = program.steps.map((step): Step => {
    const isProduct = step.kind === "apply" && step.operation.name === "binary" &&
      (step.options.op === "multiply" || step.options.op === "divide");
    const found = isProduct ? geluOf(step.outputs[0], makers) : undefined;
    if (found === undefined || !sameShape(found.x.shape, step.outputs[0].shape)) return step;
    const options = nn.unary.options.parse({ op: found.op }) as unknown as Record<string, unknown>;
    return { kind: "apply", operation: nn.unary, options, inputs: [found.x], outputs: step.outputs, node: step.node };
  });
  return { ...program, steps };
}

function geluOf(result: Operand, makers: Makers): { x: Operand; op: "gelu" | "geluTanh" } | undefined {
  const { factor, rest } = makers.factors(result);
  if (rest.length !== 2 || !isAbout(factor, 0.5)) return undefined;
  for (const [x, gate] of [rest, rest.toReversed()]) {
    const sum = makers.shifted(gate);
    if (sum?.by !== 1) continue;
    const erf = makers.unary(sum.x, "erf");
    if (erf !== undefined && isMultiple(erf, x, Math.SQRT1_2, makers)) return { x, op: "gelu" };
    const tanh = makers.unary(sum.x, "tanh");
    if (tanh !== undefined && isCubic(tanh, x, makers)) return { x, op: "geluTanh" };
  }
  return undefined;
}

function isMultiple(operand: Operand, x: Operand, by: number, makers: Makers): boolean {
  const { factor, rest } = makers.factors(operand);
  return rest.length === 1 && rest[0] === x && isAbout(factor, by);
}

/** sqrt(2 / pi) * (x + 0.044715 * x^3) */
function isCubic(operand: Operand, x: Operand, makers: Makers): boolean {
  const { factor, rest: [sum, ...others] } = makers.factors(operand);
  if (others.length > 0 || !isAbout(factor, Math.sqrt(2 / Math.PI))) return false;
  return makers.binary(sum, "add").some(([own, cube]) => {
    const { factor, rest } = makers.factors(cube);
    const powers = rest.reduce((sum, each) => sum + powerOf(each, x, makers), 0);
    return own === x && isAbout(factor, 0.044715) && powers === 3;
  });
}

function powerOf(operand: Operand, x: Operand, makers: Makers): number {
  if (operand === x) return 1;
  const [power] = makers.binary(operand, "power");
  return power?.[0] === x ? Number(power[1].host?.data[0] ?? NaN) : NaN;
}
