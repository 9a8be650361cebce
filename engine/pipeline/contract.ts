/**
 * What a plugin is made of: a source of cases, stages that turn values into values, and the case that goes through them.
 * This file declares types and three constructors; `runner.ts` runs what is declared here.
 */
import type { OptionsSchema } from "../../shaders/contract.ts";
import type { Geometry } from "./geometry.ts";
import type { HostCopy, Net, PipelineEngine, Tensor } from "./pipeline_engine.ts";

export type * from "./pipeline_engine.ts";

/** The contract of a model as its `model.json` states it. Fields that a kind of model needs besides stand under their names. */
export interface ModelContract {
  /** Name for people and reports. */
  readonly name: string;
  /** What the model does, such as `segmentation` or `classification`. */
  readonly task: string;
  /** SHA-256 of `model.onnx`, in hexadecimal. */
  readonly sha256?: string;
  /** What it wants to see. */
  readonly input: ModelInput;
  /** Names of the classes, in the order of the output's channels. */
  readonly classes: readonly string[];
  /** Fields that a kind of model needs besides. */
  readonly [field: string]: unknown;
}

/** What a model wants to see. */
export interface ModelInput {
  /** Name of the network's input. */
  readonly name: string;
  /** Channels of the input. */
  readonly channels: number;
  /** Size in pixels, in the order of the axes. */
  readonly size: readonly number[];
  /** Spacing in millimeters, in the order of the axes; none where the model takes any. */
  readonly spacingMm?: readonly number[];
  /** Fields that a kind of model needs besides. */
  readonly [field: string]: unknown;
}

/** A model that a stage has asked for: the network and what its `model.json` says. */
export interface LoadedModel {
  /** The network. */
  readonly net: Net;
  /** What `model.json` says of it. */
  readonly contract: ModelContract;
}

/** What is known to be true of a case. */
export interface Truth {
  /** 0 outside, 1 inside; the shape of `mask`, on the grid of the original. */
  readonly mask?: HostCopy;
  /** Name of the class; `none` where there is nothing to find. */
  readonly class?: string;
}

/** A value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** Findings of a case as `case.json` and `run.json` hold them. Given measures are merged with the earlier ones. */
export type Measures = Readonly<Record<string, Json>>;

/** Probabilities by class: `probabilities` is `[N, K]`, a row a crop. */
export interface Classes<T = Tensor> {
  /** Names of the classes, in the order of the columns. */
  readonly labels: readonly string[];
  /** `[N, K]`, each row sums to 1. */
  readonly probabilities: T;
}

/**
 * The values of a case; `T` is `Tensor` on the device and `HostCopy` after a readback.
 * Images are `[C, H, W]` or `[C, D, H, W]`.
 */
export interface Values<T = Tensor> {
  /** The pixels as they were stored, rescaled to their unit. */
  original: T;
  /** The current image. */
  image: T;
  /** `[H, W]` or `[D, H, W]`: 1 where something was found, else 0, on the grid of `image`. */
  mask: T;
  /** `[N, 4]` f32: x0, y0, x1, y1 in pixels of `image`, upper bounds exclusive. x1 <= x0 is no detection. */
  boxes: T;
  /** `[N, 1, h, w]`: what the boxes hold. */
  crops: T;
  /** Probabilities by class. */
  classes: Classes<T>;
  /** `[K, H, W]` or `[K, D, H, W]`: maps over `image` that explain, such as probabilities. */
  maps: T;
  /** What is known to be true; always on the host. */
  truth: Truth;
  /** Findings; always on the host. */
  measures: Measures;
}

/** Name of a value of a case. */
export type Key = keyof Values;

