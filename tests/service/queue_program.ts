/** A service on a queue, or a worker of it, with few plugins. Arguments: `serve` or `work`, the queue, the port of `serve`. */
import { openService } from "../../engine/service/service.ts";
import { openWorker } from "../../engine/service/worker.ts";

const [kind, queue, port] = Deno.args;
const stages = ["acquire", "denoise", "export"];
const plugins = stages.map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`));
if (kind === "serve") {
  const { fetch } = await openService({ plugins, stages, models: {}, queue, limits: { queued: 1000 } });
  Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => console.log("ready") }, fetch);
} else {
  const worker = await openWorker({ plugins, models: {}, queue, ackWait: 2000, maxDeliver: 50 });
  console.log("ready");
  Deno.addSignalListener("SIGTERM", () => worker.stop());
  await worker.stopped;
  await worker[Symbol.asyncDispose]();
}
