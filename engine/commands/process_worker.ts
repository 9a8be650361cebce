/**
 * The thread that runs `process`: on Vulkan a readback blocks its thread for as long as the device works, so the terminal and
 * the signals are the main thread's. It may only read what it is given and write results (`process_permissions.ts`), as files
 * and plugins are anybody's; so the main thread brings the driver up. It is a file of its own as `import.meta.main` is true
 * in a Worker, too.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Engine, openEngine, type PreparedAdapter } from "../mod.ts";
import {
  applySettings,
  createRegistry,
  DeviceError,
  exitStatus,
  parsePipeline,
  type Pipeline,
  pipelineOf,
  pipelineSchema,
  type Plugin,
  readInput,
  type Registry,
  type RunEvent,
  runPipeline,
  UsageError,
} from "../pipeline/mod.ts";

import type { ProcessArguments } from "./process_arguments.ts";

/** What the program brings along, as plain data: modules by their URLs. */
export interface Wiring {
  /** Modules whose default exports are plugins. */
  readonly plugins: readonly string[];
  /** The pipeline where none is named. */
  readonly stages: readonly string[];
  /** The pipeline of `--gallery`. */
  readonly galleryStages: readonly string[];
  /** A module whose `prepareDemonstration(folder)` gives the inputs, one slice and the truth of the built-in study. */
  readonly demonstration: string;
}

/** What the main thread says. */
export type ToWorker =
  | {
    readonly type: "start";
    readonly asked: ProcessArguments;
    readonly wiring: Wiring;
    /** Where this program keeps what it makes once, where there is such a place. */
    readonly cache?: string;
  }
  /** The answer to `adapter`. */
  | {
    readonly type: "adapter";
    readonly prepared?: PreparedAdapter;
    readonly error?: { readonly name: string; readonly message: string };
  }
  | { readonly type: "interrupt" };

/** What the Worker answers; `end` is the last of it. */
export type FromWorker =
  | { readonly type: "event"; readonly event: RunEvent }
  /** Asks for an adapter's driver. */
  | { readonly type: "adapter" }
  | { readonly type: "print"; readonly text: string }
  | { readonly type: "end"; readonly status: number; readonly error?: string };

const scope = self as unknown as { postMessage(message: FromWorker): void };
const interruption = new AbortController();
const preparation = Promise.withResolvers<PreparedAdapter>();

self.addEventListener("message", async (message) => {
  const received = (message as MessageEvent<ToWorker>).data;
  if (received.type === "interrupt") {
    interruption.abort();
    return;
  }
  if (received.type === "adapter") {
    const { prepared, error } = received;
    if (prepared !== undefined) preparation.resolve(prepared);
    else preparation.reject(errorOf(error!));
    return;
  }
  try {
    scope.postMessage({ type: "end", ...await work(received) });
  } catch (error) {
    scope.postMessage({ type: "end", status: exitStatus(error), error: describe(error) });
  }
});

/** An error of the main thread, which crossed as plain data. */
function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === "UsageError") return new UsageError(message);
  return name === "DeviceError" ? new DeviceError(message) : new Error(message);
}

/** Opens an engine on the driver that the main thread brings up when it is asked. */
async function openPreparedEngine(cache: string | undefined): Promise<Engine> {
  scope.postMessage({ type: "adapter" });
  const prepared = await preparation.promise;
  return await openEngine({ prepared, signal: interruption.signal, tuned: cache && `${cache}/tuned` });
}

async function work(
  { asked, wiring, cache }: ToWorker & { readonly type: "start" },
): Promise<{ status: number; error?: string }> {
  const plugins = await Promise.all([...wiring.plugins, ...asked.plugins.map(moduleUrl)].map(importPlugin));
  const registry = createRegistry(plugins);
  if (asked.schema) {
    scope.postMessage({ type: "print", text: JSON.stringify(pipelineSchema(registry), null, 2) });
    return { status: 0 };
  }
  // The device is opened while the chain and its models are proved.
  const opening = openPreparedEngine(cache);
  opening.catch(() => {});
  try {
    return await run(asked, wiring, cache, plugins, registry, opening);
  } finally {
    // What is wrong with the arguments is told without a wait for a driver that is being fetched.
    preparation.reject(new Error("The run has ended"));
    // A driver that is in use as the process ends could be used after its end.
    await opening.then((engine) => engine.close(), () => {});
  }
}

async function run(
  asked: ProcessArguments,
  wiring: Wiring,
  cache: string | undefined,
  plugins: readonly Plugin[],
  registry: Registry,
  opening: Promise<Engine>,
): Promise<{ status: number; error?: string }> {
  const pipeline = await choosePipeline(asked, wiring, registry);
  const study = asked.inputs.length === 0 ? await demonstration(wiring, cache) : undefined;
  const { status, error } = await runPipeline(pipeline, {
    engine: () => opening,
    plugins,
    inputs: study === undefined ? asked.inputs : asked.gallery ? [study.slice] : study.inputs,
    output: asked.output,
    truth: study?.truth ?? asked.truth,
    existing: asked.existing,
    force: asked.force,
    failFast: asked.failFast,
    study: study && "demonstration",
    signal: interruption.signal,
    onEvent: (event) => scope.postMessage({ type: "event", event }),
  });
  return error === undefined || interruption.signal.aborted ? { status } : { status, error: describe(error) };
}

async function choosePipeline(asked: ProcessArguments, wiring: Wiring, registry: Registry): Promise<Pipeline> {
  const pipeline = asked.pipeline === undefined
    ? pipelineOf(asked.gallery ? wiring.galleryStages : asked.stages ?? wiring.stages)
    : parsePipeline(await readPipeline(asked.pipeline), asked.pipeline);
  return applySettings(pipeline, asked.settings, registry);
}

async function readPipeline(path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await readInput(path));
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** The built-in study, which is written into the user's cache the first time. */
async function demonstration(
  wiring: Wiring,
  cache: string | undefined,
): Promise<{ inputs: readonly string[]; slice: string; truth: string }> {
  const { prepareDemonstration } = await import(wiring.demonstration);
  if (cache === undefined) {
    throw new UsageError("Cannot keep the demonstration study as HOME is not set: set XDG_CACHE_HOME, or name inputs");
  }
  return await prepareDemonstration(cache);
}

function moduleUrl(path: string): string {
  return pathToFileURL(resolve(path)).href;
}

async function importPlugin(url: string): Promise<Plugin> {
  try {
    return (await import(url)).default;
  } catch (error) {
    throw new UsageError(`Cannot load plugin ${url}: ${(error as Error).message}`, { cause: error });
  }
}

/** One line for the user; for a fault of ours where it happened, too. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return exitStatus(error) === 1 ? error.stack ?? error.message : error.message;
}