/** What is always known of a case, and what a stage may do with it besides giving values. */
export interface CaseFace {
  /** Name of the case's folder. */
  readonly id: string;
  /** Where the case came from: the path of its file. */
  readonly source: string;
  /** Where the pixels of `image` lie in the patient. */
  readonly geometry: Geometry;
  /** Adds a line to the warnings of the case. */
  warn(message: string): void;
  /** Tells how far the stage has come, from 0 to 1, where it takes long. */
  progress(share: number): void;
  /** Writes a file of the case, `cases/ID/NAME`, under a temporary name that is renamed at the end. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/** What a stage's `run` gets: the values that it needs, those of `uses` where they exist, and what it reads on the host. */
export type Case<N extends Key = Key, U extends Key = never, R extends Key = never> =
  & CaseFace
  & Readonly<Pick<Values, N>>
  & Readonly<Partial<Pick<Values, U>>>
  & {
    readonly host: Readonly<Pick<Values<HostCopy>, R & N>> & Readonly<Partial<Pick<Values<HostCopy>, Exclude<R, N>>>>;
  };

/** What a stage gets when it is opened. */
export interface StageContext {
  /** The device. */
  readonly engine: PipelineEngine;
  /** Loads one of the models that the stage's `models` named; the runner disposes of the network. */
  loadModel(path: string): Promise<LoadedModel>;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
}

/** One case as `run.json` holds it. */
export interface CaseRecord {
  /** Name of the case's folder. */
  readonly id: string;
  /** Path of the file that it came from. */
  readonly source: string;
  /** Whether all stages went through. */
  readonly status: "done" | "failed";
  /** Why it failed. */
  readonly error?: { readonly name: string; readonly message: string };
  /** Files that were read for it, with their SHA-256. */
  readonly inputs: readonly { readonly path: string; readonly sha256: string }[];
  /** Host seconds of each stage, in the order in which they ran; `readback` waits for the device. */
  readonly stages: readonly { readonly name: string; readonly seconds: number }[];
  /** What the stages found. */
  readonly measures: Measures;
  /** How often the host waited for the device. */
  readonly readbacks: number;
  /** Bytes that were read back. */
  readonly readbackBytes: number;
  /** What a user should know, a line each. */
  readonly warnings: readonly string[];
  /** Files of the case, relative to the output folder. */
  readonly files: readonly string[];
}

/** What a stage gets when all cases are through; it includes cases that an earlier, interrupted run has done. */
export interface Finish {
  /** All cases, in the order of the inputs. */
  readonly cases: readonly CaseRecord[];
  /** `run.json` without `cases`, with what the stages before have added to `summary`. */
  readonly run: Readonly<Record<string, Json>>;
  /** Reads a file that was written for a case. */
  read(id: string, name: string): Promise<Uint8Array>;
}

/** What a stage adds to the run at its end. */
export interface Finished {
  /** Fields of `run.json`'s `summary`. */
  readonly summary?: Readonly<Record<string, Json>>;
  /** Files by name, relative to the output folder. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A stage that is open, for the length of one run. */
export interface OpenStage<C = Case, V = Partial<Values>> {
  /**
   * Turns values into values; those given belong to the runner from then on. A value that was taken may be given again.
   * A stage that reads nothing only submits work; it doesn't wait for the device.
   */
  run(kase: C): V | Promise<V>;
  /** Adds to the run when all cases are through. */
  finish?(finish: Finish): Finished | Promise<Finished>;
  /** Gives back what the stage holds; called once, also after an error. */
  close?(): void;
}

/** A stage as it is declared. `needs`, `uses`, `gives` and `reads` are names of values; `reads` is part of the first two. */
export interface StageDefinition<
  O,
  N extends readonly Key[],
  U extends readonly Key[],
  G extends readonly Key[],
  R extends readonly (N[number] | U[number])[],
> {
  /** Name in pipelines. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that must be given by someone before. */
  readonly needs: N;
  /** Values that the stage takes where they are given. */
  readonly uses: U;
  /** Values that the stage gives. Not each of them has to come each time. */
  readonly gives: G;
  /** Values that the stage wants as host arrays in `kase.host`. A stage that reads runs after the case's readback. */
  readonly reads: R;
  /** Checks the options and fills in defaults. */
  readonly options: OptionsSchema<O>;
  /** Models that the options name: paths of folders, relative to the program's root or the current folder. */
  readonly models?: (options: O) => readonly string[];
  /** Why a model cannot serve this stage, in words that go on from "as"; nothing where it can. */
  readonly refuses?: (contract: ModelContract, options: O) => string | undefined;
  /** Opens the stage for a run. */
  readonly open: (
    context: StageContext,
    options: O,
  ) => OpenFor<N, U, G, R> | Promise<OpenFor<N, U, G, R>>;
}

/** What `open` gives: an open stage whose values are those that it names. */
export type OpenFor<
  N extends readonly Key[],
  U extends readonly Key[],
  G extends readonly Key[],
  R extends readonly Key[],
> = OpenStage<Case<N[number], U[number], R[number]>, Partial<Pick<Values, G[number]>>>;

/** A stage whatever its options and values are. */
export interface Stage {
  /** Tells it from a source. */
  readonly kind: "stage";
  /** Name in pipelines. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that must be given before. */
  readonly needs: readonly Key[];
  /** Values that it takes where they are given. */
  readonly uses: readonly Key[];
  /** Values that it gives. */
  readonly gives: readonly Key[];
  /** Values that it wants on the host. */
  readonly reads: readonly Key[];
  /** Checks the options and fills in defaults. */
  readonly options: OptionsSchema<unknown>;
  /** Models that the options name. */
  readonly models?: (options: never) => readonly string[];
  /** Why a model cannot serve it. */
  readonly refuses?: (contract: ModelContract, options: never) => string | undefined;
  /** Opens the stage for a run. */
  readonly open: (context: StageContext, options: never) => OpenStage | Promise<OpenStage>;
}

/** Declares a stage; the types of `kase` and of what `run` gives follow from the names. */
export function defineStage<
  O,
  const N extends readonly Key[],
  const U extends readonly Key[],
  const G extends readonly Key[],
  const R extends readonly (N[number] | U[number])[],
>(stage: StageDefinition<O, N, U, G, R>): Stage {
  return { kind: "stage", ...stage } as unknown as Stage;
}

/** A case before it is loaded. A source may add fields of its own. */
export interface CaseRef {
  /** Unique in the run and fit for the name of a folder: see `caseId`. */
  readonly id: string;
  /** Path of the file that it comes from. */
  readonly source: string;
}

/** What a source gets when it is opened. Nothing is on the device yet. */
export interface SourceContext {
  /** Files and folders of the command line. */
  readonly inputs: readonly string[];
  /** The folder with the truth, where there is one. */
  readonly truth?: string;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
}

/** What a source gets when it loads a case. */
export interface LoadContext {
  /** The device. */
  readonly engine: PipelineEngine;
  /** Reads a file and notes its SHA-256 in the case. Throws an `InputError` where it can't be read. */
  read(path: string): Promise<Uint8Array>;
  /** Adds a line to the warnings of the case. */
  warn(message: string): void;
}

/** A case that has been loaded: its geometry and the values of the source's `gives`. */
export type Loaded = { readonly geometry: Geometry } & Partial<Values>;

/** A source that is open, for the length of one run. */
export interface OpenSource<C extends CaseRef = CaseRef> {
  /** The cases of the inputs. An input that is missing or of no known kind is a case whose `load` throws an `InputError`. */
  list(): AsyncIterable<C> | Iterable<C>;
  /** Loads a case. Throws an `InputError` where it can't be read. */
  load(ref: C, context: LoadContext): Promise<Loaded>;
  /** Gives back what the source holds; called once, also after an error. */
  close?(): void;
}

/** A source as it is declared. A name in `gives` that ends in `?` is given where it is known. */
export interface SourceDefinition<O, C extends CaseRef> {
  /** Name in pipelines. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that it gives. */
  readonly gives: readonly (Key | `${Key}?`)[];
  /** Checks the options and fills in defaults. */
  readonly options: OptionsSchema<O>;
  /** Opens the source for a run. */
  readonly open: (context: SourceContext, options: O) => OpenSource<C> | Promise<OpenSource<C>>;
}

/** A source whatever its options are. */
export interface Source {
  /** Tells it from a stage. */
  readonly kind: "source";
  /** Name in pipelines. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that it gives. */
  readonly gives: readonly (Key | `${Key}?`)[];
  /** Checks the options and fills in defaults. */
  readonly options: OptionsSchema<unknown>;
  /** Opens the source for a run. */
  readonly open: (context: SourceContext, options: never) => OpenSource | Promise<OpenSource>;
}

/** Declares a source. */
export function defineSource<O, C extends CaseRef>(source: SourceDefinition<O, C>): Source {
  return { kind: "source", ...source } as unknown as Source;
}

/** Sources and stages under one name. Plain data, checked by structure. */
export interface Plugin {
  /** Name for messages. */
  readonly name: string;
  /** Its sources. */
  readonly sources?: readonly Source[];
  /** Its stages. */
  readonly stages?: readonly Stage[];
}

/** Declares a plugin: the default export of its module. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
