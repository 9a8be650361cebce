import type { Page } from "../../shaders/contract.ts";
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
  /** The pages that the run's stages have run. */
  readonly pages: Set<Page>;
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
  "geometry" | "grids" | "stages" | "shares" | "measures" | "readbacks" | "readbackBytes"
>;

/**
 * A case on its way through all stages, in three steps: `begin` runs those that only submit work, `read` makes one readback of all
 * that the others read, `end` runs these (and whatever comes after them). Between the steps another case may have the device,
 * or the host. Whatever happens, no tensor of the case is left once it is disposed.
 */
export class CaseRun implements Disposable {
  readonly #run: RunStages;
  readonly #loadedCase: LoadedCase;
  readonly #values: CaseValues;
  readonly #work: CaseWork;
  #copies: ReadonlyMap<Tensor, HostCopy> = new Map();
  #readbacks = 0;
  #readbackBytes = 0;
  /** When the device was first given work of the case. */
  #submittedAt: number | undefined;
  #deviceSeconds = 0;

  /** Takes over what was loaded. */
  constructor(run: RunStages, loadedCase: LoadedCase, results: CaseResults) {
    this.#run = run;
    this.#loadedCase = loadedCase;
    this.#values = new CaseValues(run.stages.map(({ stage }) => stage));
    this.#work = new CaseWork(run, loadedCase, this.#values, results);
  }

  /** Submits the work of all stages up to the first readback. Throws where the case is not what the stages are for. */
  async begin(): Promise<void> {
    this.#values.give(fromSource, this.#loadedCase.loaded);
    this.#run.prove(this.#loadedCase);
    await this.#counted(() => this.#submit(this.#run.waves[0]));
  }

  /** Waits for the device. */
  async read(): Promise<void> {
    await this.#counted(() => this.#read(this.#run.waves[0]));
  }

  /** Runs the stages on the host, and later waves of either kind. */
  async end(): Promise<CaseOutcome> {
    await this.#counted(async () => {
      for (const [at, wave] of this.#run.waves.entries()) {
        if (at > 0) {
          await this.#submit(wave);
          await this.#read(wave);
        }
        for (const position of wave.host) await this.#work.run(position, this.#copies);
      }
    });
    return {
      ...this.#values.grids,
      stages: this.#loadedCase.stages,
      shares: this.#work.shares(this.#deviceSeconds),
      measures: this.#values.measures,
      readbacks: this.#readbacks,
      readbackBytes: this.#readbackBytes,
    };
  }

  /** Disposes of all tensors of the case. */
  [Symbol.dispose](): void {
    this.#values[Symbol.dispose]();
  }

  async #submit({ submit }: Wave): Promise<void> {
    for (const position of submit) await this.#work.run(position, new Map());
  }

  async #read({ host }: Wave): Promise<void> {
    const begin = this.#submittedAt ?? performance.now();
    this.#copies = await this.#work.read(host);
    if (this.#copies.size > 0) this.#deviceSeconds = seconds(begin);
  }

  async #counted(work: () => Promise<void>): Promise<void> {
    const { readbacks, readbackBytes, pages, submittedAt } = await this.#run.engine.counted(work);
    this.#submittedAt ??= submittedAt;
    for (const page of pages) this.#run.pages.add(page);
    this.#readbacks += readbacks;
    this.#readbackBytes += readbackBytes;
  }
}

class CaseWork {
  readonly #run: RunStages;
  readonly #loadedCase: LoadedCase;
  readonly #values: CaseValues;
  readonly #face: Omit<CaseFace, "progress">;
  /** Entries of `stages` in which the host waited for the device. */
  readonly #waits = new Set(["readback"]);

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
    // What has been read is written, also when the run is to end.
    if (stage.reads.length === 0) this.#run.signal.throwIfAborted();
    this.#run.onStage(this.#loadedCase.ref.id, stage.name);
    const input = {
      ...this.#face,
      progress: (share: number) => this.#run.onProgress(this.#loadedCase.ref.id, stage.name, share),
      ...this.#inputs(stage, position),
      host: this.#hostInputs(stage, position, copies),
    };
    const start = performance.now();
    const answer = open.run(input as Parameters<OpenStage["run"]>[0]);
    // What waits for nothing is told without a turn of others in between.
    const given = (answer instanceof Promise ? await answer : answer) ?? {};
    this.#note(stage.name, start);
    if (answer instanceof Promise && stage.reads.length === 0) this.#waits.add(stage.name);
    this.#values.give(position, given);
    const strange = Object.keys(given).filter((key) => !stage.gives.includes(key as Key));
    if (strange.length > 0) {
      throw new TypeError(`Stage ${stage.name} gave ${strange.join(", ")}, which it doesn't declare in gives`);
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
          `Cannot process ${this.#loadedCase.ref.source} as ${says}: give a simpler image`,
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

  /** How long the host worked and waited for the case, and how long the device had work of it. */
  shares(device: number): NonNullable<CaseRecord["shares"]> {
    const sum = (isWaiting: boolean) =>
      this.#loadedCase.stages.reduce(
        (all, { name, seconds }) => this.#waits.has(name) === isWaiting ? all + seconds : all,
        0,
      );
    const rounded = (value: number) => ({ seconds: Math.round(1e4 * value) / 1e4 });
    return { host: rounded(sum(false)), device: rounded(device), waiting: rounded(sum(true)) };
  }

  #note(name: string, start: number): void {
    this.#loadedCase.stages.push({ name, seconds: seconds(start) });
  }
}

/** Seconds since a time of `performance.now`, to the tenth of a millisecond. */
export function seconds(start: number): number {
  return Math.round((performance.now() - start) * 10) / 1e4;
}
