/**
 * Isocenter: a WebGPU compute engine for medical images.
 *
 * As a library it opens an engine, filters images and volumes, runs networks, and takes cases through a pipeline:
 *
 * ```ts
 * import { filters, openEngine } from "isocenter";
 *
 * await using engine = await openEngine({ adapter: "auto" });
 * using image = engine.tensor(new Float32Array(64 * 64), [1, 64, 64]);
 * using smooth = engine.run((r) => filters.median(r, filters.gaussian(r, image, { sigmaPx: 1 }), { radius: 2 }));
 * const [values] = await engine.read([smooth]);
 * console.log(values.length);
 * ```
 *
 * Run as a program it is the command line: `mod.ts process`, `doctor`, `bench`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { plainText } from "./engine/commands/plain_text.ts";
import type { Json, OfferedModels, Plugin } from "./engine/pipeline/mod.ts";
import type { DeviceProgram } from "./engine/service/device_messages.ts";
import type { Service, ServiceOptions } from "./engine/service/service.ts";

export {
  type AdapterChoice,
  type AdapterKind,
  calibrate,
  type CalibrateOptions,
  type Calibration,
  type CalibrationEngine,
  type Counted,
  type Counts,
  type DeviceInfo,
  type DeviceLimits,
  Engine,
  type EngineOptions,
  type FeatureChoice,
  type FeedShapes,
  type Forms,
  Holding,
  type HostArray,
  type HostDType,
  type HostInput,
  type InputTensors,
  type InputValues,
  type LoadModelOptions,
  Models,
  type Need,
  type Net,
  type NetReport,
  openEngine,
  type Outcome,
  type PartsOptions,
  type Plan,
  type PlanInput,
  type PlanInputs,
  type PlanWork,
  prepareAdapter,
  type PreparedAdapter,
  type ProvenFeatures,
  type ReadReport,
  type RunResult,
  type Runtime,
  type RuntimeOptions,
  type Stats,
  type Storage,
  Tensor,
  type TensorOwner,
  type Tensors,
  type TimedDispatch,
  type ValueInfo,
  type WaitOptions,
} from "./engine/mod.ts";
export { bench, type BenchOptions, type BenchResult, type Contender } from "./engine/bench/bench.ts";
export { type Peer } from "./engine/bench/peers.ts";
export { type Ceiling, measureRoofline, type Roofline } from "./engine/bench/roofline.ts";
export {
  benchOperation,
  type BenchRow,
  type PeerWork,
  type Prepared,
  type PreparedParts,
  type RowCost,
  type Timed,
} from "./engine/bench/rows.ts";
export type { Times } from "./engine/bench/statistics.ts";
export type { DeviceProgram } from "./engine/service/device_messages.ts";
export type { DicomwebServer } from "./engine/service/dicomweb.ts";
export type { JobLimits } from "./engine/service/jobs.ts";
export type { Bucket } from "./engine/service/s3_payloads.ts";
export type { Delivery, Service, ServiceOptions } from "./engine/service/service.ts";
export { defineOperation, definePage, filters, image, metrics } from "./shaders/mod.ts";
export {
  type Channels,
  decode,
  type Decoded,
  type DecodeOptions,
  detect,
  type Detected,
  type Format,
  HEAD_BYTES,
  type Limits,
  type Origin,
} from "./plugins/formats/mod.ts";
export type {
  Binding,
  Call,
  Case as OperationCase,
  Cost,
  DType,
  Element,
  ExactTensor,
  Facts,
  Filter,
  Form,
  HostTensor,
  Layout,
  Lib,
  Operation,
  OptionsSchema,
  Page,
  Recorder,
  Spec,
  Tune,
  Value,
} from "./shaders/mod.ts";
export {
  DeviceError,
  InputError,
  MemoryError,
  ModelError,
  OutputError,
  UnsupportedError,
  UsageError,
} from "./engine/errors.ts";
export {
  type Affine,
  applySettings,
  type Boxes,
  type Case,
  type CaseFace,
  caseId,
  type CaseNames,
  type CaseOutput,
  type CaseRecord,
  type CaseRef,
  type Classes,
  createRegistry,
  definePlugin,
  defineSource,
  defineStage,
  defineWriter,
  type DisplayWindow,
  type EngineCounts,
  type ExistingRun,
  exitStatus,
  type FileRecord,
  type Finish,
  type Finished,
  type Geometry,
  geometryOfAffine,
  geometryOfBox,
  geometryOfSpacing,
  type Grid,
  type HashedFile,
  type Header,
  type HostCopy,
  type Input,
  isSameGrid,
  type Json,
  Kept,
  type Key,
  type Labeled,
  type LoadContext,
  type Loaded,
  type LoadedModel,
  type MadeFor,
  type Measures,
  MemoryOutput,
  type ModelContract,
  type ModelInput,
  type ModelOutput,
  type NamedBytes,
  type OfferedModels,
  type OpenFor,
  type OpenSource,
  type OpenStage,
  optionsOf,
  OutputFolder,
  type OwnKey,
  type OwnValue,
  type Padding,
  parsePipeline,
  patientToVoxel,
  type Pipeline,
  type PipelineEngine,
  type PipelineEntry,
  pipelineOf,
  pipelineSchema,
  type Placed,
  type Plugin,
  type Point,
  type Registry,
  resampledGeometry,
  type RunEvent,
  runJsonSchema,
  type RunOptions,
  type RunOutcome,
  type RunOutput,
  runPipeline,
  type RunRecord,
  shiftedGeometry,
  type SomeValues,
  type Source,
  type SourceContext,
  type SourceDefinition,
  type Stage,
  type StageContext,
  type StageDefinition,
  type Truth,
  unknownGeometry,
  type ValueOf,
  type Values,
  type ValuesOf,
  voxelToPatient,
  type WriteFile,
  type WriteOptions,
  type Writer,
  type WriterDefinition,
  type ZodSchema,
} from "./engine/pipeline/mod.ts";

/** The stages of the pipeline that `process` runs where none is named. */
export const defaultStages: readonly string[] = [
  "acquire",
  "denoise",
  "segment",
  "crop",
  "classify",
  "evaluate",
  "export",
  "report",
];

