/** The command `process`: images in, results out. */
import type { RunEvent } from "../pipeline/mod.ts";
import { parseProcessArguments, type ProcessArguments, usage } from "./process_arguments.ts";
import type { FromWorker, ToWorker, Wiring } from "./process_worker.ts";
import { duration, Progress } from "./progress.ts";

export type { Wiring } from "./process_worker.ts";

/**
 * Runs the command in a Worker and shows its progress. Gives the exit status. An interrupt ends the run cleanly, what is done
 * is kept; a second one ends it at once. Throws a `UsageError` for wrong arguments.
 */
export async function process(args: readonly string[], wiring: Wiring): Promise<number> {
  const asked = parseProcessArguments(args);
  if (asked.help) {
    console.log(usage);
    return 0;
  }
  const worker = new Worker(new URL("./process_worker.ts", import.meta.url), { type: "module", name: "process" });
  const send = (message: ToWorker) => worker.postMessage(message);
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) Deno.exit(130);
    interrupted = true;
    send({ type: "interrupt" });
  };
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, interrupt);
  try {
    const ended = receive(worker, asked);
    send({ type: "start", asked, wiring });
    return await ended;
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, interrupt);
    worker.terminate();
  }
}

/** Shows what the Worker tells, until it ends; gives its exit status. */
function receive(worker: Worker, asked: ProcessArguments): Promise<number> {
  const progress = new Progress(screen());
  return new Promise((resolve) => {
    worker.addEventListener("message", (message: MessageEvent<FromWorker>) => {
      const told = message.data;
      if (told.type === "print") console.log(told.text);
      else if (told.type === "event" && asked.json) console.log(JSON.stringify(told.event));
      else if (told.type === "event") show(told.event, progress);
      else {
        if (told.error !== undefined) console.error(`error: ${told.error}`);
        resolve(told.status);
      }
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      console.error(`error: ${event.message}`);
      resolve(1);
    });
  });
}

function show(event: RunEvent, progress: Progress): void {
  progress.show(event);
  if (event.type !== "finish") return;
  const { done, failed } = event.summary.cases as { done: number; failed: number };
  const ending = event.status === 130 ? "; interrupted, go on with --resume" : "";
  console.log(`${done} cases done, ${failed} failed in ${duration(event.seconds)}${ending}`);
  for (const file of event.files) console.log(`${event.output}/${file}`);
}

/** Progress goes to standard error, so that standard output has the results only. */
function screen(): ConstructorParameters<typeof Progress>[0] {
  const isTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  return {
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns : 80,
    write: (text) => void Deno.stderr.writeSync(encoder.encode(text)),
    now: () => performance.now() / 1000,
  };
}
