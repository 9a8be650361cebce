import { assertEquals, assertThrows } from "@std/assert";
import { adapterChoice, adapterKind, parseChoice } from "../../engine/device/adapter.ts";
import { limitsFor } from "../../engine/device/needs.ts";
import { expectedResults, faults, inputs } from "../../engine/device/self_test.ts";
import { UsageError } from "../../engine/errors.ts";

const LLVMPIPE = "llvmpipe (LLVM 15.0.6, 256 bits)";
const VULKAN_ONLY = ["float32-filterable", "shader-f16"];

const KINDS = [
  { name: LLVMPIPE, vendor: "65541", device: "0", features: VULKAN_ONLY, kind: "lavapipe" },
  { name: LLVMPIPE, vendor: "65541", device: "0", features: ["timestamp-query"], kind: "opengl" },
  { name: "SwiftShader Device (Subzero)", vendor: "6880", device: "49374", features: VULKAN_ONLY, kind: "swiftshader" },
  { name: "", vendor: "6880", device: "49374", features: [], kind: "swiftshader" },
  { name: "NVIDIA H100", vendor: "4318", device: "9009", features: VULKAN_ONLY, kind: "gpu" },
  { name: "Apple M2", vendor: "0", device: "0", features: [], kind: "gpu" },
] as const;

for (const { kind, ...said } of KINDS) {
  Deno.test(`adapterKind() tells ${said.name || said.vendor} with ${said.features.length} features as ${kind}`, () => {
    assertEquals(adapterKind(said), kind);
  });
}

Deno.test("parseChoice() takes the five words and names them for any other", () => {
  for (const word of ["auto", "gpu", "lavapipe", "swiftshader", "opengl"]) assertEquals(parseChoice(word, "x"), word);
  const message = 'ISOCENTER_ADAPTER is "vulkan": it must be one of auto, gpu, lavapipe, swiftshader, opengl';
  assertThrows(() => parseChoice("vulkan", "ISOCENTER_ADAPTER"), UsageError, message);
});

Deno.test("adapterChoice() prefers what it is given to ISOCENTER_ADAPTER", () => {
  const before = Deno.env.get("ISOCENTER_ADAPTER");
  try {
    Deno.env.set("ISOCENTER_ADAPTER", "opengl");
    assertEquals(adapterChoice("gpu"), "gpu");
    assertEquals(adapterChoice(undefined), "opengl");
    Deno.env.set("ISOCENTER_ADAPTER", "cuda");
    assertThrows(() => adapterChoice(undefined), UsageError, 'ISOCENTER_ADAPTER is "cuda"');
    Deno.env.set("ISOCENTER_ADAPTER", "");
    assertEquals(adapterChoice(undefined), "auto");
  } finally {
    if (before === undefined) Deno.env.delete("ISOCENTER_ADAPTER");
    else Deno.env.set("ISOCENTER_ADAPTER", before);
  }
});

Deno.test("limitsFor() asks for no more than there is, and for less than SwiftShader claims", () => {
  const has = {
    maxBufferSize: 2 ** 30,
    maxStorageBufferBindingSize: 2 ** 30,
    maxTextureDimension2D: 8192,
    maxTextureArrayLayers: 4096,
  } as unknown as GPUSupportedLimits;
  assertEquals(limitsFor("swiftshader", has).maxBufferSize, 2 ** 30 - 2 ** 20);
  assertEquals(limitsFor("swiftshader", has).maxStorageBufferBindingSize, 2 ** 30 - 2 ** 20);
  assertEquals(limitsFor("gpu", has).maxBufferSize, 2 ** 30);
  assertEquals(limitsFor("gpu", has).maxTextureDimension2D, 8192);
  assertEquals(limitsFor("gpu", has).maxTextureArrayLayers, 2048);
});

Deno.test("faults() names each part of the self-test that is wrong, with both values", () => {
  const input = inputs();
  assertEquals(faults(expectedResults(input), input), []);
  const results = expectedResults(input);
  results[128 + 7] += 1;
  new Float32Array(results.buffer)[64 + 3] = NaN;
  const found = faults(results, input);
  assertEquals(found.map((fault) => fault.part), ["float arithmetic", "texture load and store"]);
  assertEquals(
    found[1].words,
    `texture load and store gives ${results[135]} where ${results[135] - 1} is right (invocation 7)`,
  );
});
