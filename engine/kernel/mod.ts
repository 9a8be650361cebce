/** Floor 1: from pages to submitted work. */
export type { Backend, BackendStats, PartsOptions, PreparedWork, ReadTensor, Stats, TimedDispatch } from "./backend.ts";
export type { DeviceLimits } from "./executor.ts";
export { assemble, type Shader, type Variant } from "./page.ts";
export type { InputTensors, InputValues, Plan, PlanInput, PlanInputs, PlanWork } from "./plan.ts";
export type { RunResult, Tensors } from "./record.ts";
export { type Forms, iterationLimit, RecordedValue, Recording } from "./recording.ts";
export { Runtime, type RuntimeOptions, type WaitOptions } from "./runtime.ts";
