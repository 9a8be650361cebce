/** The command `process`: images in, results out. */
import { cacheFolder } from "./cache_folder.ts";
import { prepareAdapter } from "../device/mod.ts";
import { counted, interruptedStatus, OutputFolder, type RunEvent } from "../pipeline/mod.ts";
import { readVectorWidth } from "../tuned/vector_width.ts";
import { plainText } from "./plain_text.ts";
import { parseProcessArguments, type ProcessArguments, usage } from "./process_arguments.ts";
import { permissionsFor } from "./process_permissions.ts";
import type { FromWorker, ToWorker, Wiring } from "./process_worker.ts";
import { duration, Progress } from "./progress.ts";
import { Terminal } from "./terminal.ts";

export type { Wiring } from "./process_worker.ts";

/** What ends a run early, with the exit status that tells it. */
const signals: Readonly<Partial<Record<Deno.Signal, number>>> = Deno.build.os === "windows"
  ? { SIGINT: interruptedStatus }
  : { SIGINT: interruptedStatus, SIGTERM: interruptedStatus, SIGHUP: 129 };

/**
 * Runs the command in a Worker and shows its progress. Gives the exit status. An interrupt ends the run cleanly, what is done
 * is kept; a second one ends it at once. A terminal or pipe that is gone or full ends it as well. Throws a `UsageError` for
 * wrong arguments.
 */
export async function process(args: readonly string[], wiring: Wiring): Promise<number> {
  const asked = parseProcessArguments(args);
  if (asked.help) {
    console.log(usage);
    return 0;
  }
  // The Worker may not look at the folders above, where links can be.
  await new OutputFolder(asked.output).proveApart(asked.inputs);
  const cache = cacheFolder();
  const worker = new Worker(new URL("./process_worker.ts", import.meta.url), {
    type: "module",
    name: "process",
    deno: { permissions: await permissionsFor(asked, cache) },
  });
  const send = (message: ToWorker) => worker.postMessage(message);
  const preparation = new AbortController();
  let interrupted: number | undefined;
  const interrupt = (status: number) => {
    interrupted = status;
    preparation.abort();
    send({ type: "interrupt" });
  };
  const listeners = Object.entries(signals).map(([signal, status]) => {
    return [signal as Deno.Signal, () => interrupted === undefined ? interrupt(status) : Deno.exit(status)] as const;
  });
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  const terminal = new Terminal(interrupt);
  const prepare = async () => {
    try {
      const vectorWidth = cache === undefined ? undefined : await readVectorWidth(`${cache}/tuned`);
      const { signal } = preparation;
      const prepared = await prepareAdapter({ adapter: asked.adapter, vectorWidth, signal });
      send({ type: "adapter", prepared });
    } catch (error) {
      const { name, message } = error as Error;
      send({ type: "adapter", error: { name, message } });
    }
  };
  try {
    const ended = receive(worker, asked, terminal, prepare);
    send({ type: "start", asked, wiring, cache });
    const status = await ended;
    return interrupted ?? status;
  } finally {
    // The Worker is left as it is: if it were taken down while the process ends, the driver could be used after its end.
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
}

/** Shows what the Worker tells, until it ends; gives its exit status. */
function receive(
  worker: Worker,
  asked: ProcessArguments,
  terminal: Terminal,
  prepare: () => Promise<void>,
): Promise<number> {
  const progress = new Progress(terminal.screen);
  return new Promise((resolve) => {
    worker.addEventListener("message", (message: MessageEvent<FromWorker>) => {
      const told = message.data;
      if (told.type === "adapter") prepare();
      else if (told.type === "print") terminal.print(told.text);
      else if (told.type === "event" && asked.json) terminal.print(jsonLine(told.event));
      else if (told.type === "event") show(told.event, progress, terminal);
      else {
        // A fault of ours is told with the lines of its stack, whose names are ours.
        const plain = told.status === 1 ? (text: string) => text.split("\n").map(plainText).join("\n") : plainText;
        if (told.error !== undefined) terminal.complain(`error: ${plain(told.error)}`);
        resolve(told.status);
      }
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      terminal.complain(`error: ${plainText(event.message)}`);
      resolve(1);
    });
  });
}

/** An event as one line of JSON that no terminal obeys. */
function jsonLine(event: RunEvent): string {
  return plainText(JSON.stringify(event)).replaceAll(/\\x(..)/g, "\\u00$1");
}

function show(event: RunEvent, progress: Progress, terminal: Terminal): void {
  progress.show(event);
  if (event.type !== "finish") return;
  const { done, failed } = event.summary.cases as { done: number; failed: number };
  const ending = event.status === interruptedStatus ? "; interrupted, go on with --resume" : "";
  terminal.print(`${counted(done, "case")} done, ${failed} failed in ${duration(event.seconds)}${ending}`);
  for (const file of event.files) terminal.print(plainText(`${event.output}/${file}`));
}
