/** Floor 1: from pages to submitted work. */
export type {
  Backend,
  BackendStats,
  HostStay,
  PartsOptions,
  PreparedWork,
  ReadTensor,
  Stats,
  TimedDispatch,
  WaitOptions,
} from "./backend.ts";
export { type DeviceLimits, limitsOf } from "./executor.ts";
export { assemble, type Shader, type Variant } from "./page.ts";
export type { InputTensors, InputValues, Plan, PlanInput, PlanInputs, PlanWork } from "./plan.ts";
export type { RunResult, Tensors } from "./record.ts";
export { Core } from "./core.ts";
export { type DispatchStep, type Node, type Step } from "./recording.ts";
export { nameOf, type Schedule } from "./schedule.ts";
export { type Forms, iterationLimit, RecordedValue, Recording } from "./recording.ts";
export { coreOptions, Runtime, type RuntimeOptions } from "./runtime.ts";
