import type { Operation, Recorder, Value } from "../../shaders/mod.ts";
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
}

/** A change of shape, which moves nothing. */
export interface ReshapeStep {
  readonly kind: "reshape";
  readonly inputs: readonly [Operand];
  readonly outputs: readonly [Operand];
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

/**
 * Records a program. `feeds` are the model's inputs by name, `tensorOf` gives the device's tensor of a host value.
 * An output that is an input or a constant comes back as that very value.
 */
export function recordProgram(
  r: Recorder,
  program: Program,
  feeds: Readonly<Record<string, Value>>,
  tensorOf: (value: HostValue) => Value,
): Record<string, Value> {
  const values = new Map<Operand, Value>();
  const valueOf = (operand: Operand): Value => {
    const { source } = operand;
    if (source.kind === "input") return feeds[source.name];
    return source.kind === "host" ? tensorOf(operand.host!) : values.get(operand)!;
  };
  for (const step of program.steps) {
    const inputs = step.inputs.map(valueOf);
    const results = step.kind === "reshape"
      ? [r.reshape(inputs[0], step.outputs[0].shape)]
      : r.apply(step.operation, inputs, step.options);
    for (const [i, output] of step.outputs.entries()) values.set(output, results[i]);
  }
  return Object.fromEntries([...program.outputs].map(([name, operand]) => [name, valueOf(operand)]));
}
