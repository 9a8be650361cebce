/**
 * What a plugin is made of: a source of cases, stages that turn values into values, and the case that goes through them.
 * This file declares types and three constructors; `runner.ts` runs what is declared here.
 */
import type { OptionsSchema } from "../../shaders/contract.ts";
import type { Finish } from "./case_record.ts";
import type { Kept } from "./kept.ts";
import type { LoadedModel, ModelContract, ModelOutput } from "./model_contract.ts";
import type { HostCopy, PipelineEngine } from "./pipeline_engine.ts";
import type { Json, Key, OwnKey, SomeValues, ValuesOf } from "./values.ts";

/** What is always known about a case, and what a stage may do with it besides giving values. */
export interface CaseFace {
  /** Name of the case's folder. */
  readonly id: string;
  /** Where the case came from: the path of its file, or of the folder that holds its files. */
  readonly source: string;
  /** Paths of its files. */
  readonly sources: readonly string[];
  /** Adds a line to the warnings of the case. */
  warn(message: string): void;
  /** Reports how far a long-running stage has come, from 0 to 1. */
  progress(share: number): void;
  /** Writes a file of the case, `cases/ID/NAME`, under a temporary name that is renamed at the end. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/** What a stage's `run` gets: the values that it needs, those of `uses` where they exist, and what it reads on the host. */
export type Case<N extends Key = Key, U extends Key = never, R extends Key = never> =
  & CaseFace
  & ValuesOf<N>
  & Partial<ValuesOf<U>>
  & { readonly host: ValuesOf<R & N, HostCopy> & Partial<ValuesOf<Exclude<R, N>, HostCopy>> };

/** What a stage gets when it is opened. */
export interface StageContext {
  /** The device. */
  readonly engine: PipelineEngine;
  /** Loads one of the models that the stage's `models` named; the runner disposes of the network. */
  loadModel(path: string): Promise<LoadedModel>;
  /** One of the writers that the stage's `writers` named. */
  writer(name: string): Writer;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
}

/** What a stage adds to the run at its end. */
export interface Finished {
  /** Fields of `run.json`'s `summary`. */
  readonly summary?: Readonly<Record<string, Json>>;
  /** Files by name, relative to the output folder. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A stage that is open, for the length of one run. */
export interface OpenStage<C = Case, V = SomeValues> {
  /**
   * Turns values into values. The runner owns the values that it returns; a value that it received may be returned
   * again. A stage that reads nothing only submits work and doesn't wait for the device.
   */
  run(current: C): V | Promise<V>;
  /**
   * The same for some images of one shape, whose work gains by being done at once, such as one batch of a network. Each gets
   * what `run` gives it alone. Only submits work, and gives nothing for cases that it leaves to `run`. Where it throws, the
   * cases are run one by one.
   */
  runTogether?(cases: readonly C[]): readonly V[] | undefined;
  /**
   * Makes ready what most cases need, such as pipelines of networks, while the first case is loaded, and gives the thread to
   * others in between; the signal ends it once that case is there. An error in it is left to the case that meets it.
   */
  prepare?(signal: AbortSignal): Promise<void>;
  /** Adds to the run after all cases. */
  finish?(finish: Finish): Finished | Promise<Finished>;
  /** Releases what the stage holds; called once, also after an error. */
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
  /** Values that must be given by an earlier stage. */
  readonly needs: N;
  /** Values that the stage takes where they are given. */
  readonly uses: U;
  /** Values that the stage may give; not every one has to be given for each case. */
  readonly gives: G;
  /** Values that the stage wants as host arrays in `current.host`. A stage that reads runs after the case's readback. */
  readonly reads: R;
  /** Checks the options and fills in defaults. */
  readonly options: OptionsSchema<O>;
  /** Models that the options name: paths of folders, relative to the program's root or the current folder. */
  readonly models?: (options: O) => readonly string[];
  /** Why a model cannot serve this stage, worded to follow "as"; `undefined` where it can. */
  readonly refuses?: (contract: ModelContract, options: O) => string | undefined;
  /** What the model must give for one input of the contract's size: the output's name and its shape behind the batch. */
  readonly expects?: (contract: ModelContract, options: O) => ModelOutput;
  /**
   * The options, completed with those that follow from the models of the chain: their contracts, from this stage on.
   */
  readonly complete?: (options: O, contracts: readonly ModelContract[]) => O;
  /** Names of writers that the options name. The stage also reads what these use. */
  readonly writers?: (options: O) => readonly string[];
  /** Files that `finish` gives, so that no other files are replaced. */
  readonly files?: readonly string[];
  /** Opens the stage for a run. */
  readonly open: (
    context: StageContext,
    options: O,
  ) => OpenFor<N, U, G, R> | Promise<OpenFor<N, U, G, R>>;
}

/** What `open` gives: an open stage for the values that the stage names. */
export type OpenFor<
  N extends readonly Key[],
  U extends readonly Key[],
  G extends readonly Key[],
  R extends readonly Key[],
> = OpenStage<Case<N[number], U[number], R[number]>, Partial<ValuesOf<G[number]>>>;

/** A stage with any options and values. */
export interface Stage {
  /** Distinguishes it from a source. */
  readonly kind: "stage";
  /** Name in pipelines. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that must be given by an earlier stage. */
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
  /** What the model must give. */
  readonly expects?: (contract: ModelContract, options: never) => ModelOutput;
  /** The options, completed with those that follow from the models of the chain from this stage on. */
  readonly complete?: (options: never, contracts: readonly ModelContract[]) => unknown;
  /** Names of writers that the options name. */
  readonly writers?: (options: never) => readonly string[];
  /** Files that `finish` gives. */
  readonly files?: readonly string[];
  /** Opens the stage for a run. */
  readonly open: (context: StageContext, options: never) => OpenStage | Promise<OpenStage>;
}

/** Declares a stage; the types of `current` and of what `run` gives follow from the names. */
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
  /** Name of the case's folder: see `caseId`. The runner makes it unique and valid. */
  readonly id: string;
  /** What messages and results call it: the path of its file, or of the folder that holds its files. */
  readonly source: string;
  /** Paths of its files, in the order in which to read them. */
  readonly sources: readonly string[];
  /** Parts of these paths that tell whose images they are, and what results, messages and events say in their place. */
  readonly aliases?: Readonly<Record<string, string>>;
}

/** A file given as bytes. A source reads it by its name. */
export interface NamedBytes {
  /** Like the end of a path: its extension may determine the format. */
  readonly name: string;
  /** The whole file. */
  readonly bytes: Uint8Array;
}

/** Where cases come from: the path of a file or folder, or a file by its bytes. */
export type Input = string | NamedBytes;

/** What a source gets when it is opened. Nothing is on the device yet. */
export interface SourceContext {
  /** Files and folders. */
  readonly inputs: readonly Input[];
  /** The folder with the truth, where there is one. */
  readonly truth?: string;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
  /** What earlier runs have kept, and later ones may take. */
  readonly kept?: Kept;
  /**
   * Records what all cases depend on besides their own files, such as a table with the truth: resuming a run with
   * another one is refused.
   */
  note(path: string, content: Uint8Array): void;
  /** Tells how many files have been looked at so far, where listing takes long. */
  progress(files: number): void;
}

/** What a source gets when it loads a case. */
export interface LoadContext {
  /** The device. */
  readonly engine: PipelineEngine;
  /** Reads a file, or the bytes given under this name, and records it in the case. Throws an `InputError`. */
  read(path: string): Promise<Uint8Array>;
  /** Adds a line to the warnings of the case. */
  warn(message: string): void;
}

/** A case that has been loaded: the values of the source's `gives`. */
export type Loaded = SomeValues;

/** A source that is open, for the length of one run. */
export interface OpenSource<C extends CaseRef = CaseRef> {
  /**
   * The cases of the inputs. An input that is missing or of an unknown kind is a case whose `load` throws an
   * `InputError`.
   */
  list(): AsyncIterable<C> | Iterable<C>;
  /** Loads a case. Throws an `InputError` where it can't be read. */
  load(ref: C, context: LoadContext): Promise<Loaded>;
  /** Releases what the source holds; called once, also after an error. */
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

/** A source with any options. */
export interface Source {
  /** Distinguishes it from a stage. */
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

/** Writes what a case holds in a file format, for the stage `export`. */
export interface WriterDefinition<U extends readonly Key[]> {
  /** Name in the options of `export`. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that it takes where they are given, those on the device as host arrays in `current.host`. */
  readonly uses: U;
  /** Writes the files of a case by `current.write`. */
  readonly write: (current: Case<never, U[number], U[number]>, options: WriteOptions) => void | Promise<void>;
}

/** Options of all writers. */
export interface WriteOptions {
  /** Whether the source's names, identifiers and dates may be written. */
  readonly keepIdentity: boolean;
  /** Bits per value of gray pictures. Default 8. */
  readonly pngBits?: 8 | 16;
}

/** A writer of any values. */
export interface Writer {
  /** Distinguishes it from a stage. */
  readonly kind: "writer";
  /** Name in the options of `export`. */
  readonly name: string;
  /** One line for help and errors. */
  readonly description: string;
  /** Values that it takes where they are given. */
  readonly uses: readonly Key[];
  /** Writes the files of a case. */
  readonly write: (current: never, options: WriteOptions) => void | Promise<void>;
}

/** Declares a writer. */
export function defineWriter<const U extends readonly Key[]>(writer: WriterDefinition<U>): Writer {
  return { kind: "writer", ...writer } as unknown as Writer;
}

/** Sources, stages and writers under one name. Plain data, checked by structure. */
export interface Plugin {
  /** Name for messages, and for its own values. */
  readonly name: string;
  /** Its own values, `NAME.VALUE`, each with a line that describes it. */
  readonly keys?: Readonly<Record<OwnKey, string>>;
  /** Its sources. */
  readonly sources?: readonly Source[];
  /** Its stages. */
  readonly stages?: readonly Stage[];
  /** Its writers. */
  readonly writers?: readonly Writer[];
}

/** Declares a plugin: the default export of its module. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
