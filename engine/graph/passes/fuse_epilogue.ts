import { nn, sameShape, sizeOf } from "../../../shaders/mod.ts";
import { isFloat } from "../host_value.ts";

import type { Operand } from "../operator.ts";
import type { ApplyStep, Program, Step } from "../program.ts";
import { usesOf } from "./uses.ts";

/**
 * Lets operations that take `epilogue` do the activations and sums behind them, and the biases that exporters write as an Add.
 * A value that somebody else reads as well stays as it is.
 */
export function fuseEpilogue(program: Program): Program {
  const fusion = new Fusion(program);
  for (const step of program.steps) fusion.add(step);
  return fusion.program();
}

/** An operation that can take a further step, and the changes of shape between it and the value looked at. */
interface Producer {
  readonly step: ApplyStep;
  /** Positions of the operation and of the changes of shape behind it. */
  readonly positions: readonly number[];
}

class Fusion {
  readonly #program: Program;
  readonly #uses: Map<Operand, number>;
  readonly #steps: (Step | undefined)[] = [];
  readonly #positions = new Map<Operand, number>();
  readonly #same = new Map<Operand, Operand>();

  constructor(program: Program) {
    this.#program = program;
    this.#uses = usesOf(program);
  }

  program(): Program {
    const outputs = [...this.#program.outputs].map(([name, operand]): [string, Operand] => [name, this.#now(operand)]);
    return { steps: this.#steps.filter((step) => step !== undefined), outputs: new Map(outputs) };
  }

  add(original: Step): void {
    const step = { ...original, inputs: original.inputs.map((operand) => this.#now(operand)) } as Step;
    if (step.kind === "reshape" || !(this.#fuseUnary(step) || this.#fuseBinary(step))) this.#push(step);
  }

  #now(operand: Operand): Operand {
    return this.#same.get(operand) ?? operand;
  }

  #push(step: Step): void {
    for (const output of step.outputs) this.#positions.set(output, this.#steps.length);
    this.#steps.push(step);
  }

  /** The value of `gone` is from now on that of `stays`. */
  #replace(gone: Operand, stays: Operand): void {
    this.#same.set(gone, stays);
    this.#uses.set(stays, this.#uses.get(gone) ?? 0);
  }

  #fuseUnary(step: ApplyStep): boolean {
    const epilogue = step.operation.name === "unary" ? epilogueStepOf(step.options) : undefined;
    const producer = epilogue && this.#producer(step.inputs[0]);
    if (!epilogue || !producer || (isLong(epilogue) && !isProduct(producer.step))) return false;
    this.#extend(producer, epilogue, []);
    this.#replace(step.outputs[0], step.inputs[0]);
    return true;
  }

  #fuseBinary(step: ApplyStep): boolean {
    if (step.operation.name !== "binary" || epilogueOf(step)!.length > 0) return false;
    const [a, b] = step.inputs;
    if (step.options.op === "multiply") return this.#fuseGate(step, a, b) || this.#fuseGate(step, b, a);
    if (step.options.op === "divide") return this.#fuseHardSwish(step, a, b);
    if (step.options.op !== "add" || a === b) return false;
    const pairs = [[a, b], [b, a]].sort(([left], [right]) => this.#positionOf(right) - this.#positionOf(left));
    return pairs.some(([own, other]) => this.#fuseBias(step, own, other) || this.#fuseSum(step, own, other));
  }

  #positionOf(operand: Operand): number {
    return this.#positions.get(operand) ?? -1;
  }

  /** x * sigmoid(x) and x * hardSigmoid(x) are one function. */
  #fuseGate(step: ApplyStep, x: Operand, gate: Operand): boolean {
    const made = this.#maker(gate, "unary");
    const op = made && gateOf(made.options);
    if (op === undefined || made!.inputs[0] !== x) return false;
    this.#steps[this.#positionOf(gate)] = undefined;
    this.#become(op, x, step);
    return true;
  }

  /** x * clip(x + 3, 0, 6) / 6, as exporters without HardSwish write it. */
  #fuseHardSwish(step: ApplyStep, product: Operand, six: Operand): boolean {
    const multiply = this.#maker(product, "binary");
    if (multiply?.options.op !== "multiply" || epilogueOf(multiply)!.length > 0 || scalarOf(six) !== 6) return false;
    const [a, b] = multiply.inputs;
    for (const [x, gate] of [[a, b], [b, a]]) {
      const sum = this.#maker(gate, "binary");
      if (sum?.options.op !== "add" || !isClipTo6(epilogueOf(sum)!)) continue;
      const three = sum.inputs[0] === x ? sum.inputs[1] : sum.inputs[1] === x ? sum.inputs[0] : undefined;
      if (three === undefined || scalarOf(three) !== 3) continue;
      for (const gone of [gate, product]) this.#steps[this.#positionOf(gone)] = undefined;
      this.#become("hardSwish", x, step);
      return true;
    }
    return false;
  }

