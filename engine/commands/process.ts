/** The command `process`: images in, results out. */
import { cacheFolder } from "./cache_folder.ts";
import { type AdapterChoice, prepareAdapter, type PreparedAdapter } from "../device/mod.ts";
import type { RunEvent } from "../pipeline/mod.ts";
import { readVectorWidth } from "../tuned/vector_width.ts";
import { plainText } from "./plain_text.ts";
import { parseProcessArguments, usage } from "./process_arguments.ts";
import { permissionsFor } from "./process_permissions.ts";
import type { FromWorker, ToWorker, Wiring } from "./process_worker.ts";
import { Terminal } from "./terminal.ts";

export type { Wiring } from "./process_worker.ts";

/** What ends a run early, with the exit status that tells it. */
const signals = (interrupted: number): Readonly<Partial<Record<Deno.Signal, number>>> =>
  Deno.build.os === "windows" ? { SIGINT: interrupted } : { SIGINT: interrupted, SIGTERM: interrupted, SIGHUP: 129 };

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
  const cache = cacheFolder();
  const worker = new Worker(new URL("./process_worker.ts", import.meta.url), {
    type: "module",
    name: "process",
    deno: { permissions: await permissionsFor(asked, cache) },
  });
  const send = (message: ToWorker) => worker.postMessage(message);
  const preparation = new AbortController();
  // While the Worker loads its modules the driver is brought up, and this thread loads its own: few, as all wait for cores.
  const prepared = prepare(asked.adapter, cache, preparation.signal);
  prepared.catch(() => {});
  const { interruptedStatus } = await import("../pipeline/exit_status.ts");
  const { OutputFolder } = await import("../pipeline/output_folder.ts");
  const { lastLines, Progress } = await import("./progress.ts");
  let interrupted: number | undefined;
  const interrupt = (status: number) => {
    interrupted = status;
    preparation.abort();
    send({ type: "interrupt" });
  };
  const listeners = Object.entries(signals(interruptedStatus)).map(([signal, status]) => {
    return [signal as Deno.Signal, () => interrupted === undefined ? interrupt(status) : Deno.exit(status)] as const;
  });
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  const terminal = new Terminal(interrupt);
  const answerWithAdapter = async () => {
    try {
      send({ type: "adapter", prepared: await prepared });
    } catch (error) {
      const { name, message } = error as Error;
      send({ type: "adapter", error: { name, message } });
    }
  };
  try {
    // The Worker may not look at the folders above, where links can be.
    await new OutputFolder(asked.output).proveApart(asked.inputs);
    const progress = new Progress(terminal.screen);
    const show = (event: RunEvent) => {
      if (asked.json) return terminal.print(jsonLine(event));
      progress.show(event);
      if (event.type === "finish") lastLines(event).forEach((line) => terminal.print(plainText(line)));
    };
    const ended = receive(worker, show, terminal, answerWithAdapter);
    send({ type: "start", asked, wiring, cache });
    const status = await ended;
    return interrupted ?? status;
  } finally {
    preparation.abort();
    // A driver that is being brought up as the process ends could be used after its end.
    await prepared.catch(() => {});
    // The Worker is left as it is: if it were taken down while the process ends, the driver could be used after its end.
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }
}

/** Brings the driver up, with the width of vectors that was measured for it. */
async function prepare(
  adapter: AdapterChoice | undefined,
  cache: string | undefined,
  signal: AbortSignal,
): Promise<PreparedAdapter> {
  const vectorWidth = cache === undefined ? undefined : await readVectorWidth(`${cache}/tuned`);
  return await prepareAdapter({ adapter, vectorWidth, signal });
}

/** Shows what the Worker tells, until it ends; gives its exit status. */
function receive(
  worker: Worker,
  show: (event: RunEvent) => void,
  terminal: Terminal,
  answerWithAdapter: () => Promise<void>,
): Promise<number> {
  return new Promise((resolve) => {
    worker.addEventListener("message", (message: MessageEvent<FromWorker>) => {
      const told = message.data;
      if (told.type === "adapter") answerWithAdapter();
      else if (told.type === "print") terminal.print(told.text);
      else if (told.type === "event") show(told.event);
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
