/** The Worker in which a driver is tried, as the first adapter of a thread is final. */
import { describeAdapter } from "./adapter.ts";
import type { DriverVariables } from "./attempt.ts";
import { requestAdapter } from "./surroundings.ts";

/** What a Worker's scope has beyond the types of the main thread. */
const scope = self as unknown as { postMessage(message: unknown): void };

self.addEventListener("message", async (event) => {
  const adapter = await requestAdapter((event as MessageEvent<DriverVariables | undefined>).data);
  scope.postMessage(adapter === null ? null : describeAdapter(adapter));
});
