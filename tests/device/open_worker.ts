/** The Worker of a test: opens a device and says which, and whether the driver variables are as before. */
import { openDevice } from "../../engine/device/mod.ts";

const scope = self as unknown as { postMessage(message: unknown): void };

self.addEventListener("message", async () => {
  const variables = () =>
    ["DENO_WEBGPU_BACKEND", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map((name) => Deno.env.get(name));
  const before = variables();
  const { info, close } = await openDevice();
  close();
  scope.postMessage({ adapter: info.adapter, same: JSON.stringify(before) === JSON.stringify(variables()) });
});
