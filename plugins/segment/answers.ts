/** What the networks of a model say: one, or the folds of a training, whose answers are averaged. */
import type { Net } from "../../engine/pipeline/mod.ts";
import { nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { SegmentationContract } from "./contract.ts";
import type { Choice } from "./labels.ts";

/** The mean over all networks of each of some outputs of one input. */
export function answersOf(
  r: Recorder,
  nets: readonly Net[],
  feeds: Readonly<Record<string, Value>>,
  wanted: readonly string[],
): Record<string, Value> {
  const answers = nets.map((net) => net.record(r, feeds));
  return Object.fromEntries(wanted.map((name) => [name, meanOf(r, answers.map((answer) => answer[name]))]));
}

/** The mean of tensors of one shape. */
export function meanOf(r: Recorder, values: readonly Value[]): Value {
  if (values.length === 1) return values[0];
  const sum = values.reduce((all, one) => r.apply(nn.binary, [all, one], { op: "add" })[0]);
  return r.apply(nn.binary, [sum, r.constant(Float32Array.of(values.length), [1])], { op: "divide" })[0];
}

/** Whether the greater of two maps tells: then their difference does, too, which is one map. */
function isDifference({ output, classes }: Pick<SegmentationContract, "output" | "classes">): boolean {
  return output.choice === "greatest" && classes.length === 2;
}

/** How many maps decide, and how. `threshold` is that of the options, or the contract's. */
export function decisionOf(
  model: Pick<SegmentationContract, "output" | "classes">,
  threshold: number,
): { readonly channels: number } & Pick<Choice, "choice" | "threshold"> {
  if (isDifference(model)) return { channels: 1, choice: "threshold", threshold: 0 };
  return { channels: model.classes.length, choice: model.output.choice, threshold };
}

/** The maps that decide, of an output `[N, C, ...]`. */
export function decidingMaps(r: Recorder, output: Value, model: SegmentationContract): Value {
  if (!isDifference(model)) return output;
  const [background, foreground] = [0, 1].map((channel) =>
    r.apply(nn.slice, [output], {
      starts: output.shape.map((_, axis) => axis === 1 ? channel : 0),
      sizes: output.shape.with(1, 1),
    })[0]
  );
  return r.apply(nn.binary, [foreground, background], { op: "subtract" })[0];
}
