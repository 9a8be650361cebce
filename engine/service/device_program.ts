/**
 * The process that owns the device of a service: it opens one engine and runs one job after another. A driver that crashes
 * takes this process with it and not the service.
 */
import { openEngine } from "../mod.ts";
import { exitStatus, Kept, type Plugin, runPipeline } from "../pipeline/mod.ts";
import { placeOf } from "./problem.ts";
import { type FromDevice, lineOf, messagesOf, type ToDevice } from "./device_messages.ts";

const encoder = new TextEncoder();
const cancelled = new Map<string, AbortController>();

function tell(message: FromDevice): void {
  let bytes = encoder.encode(lineOf(message));
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
  } catch (error) {
    // The service has died: nobody waits for the rest.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}

const messages = messagesOf<ToDevice>(Deno.stdin.readable);
const first = (await messages.next()).value as Extract<ToDevice, { type: "open" }> | undefined;
if (first === undefined) Deno.exit(0);
const offered = first.models;
using kept = new Kept();
await using engine = await openEngine();
const plugins: Plugin[] = await Promise.all(first.plugins.map(async (url) => (await import(url)).default));
for (const name of first.warm ?? []) (await engine.loadModel(offered[name])).close();
tell({ type: "ready", adapter: engine.info.name });

for await (const message of messages) {
  if (message.type === "run") void run(message);
  else if (message.type === "cancel") cancelled.get(message.job)?.abort(new Error("The job was canceled"));
}

async function run({ job, pipeline, inputs, output }: Extract<ToDevice, { type: "run" }>): Promise<void> {
  const controller = new AbortController();
  cancelled.set(job, controller);
  try {
    const { status, error } = await runPipeline(pipeline, {
      engine,
      plugins,
      inputs,
      output,
      // A client's pipeline has no say over the files of this machine.
      models: offered,
      kept,
      // Names of files may be names of people, and ids stand in paths, which are logged everywhere.
      caseNames: "numbers",
      signal: controller.signal,
      onEvent: (event) => tell({ type: "event", job, event }),
    });
    log(status, error);
    tell({ type: "end", job, status, ...error instanceof Error && { message: error.message } });
  } catch (error) {
    log(exitStatus(error), error);
    const message = error instanceof Error ? error.message : String(error);
    tell({ type: "end", job, status: exitStatus(error), message });
  } finally {
    cancelled.delete(job);
  }
}

/** Where a fault of ours happened; its message may name what was sent. */
function log(status: number, error: unknown): void {
  if (status === 1) console.error(placeOf(error));
}
