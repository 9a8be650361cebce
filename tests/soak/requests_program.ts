/**
 * A process of its own, whose memory nobody else uses: `requests_program.ts service|sizes COUNT`, run with
 * `--v8-flags=--expose-gc`, makes requests and prints by how many MiB the process has grown at most since its warm-up,
 * without what the pool kept then.
 */
import { openEngine } from "../../engine/mod.ts";
import { requestsOfRandomSizes, requestsOfService } from "./requests.ts";

const mebibyte = 2 ** 20;
const [kind, count] = Deno.args;
await using engine = await openEngine({ memoryKept: 128 * mebibyte });
let most = 0;
const note = () => most = Math.max(most, Deno.memoryUsage().rss);
const requests = kind === "service" ? requestsOfService : requestsOfRandomSizes;
// Pipelines, and what the driver, the server and the garbage collector keep for themselves, come with the first requests:
// a service that only echoes, without an engine, grows by 32 MiB over its first 2,000.
await requests(engine, 1000, () => {});
// Garbage of the warm-up would be collected at some moment of what is measured, or not: that alone is worth 30 MiB.
const { gc } = globalThis as { gc?: () => void };
if (gc === undefined) throw new Error("Run it with --v8-flags=--expose-gc");
gc();
const before = Deno.memoryUsage().rss - engine.stats().bytes.kept;
await requests(engine, Number(count), note);
console.log(
  JSON.stringify({ grown: Math.round((most - before) / mebibyte), kept: engine.stats().bytes.kept / mebibyte }),
);
