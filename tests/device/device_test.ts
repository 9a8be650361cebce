import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Diagnosis, openDevice } from "../../engine/device/mod.ts";
import { selfTest } from "../../engine/device/self_test.ts";
import type { DeviceError } from "../../engine/errors.ts";

const REPOSITORY = new URL("../..", import.meta.url);

Deno.test("openDevice() opens a tested device and describes it", async () => {
  const { device, info, facts, close } = await openDevice();
  assertEquals(info.adapter, facts.adapter);
  assert(info.name !== "");
  for (const [limit, value] of Object.entries(info.limits)) assertEquals(typeof value, "number", limit);
  assertEquals(facts.maxTextureLayers, info.limits.maxTextureArrayLayers);
  assertEquals(facts.maxTextureSize, info.limits.maxTextureDimension2D);
  assert(facts.maxTextureLayers >= 256 && facts.maxInvocationsPerWorkgroup >= 256);
  for (const { words } of await selfTest(device, info.name)) {
    assert(info.notes.some((note) => note.endsWith(words)), words);
  }
  close();
});

Deno.test("openDevice() gives further devices in the same thread, and leaves the driver variables as they were", async () => {
  const variables = () =>
    ["DENO_WEBGPU_BACKEND", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map((name) => Deno.env.get(name));
  const before = variables();
  const [a, b] = await Promise.all([openDevice(), openDevice()]);
  assertEquals(variables(), before);
  assertEquals(a.info, b.info);
  a.close();
  b.close();
});

Deno.test("openDevice() tells of errors that no error scope took, those from before too", async () => {
  const { device, onError, close } = await openDevice();
  const heard: DeviceError[] = [];
  device.createBuffer({ size: 4, usage: 0 });
  await device.queue.onSubmittedWorkDone();
  onError((error) => heard.push(error));
  const early = heard.length;
  device.createShaderModule({ code: "not a page" });
  await device.queue.onSubmittedWorkDone();
  assert(early >= 1, "an error from before the handler was lost");
  assert(heard.length > early, "an error was lost");
  assertEquals(heard[0].name, "DeviceError");
  close();
});

Deno.test("a device that is closed is not lost", async () => {
  const { device, lost, close } = await openDevice();
  close();
  assertEquals((await device.lost).reason, "destroyed");
  assertEquals(await Promise.race([lost, Promise.resolve("open")]), "open");
});

Deno.test("openDevice() ends with the signal's reason", async () => {
  const reason = new Error("stop");
  await assertRejects(() => openDevice({ signal: AbortSignal.abort(reason) }), Error, "stop");
});

Deno.test("openDevice() passes over driver variables that give no adapter, and says so", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { device, notes } = await diagnose({
    DENO_WEBGPU_BACKEND: "vulkan",
    VK_DRIVER_FILES: "/nonexistent",
    ISOCENTER_ADAPTER: "auto",
  });
  assert(device !== undefined && device.adapter !== "opengl");
  assertEquals(notes, ["VK_DRIVER_FILES=/nonexistent: names no file, passed over"]);
  assertEquals(device.notes, notes);
});

Deno.test("openDevice() brings SwiftShader in where no driver is installed", {
  ignore: Deno.build.os !== "linux" || Deno.build.arch !== "x86_64",
}, async () => {
  const { device, error } = await diagnose({ ISOCENTER_ADAPTER: "swiftshader", XDG_DATA_DIRS: "/nonexistent" });
  assertEquals(error, undefined);
  assertEquals(device?.adapter, "swiftshader");
});

Deno.test("openDevice() tells a thread that has chosen already", { ignore: Deno.build.os !== "linux" }, async () => {
  const message = await inChild(
    `Deno.env.set("DENO_WEBGPU_BACKEND", "gl");
     await navigator.gpu.requestAdapter();
     console.log(await openDevice({ adapter: "swiftshader" }).then(() => "opened", (error) => error.message));`,
    {},
  );
  assert(message.includes("this thread has chosen"), message);
  assert(message.includes("open it in a Worker"), message);
});

Deno.test("openDevice() opens in a Worker", async () => {
  const worker = new Worker(import.meta.resolve("./open_worker.ts"), { type: "module" });
  try {
    const { promise, resolve } = Promise.withResolvers<string>();
    worker.onmessage = (event) => resolve(event.data);
    worker.postMessage(null);
    assert(await promise !== "");
  } finally {
    worker.terminate();
  }
});

async function diagnose(env: Record<string, string>): Promise<Diagnosis> {
  return JSON.parse(await inChild("console.log(JSON.stringify(await probe()));", env));
}

async function inChild(script: string, env: Record<string, string>): Promise<string> {
  const face = new URL("engine/device/mod.ts", REPOSITORY).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", `import { openDevice, probe } from ${JSON.stringify(face)}; ${script}`],
    cwd: REPOSITORY,
    env,
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("openDevice() believes optional features that compute known answers, and does without them where asked", async () => {
  const all = await openDevice({ features: "all" });
  const core = await openDevice({ features: "core" });
  try {
    const none = { subgroupSize: 0, f16: false, mappableBuffers: false };
    assertEquals(core.info.proven, none);
    assert(!core.info.features.includes("subgroups"));
    for (const { info, facts } of [all, core]) {
      const { subgroupSize, f16, mappableBuffers } = facts;
      assertEquals({ subgroupSize, f16, mappableBuffers }, info.proven);
    }
    // What Deno grants on the software adapters today; elsewhere whatever was proven is believed.
    if (all.info.features.includes("subgroups")) {
      assertEquals(
        all.facts.subgroupSize,
        { lavapipe: 8, swiftshader: 4 }[all.info.adapter as string] ?? all.facts.subgroupSize,
      );
    }
  } finally {
    all.close();
    core.close();
  }
});
