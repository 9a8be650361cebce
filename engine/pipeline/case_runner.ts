import type { Page } from "../../shaders/contract.ts";
import { InputError } from "../errors.ts";
import type { CaseRecord } from "./case_record.ts";
import { CaseValues, fromSource, hostValue, tensorsOf } from "./case_values.ts";
import { wants, type Wave } from "./chain.ts";
import type { CaseFace, CaseRef, Loaded, OpenStage, Stage } from "./contract.ts";
import { readWave, submitWave } from "./case_group.ts";
import type { EngineCounts, HostCopy, PipelineEngine, Tensor } from "./pipeline_engine.ts";
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

/** What a stage gets of a case. */
type StageInput = Parameters<OpenStage["run"]>[0];

/** What a case wants to be read. */
export interface Wanted {
  /** All of it, each tensor once. */
  readonly tensors: readonly Tensor[];
  /** The flags among it, by what they say. */
  readonly checks: readonly (readonly [says: string, flags: Tensor])[];
}

/**
 * A case on its way through all stages, in three steps, which `case_group.ts` takes for several cases at once: what only submits
 * work, one readback of all that the others read, and these (and whatever comes after them). Between the steps other cases
 * may have the device, or the host. Whatever happens, no tensor of the case is left once it is disposed.
 */
export class CaseRun implements Disposable {
  readonly #run: RunStages;
  readonly #loadedCase: LoadedCase;
  readonly #values: CaseValues;
  readonly #face: Omit<CaseFace, "progress">;
  /** Entries of `stages` in which the host waited for the device. */
  readonly #waits = new Set(["readback"]);
  #copies: ReadonlyMap<Tensor, HostCopy> = new Map();
  #readbacks = 0;
  #readbackBytes = 0;
  /** When the device was first given work of the case. */
  #submittedAt: number | undefined;
  #deviceSeconds = 0;

