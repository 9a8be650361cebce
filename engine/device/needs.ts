import type { AdapterKind } from "./adapter.ts";

/** What a device is asked for: each limit with its reason, clipped to what the adapter has. */
export const WANTED_LIMITS: readonly { limit: keyof GPUSupportedLimits; wanted: number; why: string }[] = [
  { limit: "maxBufferSize", wanted: 2 ** 40, why: "tensors beyond the default of 256 MiB" },
  { limit: "maxStorageBufferBindingSize", wanted: 2 ** 40, why: "a tensor as one binding" },
  { limit: "maxTextureDimension2D", wanted: 16384, why: "texture homes of long rows, four elements per texel" },
  { limit: "maxTextureArrayLayers", wanted: 2048, why: "texture homes: a layer for each slice and channel block" },
  { limit: "maxStorageBuffersPerShaderStage", wanted: 10, why: "concatenation and split read many tensors at once" },
  { limit: "maxStorageTexturesPerShaderStage", wanted: 8, why: "inputs and outputs that live in textures" },
  { limit: "maxComputeWorkgroupStorageSize", wanted: 32768, why: "tiles of GEMM and sorting windows" },
  { limit: "maxComputeInvocationsPerWorkgroup", wanted: 1024, why: "reductions and scans of a row in one workgroup" },
  { limit: "maxComputeWorkgroupSizeX", wanted: 1024, why: "reductions and scans of a row in one workgroup" },
  { limit: "maxComputeWorkgroupSizeY", wanted: 1024, why: "tiles of any aspect" },
  { limit: "maxComputeWorkgroupsPerDimension", wanted: 65535, why: "large grids without folding" },
];

/** What a device is asked for beyond WebGPU's core, where the adapter has it. */
export const WANTED_FEATURES: readonly { feature: GPUFeatureName; why: string }[] = [
  { feature: "timestamp-query", why: "times of single dispatches in the bench" },
];

/** SwiftShader states 1 GiB and fails to allocate it; a MiB less works. */
const SWIFTSHADER_MAX_BUFFER = 2 ** 30 - 2 ** 20;

/** The limits to ask an adapter for. */
export function limitsFor(kind: AdapterKind, limits: GPUSupportedLimits): Record<string, number> {
  return Object.fromEntries(WANTED_LIMITS.map(({ limit, wanted }) => {
    const most = kind === "swiftshader" ? Math.min(wanted, SWIFTSHADER_MAX_BUFFER) : wanted;
    return [limit, Math.min(most, Number(limits[limit]))];
  }));
}

/** The features to ask an adapter for. */
export function featuresFor(features: { has(feature: string): boolean }): GPUFeatureName[] {
  return WANTED_FEATURES.map((each) => each.feature).filter((feature) => features.has(feature));
}

/** All limits of a device or adapter as plain numbers. */
export function plainLimits(limits: GPUSupportedLimits): Record<string, number> {
  const names = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(limits)));
  return Object.fromEntries(
    names.filter((name) => /^(max|min)/.test(name)).sort()
      .map((name) => [name, Number((limits as unknown as Record<string, unknown>)[name])]),
  );
}
