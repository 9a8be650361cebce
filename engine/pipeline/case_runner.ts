import { InputError } from "../errors.ts";
import type { CaseRecord } from "./case_record.ts";
import { CaseValues, fromSource, hostValue, tensorsOf } from "./case_values.ts";
import { wants, type Wave } from "./chain.ts";
import type { CaseFace, CaseRef, Loaded, OpenStage, Stage } from "./contract.ts";
import type { HostCopy, PipelineEngine, Tensor } from "./pipeline_engine.ts";
import type { CaseResults } from "./results.ts";
import type { Key, SomeValues } from "./values.ts";

/** A stage of a run: its declaration, and what it opened. */
export interface RunStage {
  readonly stage: Stage;
  readonly open: OpenStage;
}

/** What all cases of a run share. */
export interface RunStages {
  readonly engine: PipelineEngine;
  readonly stages: readonly RunStage[];
  readonly waves: readonly Wave[];
  readonly signal: AbortSignal;
  /** Throws where a case is not what the stages are for. */
  readonly prove: (loadedCase: LoadedCase) => void;
  /** Told before a stage begins. */
  readonly onStage: (id: string, stage: string) => void;
  /** Told how far a stage has come that takes long. */
  readonly onProgress: (id: string, stage: string, share: number) => void;
}

/** A case that is loaded, with what came up on the way. */
export interface LoadedCase {
  readonly ref: CaseRef;
  readonly loaded: Loaded;
  readonly inputs: CaseRecord["inputs"];
  readonly warnings: string[];
  readonly stages: { name: string; seconds: number }[];
}

/** What a case has come to, besides its files. */
export type CaseOutcome = Pick<
  CaseRecord,
  "geometry" | "grids" | "stages" | "measures" | "readbacks" | "readbackBytes"
>;

/**
 * Takes a case through all stages: those that only submit work, then `beforeReadback` (time for the host, as the device
 * works), then one readback of all that the others read, then those. Whatever happens, no tensor of the case is left.
 */
export async function runCase(
  run: RunStages,
  loadedCase: LoadedCase,
  results: CaseResults,
  beforeReadback: () => Promise<void>,
): Promise<CaseOutcome> {
  using values = new CaseValues(run.stages.map(({ stage }) => stage));
  values.give(fromSource, loadedCase.loaded);
  run.prove(loadedCase);
  const work = new CaseWork(run, loadedCase, values, results);
  let waited = false;
  const { readbacks, readbackBytes } = await run.engine.counted(async () => {
    for (const wave of run.waves) {
      for (const position of wave.submit) await work.run(position, new Map());
      if (!waited) await beforeReadback();
      waited = true;
      const copies = await work.read(wave.host);
      for (const position of wave.host) await work.run(position, copies);
    }
  });
  return {
    ...values.grids,
    stages: loadedCase.stages,
    measures: values.measures,
    readbacks,
    readbackBytes,
  };
}

class CaseWork {
  readonly #run: RunStages;
  readonly #loadedCase: LoadedCase;
  readonly #values: CaseValues;
  readonly #face: Omit<CaseFace, "progress">;

  constructor(run: RunStages, loadedCase: LoadedCase, values: CaseValues, results: CaseResults) {
    this.#run = run;
    this.#loadedCase = loadedCase;
    this.#values = values;
    this.#face = {
      id: loadedCase.ref.id,
      source: loadedCase.ref.source,
      sources: loadedCase.ref.sources,
      warn: (message) => void loadedCase.warnings.push(message),
      write: (name, bytes) => results.write(name, bytes),
    };
  }

  /** Runs one stage and takes over what it gives. */
  async run(position: number, copies: ReadonlyMap<Tensor, HostCopy>): Promise<void> {
    const { stage, open } = this.#run.stages[position];
    this.#run.signal.throwIfAborted();
    this.#run.onStage(this.#loadedCase.ref.id, stage.name);
    const input = {
      ...this.#face,
      progress: (share: number) => this.#run.onProgress(this.#loadedCase.ref.id, stage.name, share),
      ...this.#inputs(stage, position),
      host: this.#hostInputs(stage, position, copies),
    };
    const start = performance.now();
    const given = await open.run(input as Parameters<OpenStage["run"]>[0]) ?? {};
    this.#note(stage.name, start);
    this.#values.give(position, given);
    const strange = Object.keys(given).filter((key) => !stage.gives.includes(key as Key));
    if (strange.length > 0) {
      throw new TypeError(`Stage ${stage.name} gave ${strange.join(", ")}, which its gives doesn't name`);
    }
    this.#values.done(position);
  }

  /** Reads all that the stages at these positions want on the host, in one go. */
  async read(positions: readonly number[]): Promise<ReadonlyMap<Tensor, HostCopy>> {
    const wanted = positions.flatMap((position) =>
      this.#run.stages[position].stage.reads.flatMap((key) => {
        const value = this.#values.get(key, position);
        return value === undefined ? [] : tensorsOf(value);
      })
    );
    const checks = this.#values.takeChecks();
    const tensors = [...new Set([...wanted, ...checks.map(([, flags]) => flags)])];
    if (tensors.length === 0) return new Map();
    this.#run.signal.throwIfAborted();
    this.#run.onStage(this.#loadedCase.ref.id, "readback");
    const start = performance.now();
    const arrays = await this.#run.engine.read(tensors);
    this.#note("readback", start);
    for (const [says, flags] of checks) {
      if (Number(arrays[tensors.indexOf(flags)].at(-1) ?? 0) !== 0) {
        throw new InputError(
          `Cannot process ${this.#loadedCase.ref.source} as ${says}: give an image of simpler content`,
        );
      }
    }
    return new Map(tensors.map((tensor, index) => {
      return [tensor, { dtype: tensor.dtype, shape: tensor.shape, data: arrays[index] }];
    }));
  }

  #inputs(stage: Stage, position: number): SomeValues {
    const lost = stage.needs.filter((key) => this.#values.get(key, position) === undefined);
    if (lost.length > 0) {
      throw new TypeError(`Stage ${stage.name} needs ${lost.join(", ")}, which no stage gave for this case`);
    }
    return Object.fromEntries(wants(stage).map((key) => [key, this.#values.get(key, position)])) as SomeValues;
  }

  #hostInputs(stage: Stage, position: number, copies: ReadonlyMap<Tensor, HostCopy>): SomeValues<HostCopy> {
    return Object.fromEntries(stage.reads.flatMap((key) => {
      const value = this.#values.get(key, position);
      return value === undefined ? [] : [[key, hostValue(value, copies)]];
    })) as SomeValues<HostCopy>;
  }

  #note(name: string, start: number): void {
    this.#loadedCase.stages.push({ name, seconds: seconds(start) });
  }
}

/** Seconds since a time of `performance.now`, to the tenth of a millisecond. */
export function seconds(start: number): number {
  return Math.round((performance.now() - start) * 10) / 1e4;
}
