/** The engine's face: floors 1 and 2. */
export { calibrate, type CalibrateOptions, type Calibration, type CalibrationEngine } from "./calibrate.ts";
export type { Counted, Counts } from "./counting.ts";
export { Engine, type EngineOptions, openEngine } from "./engine.ts";
export {
  type AdapterChoice,
  type AdapterKind,
  type DeviceInfo,
  type FeatureChoice,
  prepareAdapter,
  type PreparedAdapter,
  type ProvenFeatures,
} from "./device/mod.ts";
export type {
  DeviceLimits,
  Forms,
  InputTensors,
  InputValues,
  PartsOptions,
  Plan,
  PlanInput,
  PlanInputs,
  PlanWork,
  RunResult,
  Runtime,
  RuntimeOptions,
  Stats,
  Tensors,
  TimedDispatch,
  WaitOptions,
} from "./kernel/mod.ts";
export {
  Holding,
  type HostArray,
  type HostInput,
  type Need,
  type Outcome,
  type Storage,
  Tensor,
  type TensorOwner,
} from "./memory/mod.ts";
export { Models } from "./models.ts";
export type { FeedShapes, HostDType, LoadModelOptions, Net, NetReport, ReadReport, ValueInfo } from "./graph/mod.ts";
