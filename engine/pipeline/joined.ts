import { nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { Net, PipelineEngine, Tensor } from "./pipeline_engine.ts";

/** Outputs of a network by name. */
export type Outputs = Readonly<Record<string, Value>>;

/** Submits work that gives values by name for each of several cases, as one recording. */
export function runForEach(
  engine: PipelineEngine,
  work: (r: Recorder) => readonly Outputs[],
): Readonly<Record<string, Tensor>>[] {
  const names: string[][] = [];
  const tensors = engine.run((r) => {
    const found = work(r);
    names.push(...found.map((values) => Object.keys(values)));
    return found.flatMap((values) => Object.values(values));
  }).values();
  return names.map((own) => Object.fromEntries(own.map((name) => [name, tensors.next().value!])));
}

/**
 * Records networks over several inputs `[n, ...]` of equal extents behind the first axis: as one batch where the networks leave
 * theirs open, else one by one. Gives the outputs of each input.
 */
export function recordJoined(
  r: Recorder,
  nets: readonly Net[],
  inputs: readonly Value[],
  see: (input: Value) => Outputs,
): Outputs[] {
  if (inputs.length === 1 || !nets.every(hasOpenBatch)) return inputs.map(see);
  const [batch] = r.apply(nn.concat, [...inputs], { axis: 0 });
  const outputs = Object.entries(see(batch));
  let first = 0;
  return inputs.map(({ shape: [count] }) => {
    const start = first;
    first += count;
    return Object.fromEntries(outputs.map(([name, value]) => [name, rowsOf(r, value, start, count)]));
  });
}

/** Whether the first extent of a network's input is open, and the same as that of each of its outputs. */
function hasOpenBatch({ inputs, outputs }: Net): boolean {
  const batch = inputs[0]?.shape[0];
  return typeof batch === "string" && inputs.length === 1 && outputs.every(({ shape }) => shape[0] === batch);
}

function rowsOf(r: Recorder, value: Value, first: number, count: number): Value {
  const starts = value.shape.map((_, axis) => axis === 0 ? first : 0);
  return r.apply(nn.slice, [value], { starts, sizes: value.shape.with(0, count) })[0];
}
