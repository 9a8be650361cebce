import type { DType, Layout, Page } from "../../shaders/contract.ts";
import type { HostArray } from "../memory/elements.ts";
import type { Holding } from "../memory/holding.ts";
import type { Need } from "../memory/pool.ts";
import type { Schedule } from "./schedule.ts";

/**
 * How long words that are uploaded stay on the host: `short` where there is room for them, else until somebody needs them;
 * `untilNeeded` in any case; `always`, so that their storage may be given back and filled again.
 */
export type HostStay = "short" | "untilNeeded" | "always";

/** How to end calls that wait. */
export interface WaitOptions {
  /** Ends the wait with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How to follow and end a run in parts. */
export interface PartsOptions {
  /** Called after each part with the share of the work that is done, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
  /** Ends the run after the part under way; its result is lost. */
  readonly signal?: AbortSignal;
  /** Called for each dispatch, which is then submitted and waited for by itself: much slower, for traces. */
  readonly onDispatch?: (dispatch: TimedDispatch) => void;
}

/** When the device worked on a dispatch, by the host's clock: on a GPU this includes the wait for its answer. */
export interface TimedDispatch {
  /** Names of the operations and of the page, outermost first, joined by " > ". */
  readonly label: string;
  /** Workgroups along x, y and z. */
  readonly groups: readonly [number, number, number];
  /** Milliseconds of `performance.now()` at its submit. */
  readonly startMs: number;
  /** Milliseconds from its submit to its end. */
  readonly durationMs: number;
}

/** What an engine has done and holds. */
export interface Stats {
  /** Bytes of device memory lent to tensors and runs, kept for reuse, and the highest sum of the two. */
  readonly bytes: { readonly lent: number; readonly kept: number; readonly peak: number };
  /** Dispatches submitted. */
  readonly dispatches: number;
  /** Submits to the queue, not counting those of readbacks. */
  readonly submits: number;
  /** Pipelines compiled. */
  readonly pipelines: number;
  /** Layout conversions that were inserted into runs. */
  readonly conversions: number;
  /** Operations in the runs by name and form (`convolution/tiles`), where they have several forms. */
  readonly forms: Readonly<Record<string, number>>;
  /** How often the host waited for the device to read. */
  readonly readbacks: number;
  /** Bytes copied to the host, with the padding of rows. */
  readonly readbackBytes: number;
}

/** What a device knows of it. */
export type BackendStats = Pick<Stats, "bytes" | "dispatches" | "submits" | "pipelines">;

/** A tensor that is to be read: what it is, and its memory where it has elements. */
export interface ReadTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly layout: Layout;
  readonly holding: Holding | undefined;
}

/** A schedule that was made known to a device. */
export interface PreparedWork {
  readonly schedule: Schedule;
  /** Most bytes that a run needs for itself. */
  readonly bytes: number;
  /** Lets go of it. */
  release(): void;
}

/** The device's side of an engine: in this thread (`Core`) or in a Worker (`RemoteCore`). */
export interface Backend {
  /** The pages that were compiled so far. */
  readonly pages: readonly Page[];
  /** Makes everything from now on fail with `error`. */
  fail(error: Error): void;
  /** Throws where everything fails. */
  throwFailure(): void;
  /** A storage with these words: of a buffer, or of a texture's texels. */
  upload(need: Need, words: Uint32Array<ArrayBuffer>, stay?: HostStay): Holding;
  /** What an uploaded storage is needed for is done. */
  rest(holding: Holding): void;
  /** Makes a schedule known. A `lasting` one is run more than once. */
  prepare(schedule: Schedule, lasting: boolean): PreparedWork;
  /** Compiles the pipelines of a lasting schedule, and uploads its tables and params. */
  compile(work: PreparedWork, signal?: AbortSignal): Promise<void>;
  /** Submits a schedule once. Gives its results, which the caller holds. */
  run(work: PreparedWork, inputs: readonly (Holding | undefined)[]): Holding[];
  /** Submits a schedule without inputs when its results are wanted, or before, where the thread has other work meanwhile. */
  runLater(work: PreparedWork): Holding[];
  /** Submits a schedule in parts and waits for them. */
  runInParts(
    work: PreparedWork,
    inputs: readonly (Holding | undefined)[],
    options: PartsOptions,
  ): Promise<Holding[]>;
  /** Milliseconds that the device is at a schedule. */
  time(work: PreparedWork): Promise<number>;
  /** Reads tensors back, and how many bytes were copied. */
  read(tensors: readonly ReadTensor[], signal?: AbortSignal): Promise<{ arrays: HostArray[]; bytes: number }>;
  /** Resolves when the device has done all that was submitted. */
  idle(): Promise<void>;
  /** What was done so far and what is held. */
  stats(): BackendStats;
  /** Frees the memory that is kept for reuse. */
  trim(): void;
}
