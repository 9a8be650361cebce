/** Runs a lowered model on the host by the operations' twins: the graph's logic without a device. */
import { elementOf, type HostValue, hostValue, numbersOf } from "../engine/graph/host_value.ts";
import type { Operand } from "../engine/graph/operator.ts";
import type { Program } from "../engine/graph/program.ts";
import type { HostTensor } from "../shaders/mod.ts";

/** The outputs of a program for feeds by name. */
export function runByTwins(program: Program, feeds: Readonly<Record<string, HostValue>>): Map<string, HostValue> {
  const values = new Map<Operand, HostTensor>();
  const tensorOf = (value: HostValue): HostTensor => ({
    dtype: value.dtype as HostTensor["dtype"],
    shape: value.shape,
    data: Float64Array.from(numbersOf(value)),
  });
  const valueOf = (operand: Operand): HostTensor => {
    const { source } = operand;
    if (source.kind === "input") return tensorOf(feeds[source.name]);
    return source.kind === "host" ? tensorOf(operand.host!) : values.get(operand)!;
  };
  for (const step of program.steps) {
    const inputs = step.inputs.map(valueOf);
    const results = step.kind === "reshape"
      ? [{ ...inputs[0], shape: step.outputs[0].shape }]
      : step.operation.twin(inputs, step.options);
    for (const [i, output] of step.outputs.entries()) values.set(output, results[i]);
  }
  return new Map([...program.outputs].map(([name, operand]) => {
    if (operand.host !== undefined) return [name, operand.host];
    const { dtype, shape, data } = valueOf(operand);
    return [name, hostValue(dtype, shape, Array.from(data, (element) => elementOf(dtype, element)))];
  }));
}
