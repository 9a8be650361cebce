/**
 * The device: finding an adapter, bringing software Vulkan in where there is none, and opening it with a self-test.
 *
 * @module
 */
export { type AdapterChoice, type AdapterKind, parseChoice } from "./adapter.ts";
export { withoutDriver } from "./attempt.ts";
export type { FeatureChoice, ProvenFeatures } from "./features.ts";
export { plainLimits } from "./needs.ts";
export { type DeviceInfo, type OpenDevice, openDevice, type OpenOptions } from "./open.ts";
export { prepareAdapter, type PreparedAdapter } from "./prepare.ts";
export { fetchedFolder, type FetchedPackage } from "./fetched_package.ts";
export { denoCommand } from "./fetched_package.ts";
export { type Diagnosis, probe } from "./probe.ts";
