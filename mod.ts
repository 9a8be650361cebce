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
 * Run as a program it is the command line: `mod.ts process`, `doctor`, `bench`. `main.ts` is the same without the library,
 * and begins sooner.
 *
 * @module
 */
import type { Plugin } from "./engine/pipeline/mod.ts";
import type { Service, ServiceOptions } from "./engine/service/service.ts";
import { defaultStages, pluginModules, program } from "./shipped.ts";

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

export { defaultStages };

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

// Found at run time only, so that who imports this module as a library needs nothing of the command line.
if (import.meta.main) {
  const { runCommand } = await import(new URL("./main.ts", import.meta.url).href);
  Deno.exit(await runCommand(Deno.args));
}
