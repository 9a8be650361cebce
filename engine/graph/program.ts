import type { Operation, Recorder, Value } from "../../shaders/mod.ts";
import { ModelError } from "../errors.ts";
import type { HostValue } from "./host_value.ts";
import type { Operand } from "./operator.ts";

/** One canonical operation, with its options complete. */
export interface ApplyStep {
  readonly kind: "apply";
  // deno-lint-ignore no-explicit-any -- operations of all option types share one list
  readonly operation: Operation<any>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  /** Name of the model's node that it comes from. */
  readonly node: string;
}

/** A change of shape, which moves nothing. */
export interface ReshapeStep {
  readonly kind: "reshape";
  readonly inputs: readonly [Operand];
  readonly outputs: readonly [Operand];
  readonly node: string;
}

/** One step of a program. */
export type Step = ApplyStep | ReshapeStep;

/** A model for feeds of given shapes: canonical operations in an order in which they can run. */
export interface Program {
  readonly steps: readonly Step[];
  /** The model's outputs by name. */
  readonly outputs: ReadonlyMap<string, Operand>;
}

/** The host values that the program's steps read, each once. */
export function constantsOf(program: Program): Set<HostValue> {
  const constants = new Set<HostValue>();
  for (const step of program.steps) {
    for (const operand of step.inputs) if (operand.source.kind === "host") constants.add(operand.host!);
  }
  for (const operand of program.outputs.values()) if (operand.source.kind === "host") constants.add(operand.host!);
  return constants;
}

/** The values of programs before that a program reads. */
export function givenOf(program: Program): Operand[] {
  const made = new Set(program.steps.flatMap((step): readonly Operand[] => step.outputs));
  const read = [...program.steps.flatMap((step): readonly Operand[] => step.inputs), ...program.outputs.values()];
  return [...new Set(read)].filter((operand) => operand.source.kind === "step" && !made.has(operand));
}

/**
 * Records a program. `feeds` are the model's inputs by name, `given` values of segments before, `tensorOf` gives the
 * device's tensor of a host value. An output that is an input or a constant comes back as that very value.
 */
export function recordProgram(
  r: Recorder,
  program: Program,
  feeds: Readonly<Record<string, Value>>,
  tensorOf: (value: HostValue) => Value,
  given: ReadonlyMap<Operand, Value> = new Map(),
): Record<string, Value> {
  const values = new Map<Operand, Value>(given);
  const valueOf = (operand: Operand): Value => {
    const { source } = operand;
    if (source.kind === "input") return feeds[source.name];
    return source.kind === "host" ? tensorOf(operand.host!) : values.get(operand)!;
  };
  for (const step of program.steps) {
    const inputs = step.inputs.map(valueOf);
    const results = recordStep(r, step, inputs);
    for (const [i, output] of step.outputs.entries()) values.set(output, results[i]);
  }
  return Object.fromEntries([...program.outputs].map(([name, operand]) => [name, valueOf(operand)]));
}

function recordStep(r: Recorder, step: Step, inputs: readonly Value[]): Value[] {
  if (step.kind === "reshape") return [r.reshape(inputs[0], step.outputs[0].shape)];
  try {
    return r.apply(step.operation, inputs, step.options);
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new ModelError(`Cannot run node ${step.node}: ${error.message}`, { cause: error });
  }
}
