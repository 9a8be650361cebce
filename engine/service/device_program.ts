/**
 * The process that owns the device of a service: it opens one engine and runs one job after another. A driver that crashes
 * takes this process with it and not the service.
 */
import { openEngine } from "../mod.ts";
import { exitStatus, Kept, type Plugin, runPipeline } from "../pipeline/mod.ts";
import { placeOf } from "./problem.ts";
import { type FromDevice, lineOf, messagesOf, type ToDevice } from "./device_messages.ts";

const encoder = new TextEncoder();

/** Milliseconds without a job after which models are warmed, as compiling holds up what runs; and for how long that is waited for. */
const idle = { least: 500, most: 30_000 };

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
tell({ type: "ready", adapter: engine.info.name });
const end = new AbortController();
const warming = warm(first.warm ?? [], end.signal);

for await (const message of messages) {
  if (message.type === "run") void run(message);
  else if (message.type === "cancel") cancelled.get(message.job)?.abort(new Error("The job was canceled"));
}
end.abort(new Error("The service has ended"));
await warming;

/** Resolves when no job has run for a while. */
async function untilIdle(signal: AbortSignal): Promise<void> {
  const step = 50;
  const begin = performance.now();
  for (let quiet = 0; quiet < idle.least && performance.now() - begin < idle.most; quiet += step) {
    await new Promise((resolve) => setTimeout(resolve, step));
    signal.throwIfAborted();
    if (cancelled.size > 0) quiet = 0;
  }
}

/** Opens models and compiles them for one case. */
async function warm(names: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    for (const name of names) {
      await untilIdle(signal);
      using net = await engine.loadModel(offered[name], { signal });
      const shape = (sizes: readonly unknown[]) => sizes.map((size) => typeof size === "number" ? size : 1);
      await net.warm(Object.fromEntries(net.inputs.map((input) => [input.name, shape(input.shape)])), { signal });
    }
    tell({ type: "warm" });
  } catch (error) {
    if (signal.aborted) return;
    log(exitStatus(error), error);
    tell({ type: "cold", message: error instanceof Error ? error.message : String(error) });
  }
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