  /** The operation of a kind that makes a value which is read once. */
  #maker(operand: Operand, name: string): ApplyStep | undefined {
    const step = this.#steps[this.#positionOf(operand)];
    return step?.kind === "apply" && step.operation.name === name && this.#uses.get(operand) === 1 ? step : undefined;
  }

  /** Gives the result of a step that read `x` twice by one function of `x`. */
  #become(op: nn.UnaryOp, x: Operand, { outputs, node }: ApplyStep): void {
    this.#uses.set(x, this.#uses.get(x)! - 1);
    const options = nn.unary.options.parse({ op }) as unknown as Record<string, unknown>;
    const replacement: ApplyStep = { kind: "apply", operation: nn.unary, options, inputs: [x], outputs, node };
    if (!this.#fuseUnary(replacement)) this.#push(replacement);
  }

  #fuseSum(step: ApplyStep, own: Operand, other: Operand): boolean {
    const producer = this.#producer(own);
    const fits = sameShape(own.shape, step.outputs[0].shape) && sameShape(other.shape, step.outputs[0].shape);
    if (!producer || !fits || epilogueOf(producer.step)!.some(({ op }) => op === "add")) return false;
    this.#extend(producer, { op: "add" }, [other]);
    this.#replace(step.outputs[0], own);
    return true;
  }

  /** A constant of one value per channel becomes the bias that a convolution or GEMM doesn't have yet. */
  #fuseBias(step: ApplyStep, own: Operand, other: Operand): boolean {
    const producer = this.#producer(own);
    if (!producer || other.host === undefined || !sameShape(own.shape, step.outputs[0].shape)) return false;
    const { operation: { biasAxis }, inputs, outputs: [output] } = producer.step;
    if (biasAxis === undefined || inputs.length !== 2 || epilogueOf(producer.step)!.length > 0) return false;
    // Changes of shape behind it keep the last axis, but no other one.
    if (biasAxis >= 0 && producer.positions.length > 1) return false;
    const channels = output.shape.at(biasAxis)!;
    const axis = biasAxis < 0 ? own.shape.length + biasAxis : biasAxis;
    const along = own.shape.map((_, i) => i === axis ? channels : 1).slice(own.shape.length - other.shape.length);
    if (!sameShape(other.shape, along) || sizeOf(other.shape) !== channels) return false;
    // What is added is added once, whatever factor of a C there was none of.
    const options = "beta" in producer.step.options ? { ...producer.step.options, beta: 1 } : producer.step.options;
    this.#extend({ ...producer, step: { ...producer.step, options } }, undefined, [other], [channels]);
    this.#replace(step.outputs[0], own);
    return true;
  }

  /** The operation behind a value that nobody else reads, if it takes a further step. */
  #producer(operand: Operand): Producer | undefined {
    const positions: number[] = [];
    let at = operand;
    for (;;) {
      const position = this.#positions.get(at);
      const step = position === undefined ? undefined : this.#steps[position];
      if (step === undefined || this.#uses.get(at) !== 1) return undefined;
      positions.unshift(position!);
      if (step.kind === "apply") {
        const epilogue = epilogueOf(step);
        return epilogue && epilogue.length < 3 && isFloat(step.outputs[0].dtype) ? { step, positions } : undefined;
      }
      at = step.inputs[0];
    }
  }

  /** Gives an operation a further step or input, and moves it behind what it now reads. */
  #extend(
    { step, positions }: Producer,
    epilogue: nn.EpilogueStep | undefined,
    added: Operand[],
    shape?: number[],
  ): void {
    const options = epilogue ? { ...step.options, epilogue: [...epilogueOf(step)!, epilogue] } : step.options;
    if (added.length === 0) {
      this.#steps[positions[0]] = { ...step, options };
      return;
    }
    const moved = positions.map((position) => this.#steps[position]!);
    for (const position of positions) this.#steps[position] = undefined;
    const laid = added.map((operand) => this.#shaped(operand, shape ?? step.outputs[0].shape, step.node));
    this.#push({ ...step, options, inputs: [...step.inputs, ...laid] });
    for (const reshape of moved.slice(1)) this.#push(reshape);
  }

  #shaped(operand: Operand, shape: readonly number[], node: string): Operand {
    if (sameShape(operand.shape, shape)) return operand;
    const output: Operand = { dtype: operand.dtype, shape, source: { kind: "step" } };
    this.#push({ kind: "reshape", inputs: [operand], outputs: [output], node });
    return output;
  }
}

function epilogueOf(step: ApplyStep): nn.Epilogue | undefined {
  return step.options.epilogue as nn.Epilogue | undefined;
}

function scalarOf(operand: Operand): number | undefined {
  return operand.host?.data.length === 1 ? Number(operand.host.data[0]) : undefined;
}

function isClipTo6(epilogue: nn.Epilogue): boolean {
  const [step] = epilogue;
  return epilogue.length === 1 && step.op === "clip" && step.min === 0 && step.max === 6;
}

function gateOf(options: Readonly<Record<string, unknown>>): nn.UnaryOp | undefined {
  if (options.op === "sigmoid") return "silu";
  const sixth = Math.abs((options.alpha as number) - 1 / 6) < 1e-6;
  return options.op === "hardSigmoid" && sixth && options.beta === 0.5 ? "hardSwish" : undefined;
}

/** Convolutions have up to 64 copies of their epilogue, which compile for seconds with these; products have one. */
const isLong = ({ op }: nn.EpilogueStep): boolean => op === "gelu" || op === "geluTanh";
const isProduct = ({ operation: { name } }: ApplyStep): boolean => name === "gemm" || name === "matmul";

/** Infinite bounds are none, which a step can't say. */
function clipStepOf(min: number, max: number): nn.EpilogueStep | undefined {
  return Number.isFinite(min) && Number.isFinite(max) ? { op: "clip", min, max } : undefined;
}

function epilogueStepOf(options: Readonly<Record<string, unknown>>): nn.EpilogueStep | undefined {
  const { op, alpha, beta } = options as unknown as nn.UnaryOptions;
  switch (op) {
    case "relu":
    case "sigmoid":
    case "silu":
    case "hardSwish":
    case "gelu":
    case "geluTanh":
      return { op };
    case "leakyRelu":
      return { op, alpha: alpha ?? 0.01 };
    case "clip":
      return clipStepOf(alpha ?? -3.4028234663852886e38, beta ?? 3.4028234663852886e38);
    default:
      return undefined;
  }
}
