/** The engine's face: floors 1 and 2. */
export { calibrate, type CalibrateOptions, type Calibration, type CalibrationEngine } from "./calibrate.ts";
export { Engine, type EngineOptions, openEngine } from "./engine.ts";
export type { AdapterChoice, AdapterKind, DeviceInfo } from "./device/mod.ts";
export type {
  DeviceLimits,
  Forms,
  PartsOptions,
  RunResult,
  Runtime,
  RuntimeOptions,
  Stats,
  Tensors,
} from "./kernel/mod.ts";
export { type HostArray, type Storage, Tensor, type TensorOwner } from "./memory/mod.ts";
export type { HostDType, LoadModelOptions, Net, NetReport, ValueInfo } from "./graph/mod.ts";