  constructor(run: RunStages, loadedCase: LoadedCase, results: CaseResults) {
    this.#run = run;
    this.#loadedCase = loadedCase;
    this.#values = new CaseValues(run.stages.map(({ stage }) => stage));
    this.#face = {
      id: loadedCase.ref.id,
      source: loadedCase.ref.source,
      sources: loadedCase.ref.sources,
      warn: (message) => void loadedCase.warnings.push(message),
      write: (name, bytes) => results.write(name, bytes),
    };
  }

  /** Takes over what was loaded. */
  takeLoaded(): void {
    this.#values.give(fromSource, this.#loadedCase.loaded);
  }

  /** Throws where the case is not what the stages are for. */
  prove(): void {
    this.#run.prove(this.#loadedCase);
  }

  /** What a stage gets of the case. */
  input(position: number): StageInput {
    const { stage } = this.#run.stages[position];
    // What has been read is written, also when the run is to end.
    if (stage.reads.length === 0) this.#run.signal.throwIfAborted();
    this.#run.onStage(this.#loadedCase.ref.id, stage.name);
    const input = {
      ...this.#face,
      progress: (share: number) => this.#run.onProgress(this.#loadedCase.ref.id, stage.name, share),
      ...this.#inputs(stage, position),
      host: this.#hostInputs(stage, position),
    };
    return input as StageInput;
  }

  /** Takes over what a stage gave, which took the host so many seconds. */
  take(position: number, given: SomeValues, seconds: number): void {
    const { stage } = this.#run.stages[position];
    this.#loadedCase.stages.push({ name: stage.name, seconds: toTenthMs(seconds) });
    this.#values.give(position, given);
    const strange = Object.keys(given).filter((key) => !stage.gives.includes(key as Key));
    if (strange.length > 0) {
      throw new TypeError(`Stage ${stage.name} gave ${strange.join(", ")}, which it doesn't declare in gives`);
    }
    this.#values.done(position);
  }

  /** Runs one stage. */
  async runStage(position: number, input: StageInput = this.input(position)): Promise<void> {
    const { stage, open } = this.#run.stages[position];
    const start = performance.now();
    const counts = await this.#run.engine.counted(async () => {
      const answer = open.run(input);
      if (answer instanceof Promise && stage.reads.length === 0) this.#waits.add(stage.name);
      // What waits for nothing is told without a turn of others in between.
      return answer instanceof Promise ? await answer : answer;
    });
    this.note(counts);
    this.take(position, counts.value ?? {}, (performance.now() - start) / 1000);
  }

  /** Notes what work of the case had to wait for, and what it ran. */
  note({ readbacks, readbackBytes, pages, submittedAt }: EngineCounts): void {
    this.#submittedAt ??= submittedAt;
    for (const page of pages) this.#run.pages.add(page);
    this.#readbacks += readbacks;
    this.#readbackBytes += readbackBytes;
  }

  /** What the stages at these positions want on the host, and the flags that nobody has looked at yet. */
  wanted(positions: readonly number[]): Wanted {
    const values = positions.flatMap((position) =>
      this.#run.stages[position].stage.reads.flatMap((key) => {
        const value = this.#values.get(key, position);
        return value === undefined ? [] : tensorsOf(value);
      })
    );
    const checks = this.#values.takeChecks();
    return { tensors: [...new Set([...values, ...checks.map(([, flags]) => flags)])], checks };
  }

  /** Tells that the readback begins. */
  beginReadback(): void {
    this.#run.signal.throwIfAborted();
    this.#run.onStage(this.#loadedCase.ref.id, "readback");
  }

  /** Takes over what was read, in so many seconds. Of the time of the device `cases` had a part. Throws where a flag is set. */
  takeRead({ checks }: Wanted, copies: ReadonlyMap<Tensor, HostCopy>, seconds: number, cases: number): void {
    const end = performance.now();
    this.#copies = copies;
    this.#deviceSeconds = (end - (this.#submittedAt ?? end - 1000 * seconds * cases)) / 1000 / cases;
    this.#loadedCase.stages.push({ name: "readback", seconds: toTenthMs(seconds) });
    for (const [says, flags] of checks) {
      if (Number(copies.get(flags)?.data.at(-1) ?? 0) !== 0) {
        throw new InputError(
          `Cannot process ${this.#loadedCase.ref.source} as ${says}: give a simpler image`,
        );
      }
    }
  }

  /** Runs the stages on the host, and later waves of either kind. */
  async end(): Promise<CaseOutcome> {
    for (const [at, wave] of this.#run.waves.entries()) {
      if (at > 0) {
        await submitWave(this.#run, [this], wave);
        await readWave(this.#run, [this], wave);
      }
      for (const position of wave.host) await this.runStage(position);
    }
    return {
      ...this.#values.grids,
      stages: this.#loadedCase.stages,
      shares: this.#shares(),
      measures: this.#values.measures,
      readbacks: this.#readbacks,
      readbackBytes: this.#readbackBytes,
    };
  }

  /** Disposes of all tensors of the case. */
  [Symbol.dispose](): void {
    this.#values[Symbol.dispose]();
  }

  #inputs(stage: Stage, position: number): SomeValues {
    const lost = stage.needs.filter((key) => this.#values.get(key, position) === undefined);
    if (lost.length > 0) {
      throw new TypeError(`Stage ${stage.name} needs ${lost.join(", ")}, which no stage gave for this case`);
    }
    return Object.fromEntries(wants(stage).map((key) => [key, this.#values.get(key, position)])) as SomeValues;
  }

  #hostInputs(stage: Stage, position: number): SomeValues<HostCopy> {
    return Object.fromEntries(stage.reads.flatMap((key) => {
      const value = this.#values.get(key, position);
      return value === undefined ? [] : [[key, hostValue(value, this.#copies)]];
    })) as SomeValues<HostCopy>;
  }

  /** How long the host worked and waited for the case, and how long the device had work of it. */
  #shares(): NonNullable<CaseRecord["shares"]> {
    const sum = (isWaiting: boolean) =>
      this.#loadedCase.stages.reduce(
        (all, { name, seconds }) => this.#waits.has(name) === isWaiting ? all + seconds : all,
        0,
      );
    const rounded = (seconds: number) => ({ seconds: toTenthMs(seconds) });
    return { host: rounded(sum(false)), device: rounded(this.#deviceSeconds), waiting: rounded(sum(true)) };
  }
}

/** Seconds since a time of `performance.now`, to the tenth of a millisecond. */
export function seconds(start: number): number {
  return toTenthMs((performance.now() - start) / 1000);
}

function toTenthMs(seconds: number): number {
  return Math.round(1e4 * seconds) / 1e4;
}
