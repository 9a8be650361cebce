/** `work`: a worker that does the jobs of a queue. */

import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";
import type { DeviceProgram } from "../service/device_messages.ts";
import type { Bucket } from "../service/s3_payloads.ts";
import {
  bucketOf,
  dicomwebServer,
  listen,
  namedModels,
  queueServer,
  stopSignals,
  wholeNumber,
} from "./service_arguments.ts";

const usage =
  `deno task work --queue URL [--bucket URL] [--model FOLDER]... [--dicomweb NAME=URL]... [--at-once N] [--seconds N]
                      [--max-deliver N] [--ack-wait SECONDS] [--port N [--host NAME]]
deno task work --queue URL [--bucket URL] --dead-letters | --send-again ID

Works through the jobs that serve --queue URL puts into a queue, several at a time; start one per device.
  --queue         a NATS server with JetStream, such as nats://localhost:4222
  --bucket        the bucket that serve --bucket names; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION are its credentials
  --model         a model that pipelines may name by this path, besides those that are shipped; may be repeated
  --dicomweb      a DICOMweb server and the name by which jobs fetch studies there and store results; may be repeated
  --at-once       jobs that share the device (default 4): while one waits for the device, the others go on
  --seconds       most seconds that a job may run (default 600)
  --max-deliver   workers that may die while doing a job before it is put aside (default 3)
  --ack-wait      seconds after which the job of a silent worker goes to another (default 30)
  --port          answers /healthz, /readyz and /metrics there; 0 takes a free port (default: none)
  --host          default 127.0.0.1
  --dead-letters  lists the jobs that were put aside, one line of JSON each
  --send-again    puts one of them back into the queue

SIGTERM and SIGINT end it once its job is done; a second signal ends it at once, and the job goes to another worker.
Exit status: 0 ended as asked, 1 a bug in this program, 2 wrong command, 3 no usable device.`;

const texts = [
  "queue",
  "at-once",
  "seconds",
  "max-deliver",
  "ack-wait",
  "send-again",
  "bucket",
  "port",
  "host",
] as const;
const lists = ["model", "dicomweb"] as const;

/** Runs the command until it is ended, with the plugins and models that the program brings along. Gives the exit status. */
export async function work(args: readonly string[], program: DeviceProgram): Promise<number> {
  const parsed = parseArgs(args, {
    string: [...texts, ...lists],
    collect: lists,
    boolean: ["help", "dead-letters"],
    unknown: (argument) => {
      const known = [...texts, ...lists, "dead-letters", "help"].map((name) => `--${name}`).join(", ");
      throw new UsageError(`Cannot use ${argument} as work has no such argument: it has ${known}`);
    },
  });
  if (parsed.help) {
    console.log(usage);
    return 0;
  }
  const text = (name: typeof texts[number]) => parsed[name] as string | undefined;
  const url = text("queue");
  if (url === undefined) {
    throw new UsageError("work has no queue: give one with --queue, such as nats://localhost:4222");
  }
  const queue = queueServer(url);
  const bucket = text("bucket") === undefined ? undefined : bucketOf(text("bucket")!);
  const letter = text("send-again");
  if (parsed["dead-letters"] || letter !== undefined) return await lookAtLetters(queue, bucket, letter);
  const { openWorker } = await import("../service/worker.ts");
  await using worker = await openWorker({
    ...program,
    models: { ...program.models, ...namedModels(parsed.model as string[]) },
    queue,
    bucket,
    dicomweb: Object.fromEntries((parsed.dicomweb as string[]).map(dicomwebServer)),
    atOnce: wholeNumber("at-once", text("at-once"), 4, 1, 64),
    seconds: wholeNumber("seconds", text("seconds"), 600, 1, 1 << 20),
    maxDeliver: wholeNumber("max-deliver", text("max-deliver"), 3, 1, 100),
    ackWait: wholeNumber("ack-wait", text("ack-wait"), 30, 1, 3600) * 1000,
  });
  const port = text("port");
  const server = port === undefined ? undefined : listen(
    "Working, and telling of it at",
    text("host") ?? "127.0.0.1",
    wholeNumber("port", port, 0, 0, 65_535),
    worker.fetch,
  );
  if (server === undefined) console.log("Working");
  let asked = false;
  const end = () => {
    if (asked) Deno.exit(130);
    asked = true;
    worker.stop();
  };
  for (const signal of stopSignals) Deno.addSignalListener(signal, end);
  await worker.stopped;
  await server?.shutdown();
  for (const signal of stopSignals) Deno.removeSignalListener(signal, end);
  return 0;
}

async function lookAtLetters(queue: string, bucket: Bucket | undefined, id: string | undefined): Promise<number> {
  const { NatsStore } = await import("../service/nats_store.ts");
  const { deadLetters, sendAgain } = await import("../service/dead_letters.ts");
  await using store = await NatsStore.open(queue, { bucket });
  if (id === undefined) {
    for (const letter of await deadLetters(store)) console.log(JSON.stringify(letter));
  } else if (!await sendAgain(store, id)) {
    throw new UsageError(`There is no dead letter ${id}: --dead-letters lists them`);
  }
  return 0;
}
