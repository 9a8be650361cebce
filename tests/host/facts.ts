/** What an operation is told of a device, for tests that have none. */
import type { Facts } from "../../shaders/mod.ts";

/** Those of lavapipe. */
export const facts: Facts = {
  adapter: "lavapipe",
  subgroupSize: 8,
  f16: false,
  mappableBuffers: false,
  maxInvocationsPerWorkgroup: 256,
  maxWorkgroupStorageBytes: 16384,
  maxTextureSize: 8192,
  maxTextureLayers: 2048,
};