/** The stages of `process --gallery`. */
const galleryStages: readonly string[] = ["acquire", "gallery"];

/** Modules of the plugins that come along: each has the name of its first stage. */
const pluginModules: readonly string[] = defaultStages.map((name) =>
  import.meta.resolve(`./plugins/${name}/${name}.ts`)
);

/** The models that come along, by the names that stages' options give them: what pipelines of a service's clients may name. */
const shippedModels: OfferedModels = Object.fromEntries(
  [
    "denoise_autoencoder",
    "inception_v3_tumor",
    "maskrcnn_tumor",
    "resnet50_tumor",
    "resnet_unet_tumor",
    "unet_tumor",
    "vgg16_tumor",
    "vgg_unet_tumor",
  ].map((name) => [`models/${name}`, pathOf(import.meta.resolve(`./models/${name}`))]),
);

/** The models of the default stages, which a service opens before it says that it is ready. */
const warmModels: readonly string[] = ["models/resnet_unet_tumor", "models/vgg16_tumor"];

/** The path of a URL of a file; other URLs as they are. */
function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}

/** What a service's process brings along. */
const program: DeviceProgram = { plugins: pluginModules, models: shippedModels, warm: warmModels };

/** Loads the plugins that are shipped: `runPipeline` needs them for the stages of `defaultStages`. */
export async function loadPlugins(): Promise<Plugin[]> {
  return await Promise.all(pluginModules.map(async (url) => (await import(url)).default as Plugin));
}

/**
 * Opens the engine as an HTTP service, with the plugins, default stages and models that are shipped unless `options`
 * names others. Its `fetch` is a handler for `Deno.serve`.
 */
export async function openService(options: Partial<ServiceOptions> = {}): Promise<Service> {
  const { openService: open } = await import("./engine/service/service.ts");
  return await open({ ...program, stages: defaultStages, ...options });
}

type Command = (args: string[], ...rest: unknown[]) => Promise<number>;

/**
 * A command by its name, from the module of that name. These modules are found at run time only, so that who imports this one
 * as a library needs nothing of the command line.
 */
async function commandOf(name: string): Promise<Command> {
  return (await import(new URL(`./engine/commands/${name}.ts`, import.meta.url).href))[name];
}

/** The commands by name. Each is loaded only when it is run; it gives the exit status. */
const commands: Readonly<Record<string, (args: string[]) => Promise<number>>> = {
  process: async (args) => {
    const demonstration = import.meta.resolve("./plugins/demonstration/study.ts");
    const wiring = { plugins: pluginModules, stages: defaultStages, galleryStages, demonstration };
    return await (await commandOf("process"))(args, wiring);
  },
  doctor: async (args) => await (await commandOf("doctor"))(args),
  inspect: async (args) => await (await commandOf("inspect"))(args, inspectInput),
  contract: async (args) => {
    const { contractOf } = await import("./plugins/segment/exports/mod.ts");
    return await (await commandOf("contract"))(args, contractOf);
  },
  serve: async (args) => await (await commandOf("serve"))(args, openService, shippedModels),
  work: async (args) => await (await commandOf("work"))(args, program),
  bench: async (args) => await (await commandOf("bench"))(args),
  diff: async (args) => await (await commandOf("diff"))(args, readValue),
};

/** The elements of a file that `diff` is given. */
async function readValue(path: string) {
  if (!path.endsWith(".npy")) return await (await import("./engine/graph/mod.ts")).readTensorFile(path);
  const { decode } = await import("./plugins/formats/mod.ts");
  const { pixels, shape } = await decode(await Deno.readFile(path), path);
  return { dtype: "f32", shape, data: pixels };
}

/** What `inspect` says of an input that is no model. */
async function inspectInput(path: string): Promise<{ lines: string[]; json: Json }> {
  const { inspectInput: look, inspectionJson, inspectionLines } = await import("./plugins/acquire/inspect.ts");
  const { madeFor } = JSON.parse(await Deno.readTextFile(`${shippedModels[warmModels[0]]}/model.json`));
  const cases = await look(path, madeFor);
  return { lines: inspectionLines(path, cases).map(plainText), json: inspectionJson(cases) };
}

if (import.meta.main) Deno.exit(await runCommand(Deno.args));

async function runCommand([name, ...args]: string[]): Promise<number> {
  const command = Object.hasOwn(commands, name ?? "") ? commands[name] : undefined;
  try {
    if (command) return await command(args);
    const known = Object.keys(commands).join(", ");
    console.error(`error: There is no command ${plainText(name ?? "")}: use one of ${known}`);
    return 2;
  } catch (error) {
    const { exitStatus } = await import("./engine/pipeline/mod.ts");
    const status = exitStatus(error);
    console.error(`error: ${status === 1 ? (error as Error).stack : plainText((error as Error).message)}`);
    return status;
  }
}
