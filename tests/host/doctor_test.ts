import { assertEquals, assertRejects } from "@std/assert";
import { describe, doctor } from "../../engine/commands/doctor.ts";
import { withoutDriver } from "../../engine/device/mod.ts";
import { UsageError } from "../../engine/errors.ts";

const PLATFORM = { os: "linux", arch: "x86_64", cores: 2, deno: "2.9.6" };

Deno.test("describe() shows what was passed over, tried and chosen, each once", () => {
  const note = "VK_DRIVER_FILES=/nonexistent: names no file, passed over";
  const lines = describe({
    platform: PLATFORM,
    choice: "auto",
    variables: { VK_DRIVER_FILES: "/nonexistent" },
    drivers: ["/usr/share/vulkan/icd.d/intel_icd.x86_64.json"],
    notes: [note],
    tried: [
      { what: "the installed Vulkan drivers", outcome: "no adapter", chosen: false },
      { what: "SwiftShader from npm", outcome: "SwiftShader Device (Subzero) (swiftshader)", chosen: true },
    ],
    device: {
      adapter: "swiftshader",
      name: "SwiftShader Device (Subzero)",
      vendor: "Google",
      limits: {
        maxBufferSize: 2 ** 30,
        maxStorageBufferBindingSize: 2 ** 27,
        maxTextureDimension2D: 8192,
        maxTextureArrayLayers: 2048,
        maxComputeInvocationsPerWorkgroup: 256,
        maxComputeWorkgroupStorageSize: 32768,
      },
      features: [],
      proven: { subgroupSize: 0, f16: false, mappableBuffers: false },
      notes: [note, "the installed Vulkan drivers: no adapter, passed over"],
    },
    openMs: 1234,
    advice: ["install lavapipe"],
  });
  assertEquals(
    lines.join("\n"),
    [
      "machine     linux x86_64, 2 cores, Deno 2.9.6",
      "asked for   auto",
      "variables   VK_DRIVER_FILES=/nonexistent",
      "installed   /usr/share/vulkan/icd.d/intel_icd.x86_64.json",
      "tried       - VK_DRIVER_FILES=/nonexistent: names no file, passed over",
      "            - the installed Vulkan drivers  no adapter",
      "            * SwiftShader from npm          SwiftShader Device (Subzero) (swiftshader)",
      "",
      "chosen      swiftshader: SwiftShader Device (Subzero), Google",
      "self-test   passed, opened in 1,234 ms",
      "limits      buffer 1,024 MiB, of which 128 MiB at once",
      "            texture 8,192 texels per side, 2,048 layers",
      "            workgroup 256 invocations, 32 KiB",
      "features    none",
      "proven      no optional feature",
      "",
      "faster      install lavapipe",
      "",
      "no driver   Linux on x86_64: SwiftShader from npm, fetched once (70 MB)",
      "            Linux on Arm: nothing, as npm has no SwiftShader for it; install lavapipe (mesa-vulkan-drivers)",
      "            macOS: nothing but Metal, which is part of the system",
      "            Windows: nothing, as npm has no SwiftShader for it; install the graphics card's driver",
    ].join("\n"),
  );
});

Deno.test("describe() says why there is no device", () => {
  const nothing = { variables: {}, drivers: [], notes: [], tried: [], advice: [] };
  const lines = describe({ platform: PLATFORM, choice: "gpu", ...nothing, error: "adapter is missing" });
  assertEquals(lines.slice(1, 4), ["asked for   gpu", "", "no device   adapter is missing"]);
});

Deno.test("doctor() refuses arguments that it doesn't know", async () => {
  await assertRejects(
    () => doctor(["--fast"]),
    UsageError,
    "doctor has no argument --fast: deno task doctor [--adapter",
  );
  await assertRejects(() => doctor(["--adapter", "cuda"]), UsageError, '--adapter is "cuda"');
});

Deno.test("doctor says what each platform gets without a driver, this one's first", () => {
  assertEquals(
    withoutDriver({ os: "darwin", arch: "aarch64" })[0],
    "macOS: nothing but Metal, which is part of the system",
  );
  assertEquals(withoutDriver({ os: "linux", arch: "aarch64" })[0].startsWith("Linux on Arm: nothing"), true);
  assertEquals(withoutDriver({ os: "windows", arch: "x86_64" }).length, 4);
});
