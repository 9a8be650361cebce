/** Cases that are on the device together: their stages one after another, each of all cases, then one readback for all. */
import type { CaseRun, RunStages } from "./case_runner.ts";
import type { Wave } from "./chain.ts";

/** Submits the work of a wave. Throws the first error of any case. */
export async function submitWave(run: RunStages, cases: readonly CaseRun[], { submit }: Wave): Promise<void> {
  for (const position of submit) {
    const { open } = run.stages[position];
    if (cases.length === 1 || open.runTogether === undefined) {
      for (const one of cases) await one.runStage(position);
      continue;
    }
    const inputs = cases.map((one) => one.input(position));
    const start = performance.now();
    const { value: given, ...counts } = await run.engine.counted(() => Promise.resolve(open.runTogether?.(inputs)));
    const seconds = (performance.now() - start) / 1000 / cases.length;
    for (const [at, one] of cases.entries()) {
      if (given === undefined) await one.runStage(position, inputs[at]);
      else {
        one.note(counts);
        one.take(position, given[at], seconds);
      }
    }
  }
}

/** Reads what the stages of a wave read, at once. Throws the first error of any case. */
export async function readWave({ engine }: RunStages, cases: readonly CaseRun[], { host }: Wave): Promise<void> {
  const wanted = cases.map((one) => one.wanted(host));
  const tensors = [...new Set(wanted.flatMap((each) => each.tensors))];
  if (tensors.length === 0) return;
  for (const one of cases) one.beginReadback();
  const start = performance.now();
  const { value: arrays, ...counts } = await engine.counted(() => engine.read(tensors));
  const seconds = (performance.now() - start) / 1000 / cases.length;
  const copies = new Map(tensors.map((tensor, at) => {
    return [tensor, { dtype: tensor.dtype, shape: tensor.shape, data: arrays[at] }];
  }));
  for (const [at, one] of cases.entries()) {
    one.note({ ...counts, readbackBytes: Math.round(counts.readbackBytes / cases.length) });
    one.takeRead(wanted[at], copies, seconds, cases.length);
  }
}
