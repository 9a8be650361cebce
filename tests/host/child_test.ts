import { assertEquals, assertRejects } from "@std/assert";
import { planAttempts } from "../../engine/device/attempt.ts";
import { tryInChild } from "../../engine/device/child.ts";
import { DeviceError } from "../../engine/errors.ts";

Deno.test("a driver that ends its process is refused with the reason", async () => {
  const script =
    "console.error(`thread 'main' panicked at wgpu-hal/gles/egl.rs:1:1:\\ncalled unwrap on None`); Deno.exit(101);";
  const error = await assertRejects(() => tryInChild("OpenGL", undefined, script), DeviceError);
  assertEquals(
    error.message,
    'adapter is "opengl", but its driver ends the process (status 101: called unwrap on None): use adapter "auto"',
  );
  const killed = "Deno.kill(Deno.pid, 'SIGABRT'); await new Promise((resolve) => setTimeout(resolve, 10_000));";
  await assertRejects(() => tryInChild("OpenGL", undefined, killed), DeviceError, "(SIGABRT: ");
  await tryInChild("OpenGL", undefined, "console.log(Deno.env.get('HOME'));");
});

Deno.test("OpenGL is tried in a child, other drivers aren't", () => {
  const variables = { DENO_WEBGPU_BACKEND: undefined, VK_DRIVER_FILES: undefined, VK_ICD_FILENAMES: undefined };
  const found = { os: "linux", arch: "x86_64", variables, named: undefined, installed: [] } as const;
  assertEquals(planAttempts("opengl", found).attempts.map(({ isRisky }) => isRisky), [true]);
  assertEquals(planAttempts("auto", found).attempts.some(({ isRisky }) => isRisky), false);
});
