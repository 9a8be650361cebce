/** Looks backward through a program for patterns. */
import { type nn, sameShape } from "../../../shaders/mod.ts";
import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";

/** The steps that make values, for patterns that go from a result to what it comes from. */
export class Makers {
  readonly #makers = new Map<Operand, Step>();

  constructor(program: Program) {
    for (const step of program.steps) for (const output of step.outputs) this.#makers.set(output, step);
  }

  /** The step that makes a value. */
  step(operand: Operand): Step | undefined {
    return this.#makers.get(operand);
  }

  /** The operation of a name that makes a value. */
  operation(operand: Operand, name: string): ApplyStep | undefined {
    const step = this.#makers.get(operand);
    return step?.kind === "apply" && step.operation.name === name ? step : undefined;
  }

  /** What a value was before changes of its shape. */
  unshaped(operand: Operand): Operand {
    const step = this.#makers.get(operand);
    return step?.kind === "reshape" ? this.unshaped(step.inputs[0]) : operand;
  }

  /** The argument of a function of one element that makes a value. */
  unary(operand: Operand, op: nn.UnaryOp): Operand | undefined {
    const step = this.operation(operand, "unary");
    return step?.options.op === op ? step.inputs[0] : undefined;
  }

  /** The operands of a function of two elements that makes a value; of sums and products in both orders. */
  binary(operand: Operand, op: nn.BinaryOp): readonly (readonly [Operand, Operand])[] {
    const step = this.operation(operand, "binary");
    if (step?.options.op !== op || (step.options.epilogue as nn.Epilogue).length > 0) return [];
    const [a, b] = step.inputs;
    return op === "add" || op === "multiply" ? [[a, b], [b, a]] : [[a, b]];
  }

  /** The operand that is added to a constant of one element, and that constant. */
  shifted(operand: Operand): { x: Operand; by: number } | undefined {
    for (const [x, constant] of this.binary(operand, "add")) {
      const by = scalarOf(constant);
      if (by !== undefined) return { x, by };
    }
    return undefined;
  }

  /** The operand of the same shape that is multiplied or divided by a constant of one element, and the factor. */
  scaled(operand: Operand): { x: Operand; by: number } | undefined {
    const sides = [
      ...this.binary(operand, "multiply"),
      ...this.binary(operand, "divide").map(([x, by]) => [x, by, -1] as const),
    ];
    for (const [x, constant, power = 1] of sides) {
      const by = scalarOf(constant);
      if (by !== undefined && sameShape(x.shape, operand.shape)) return { x, by: by ** power };
    }
    return undefined;
  }

  /** The factors of a product of products and quotients by constants: what is computed, and the constant. */
  factors(operand: Operand): { factor: number; rest: Operand[] } {
    const constant = scalarOf(operand);
    if (constant !== undefined) return { factor: constant, rest: [] };
    const [product] = this.binary(operand, "multiply");
    if (product !== undefined) {
      const [a, b] = product.map((side) => this.factors(side));
      return { factor: a.factor * b.factor, rest: [...a.rest, ...b.rest] };
    }
    const [quotient] = this.binary(operand, "divide");
    const divisor = quotient && scalarOf(quotient[1]);
    if (divisor === undefined) return { factor: 1, rest: [operand] };
    const { factor, rest } = this.factors(quotient[0]);
    return { factor: factor / divisor, rest };
  }
}

/** The one element of a constant. */
export function scalarOf({ host }: Operand): number | undefined {
  return host?.data.length === 1 ? Number(host.data[0]) : undefined;
}

/** Whether a constant of a file is a number, as far as f32 goes. */
export const isAbout = (value: number, wanted: number): boolean => Math.abs(value - wanted) <= 1e-5 * Math.abs(wanted);
