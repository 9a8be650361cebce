/** The Worker in which a driver is tried, as the first adapter of a thread is final. */
import { describeAdapter } from "./adapter.ts";

/** What a Worker's scope has beyond the types of the main thread. */
const scope = self as unknown as { postMessage(message: unknown): void };

self.addEventListener("message", async () => {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  scope.postMessage(adapter === null ? null : describeAdapter(adapter));
});
