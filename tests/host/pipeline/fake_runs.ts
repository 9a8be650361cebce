/** Runs of fake stages on a fake engine, for tests of the runner. */
import {
  pipelineOf,
  type RunEvent,
  type RunOptions,
  type RunOutcome,
  runPipeline,
  type Stage,
} from "../../../engine/pipeline/mod.ts";
import { defaultStages, FakeEngine, fakePlugin } from "./fakes.ts";
import { file } from "./output_runs.ts";

/** What a run is given besides its folder. */
export interface Setup extends Partial<Omit<RunOptions, "engine" | "plugins">> {
  readonly stages?: readonly Stage[];
  readonly engine?: FakeEngine;
  readonly names?: readonly string[];
}

/** Runs the stages of fakes on inputs of the given names, and tells what the engine and the runner said. */
export async function run(
  output: string,
  setup: Setup = {},
): Promise<RunOutcome & { engine: FakeEngine; events: RunEvent[] }> {
  const { stages = defaultStages(), engine = new FakeEngine(), names = stages.map((stage) => stage.name), ...rest } =
    setup;
  const { inputs = ["a", "bb", "ccc"] } = rest;
  const events: RunEvent[] = [];
  const outcome = await runPipeline(pipelineOf(["acquire", ...names]), {
    engine,
    plugins: [fakePlugin(stages)],
    output,
    onEvent: (event) => events.push(event),
    ...rest,
    inputs: inputs.map((input) => typeof input === "string" ? file(input) : input),
  });
  return { ...outcome, engine, events };
}
