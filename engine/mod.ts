/** The engine's face: floors 1 and 2. */
export { Engine, type EngineOptions, openEngine } from "./engine.ts";
export type { AdapterChoice, DeviceInfo } from "./device/mod.ts";
export type { RunResult, Stats, Tensors } from "./kernel/mod.ts";
export { type HostArray, Tensor } from "./memory/mod.ts";
export type { LoadModelOptions, Net, NetReport } from "./graph/mod.ts";
