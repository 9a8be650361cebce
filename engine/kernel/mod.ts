/** Floor 1: from pages to submitted work. */
export type { DeviceLimits, PartsOptions } from "./executor.ts";
export { type RunResult, Runtime, type RuntimeOptions, type Stats, type Tensors } from "./runtime.ts";
export { assemble, type Shader, type Variant } from "./page.ts";
export { iterationLimit, RecordedValue, Recording } from "./recording.ts";
export type { Forms } from "./recording.ts";
