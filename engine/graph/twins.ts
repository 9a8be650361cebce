/** Runs a lowered model on the host by the operations' twins, in f64: the reference that knows no device. */
import { elementOf, type HostValue, hostValue, numbersOf } from "./host_value.ts";
import { passed } from "./passes/mod.ts";
import { type Feed, Lowerer } from "./lower.ts";
import type { Model } from "./model.ts";
import type { Operand } from "./operator.ts";
import type { Program } from "./program.ts";
import type { HostTensor } from "../../shaders/mod.ts";

/** What a network gives, and how many values each of its readbacks reads. */
export interface NetResult {
  readonly outputs: Map<string, HostValue>;
  readonly reads: number[];
}

/** Runs a network segment by segment, as a device does. */
export function runNetByTwins(model: Model, feeds: Readonly<Record<string, HostValue>>): NetResult {
  let lowerer = Lowerer.begin(model, feeds as Record<string, Feed>);
  const held = new Map<Operand, HostTensor>();
  const reads: number[] = [];
  for (;;) {
    const segment = lowerer.advance();
    const results = runByTwins(passed(segment.program), feeds, held);
    if (segment.reads.length === 0) return { outputs: results, reads };
    for (const [operand, name] of segment.kept) held.set(operand, tensorOf(results.get(name)!));
    const answers = segment.reads.map(({ operand }) => {
      if (operand.source.kind === "input") return feeds[operand.source.name];
      const { dtype, shape, data } = held.get(operand)!;
      return hostValue(dtype, shape, data);
    });
    for (const operand of held.keys()) if (!segment.needed.has(operand)) held.delete(operand);
    reads.push(answers.length);
    lowerer = lowerer.answer(segment, answers);
  }
}

const tensorOf = (value: HostValue): HostTensor => ({
  dtype: value.dtype as HostTensor["dtype"],
  shape: value.shape,
  data: Float64Array.from(numbersOf(value)),
});

/** The outputs of a program for feeds by name and values of programs before. */
export function runByTwins(
  program: Program,
  feeds: Readonly<Record<string, HostValue>>,
  held: ReadonlyMap<Operand, HostTensor> = new Map(),
): Map<string, HostValue> {
  const values = new Map<Operand, HostTensor>(held);
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
