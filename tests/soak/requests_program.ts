/**
 * A process of its own, whose memory nobody else uses: `requests_program.ts service|sizes COUNT`, run with
 * `--v8-flags=--expose-gc`, makes requests and prints by how many MiB the process has grown since its warm-up, without
 * what the pool kept then, and by how many what the program itself holds on its heap.
 */
import { openEngine } from "../../engine/mod.ts";
import { requestsOfRandomSizes, requestsOfService } from "./requests.ts";

const mebibyte = 2 ** 20;
const [kind, count] = Deno.args;
await using engine = await openEngine({ memoryKept: 128 * mebibyte });
const requests = kind === "service" ? requestsOfService : requestsOfRandomSizes;
const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error("Run it with --v8-flags=--expose-gc");
/** MiB of the process and of the heap that is in use. Garbage, collected at some moment or not, alone is worth 30 MiB. */
function held(): { process: number; heap: number } {
  gc!();
  const { rss, heapUsed } = Deno.memoryUsage();
  return { process: rss / mebibyte, heap: heapUsed / mebibyte };
}
// Pipelines, and what the driver, the server and the garbage collector keep for themselves, come with the first requests:
// a service that only echoes, without an engine, grows by 32 MiB over its first 2,000.
await requests(engine, 1000);
const before = held(), keptBefore = engine.stats().bytes.kept / mebibyte;
await requests(engine, Number(count));
const after = held();
console.log(JSON.stringify({
  grown: Math.round(after.process - before.process + keptBefore),
  heap: after.heap - before.heap,
  kept: engine.stats().bytes.kept / mebibyte,
}));
