/** The Worker of a test: opens a device and says which. */
import { openDevice } from "../../engine/device/mod.ts";

const scope = self as unknown as { postMessage(message: unknown): void };

self.addEventListener("message", async () => {
  const { info, close } = await openDevice();
  close();
  scope.postMessage(info.adapter);
});
