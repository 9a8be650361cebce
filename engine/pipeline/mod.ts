/** The face of the pipeline: what a plugin is made of, and what runs it. */
export * from "./contract.ts";
export * from "./geometry.ts";
export * from "./planes.ts";
export * from "./values.ts";
export type * from "./case_record.ts";
export type * from "./model_contract.ts";
export { foreignTo, type MadeFor, type Unfamiliarity } from "./model_claims.ts";
export type * from "./pipeline_engine.ts";
export { type Outputs, recordJoined, runForEach } from "./joined.ts";
export { boxOnImage, onImageGrid, onModelGrid, type Placement, placementOf } from "./model_grid.ts";
export { type MeasuredAlone, measuredAlone, paddingOn, withoutPadding, withPadding } from "./padding.ts";
export type { RunEvent } from "./events.ts";
export { MemoryOutput } from "./memory_output.ts";
export type { CaseOutput, ExistingRun, RunOutput } from "./output.ts";
export { OutputFolder, type WriteFile } from "./output_folder.ts";
export type { HashedFile, RunRecord } from "./record.ts";
export type { Registry } from "./registry.ts";
export { runJsonSchema } from "./record.ts";
export { caseId } from "./case_id.ts";
export { counted } from "./counted.ts";
export { readInput } from "./files.ts";
export { contractRefusal, type ContractSchema } from "./model_file.ts";
export { exitStatus, interruptedStatus } from "./exit_status.ts";
export { type Pipeline, type PipelineEntry } from "./pipeline_file.ts";
export { applySettings, parsePipeline, pipelineOf, pipelineSchema } from "./pipeline_file.ts";
export { createRegistry } from "./registry.ts";
export type { CaseNames } from "./loader.ts";
export { Kept } from "./kept.ts";
export type { OfferedModels } from "./preparation.ts";
export { type RunOptions, type RunOutcome, runPipeline } from "./runner.ts";
export {
  DeviceError,
  InputError,
  MemoryError,
  ModelError,
  OutputError,
  UnsupportedError,
  UsageError,
} from "../errors.ts";
export { calibrate, type CalibrateOptions, type Calibration, type CalibrationEngine } from "../calibrate.ts";
export { optionsOf, type ZodSchema } from "../../shaders/options.ts";
