/** `serve`: the engine as an HTTP service. */

import { parseArgs } from "@std/cli";
import { UsageError } from "../errors.ts";
import {
  bucketOf,
  dicomwebServer,
  listen,
  namedModels,
  originOf,
  queueServer,
  stopSignals,
  wholeNumber,
} from "./service_arguments.ts";
import type { Service, ServiceOptions } from "../service/service.ts";

const usage =
  `deno task serve [--port N] [--host NAME] [--folder DIR] [--token-file FILE] [--max-queued N] [--max-body MIB] [--seconds N]
                       [--origin URL]... [--model FOLDER]... [--dicomweb NAME=URL]... [--queue URL [--bucket URL]]

Serves the engine over HTTP; /openapi.json describes it.
  --port        default 8000; 0 takes a free one
  --host        default 127.0.0.1: only this machine. Others need a token
  --folder      where jobs are kept (default: a temporary folder, removed at the end)
  --token-file  a file whose content requests must send as Authorization: Bearer
  --max-queued  most jobs that may wait (default 64)
  --max-body    most MiB of a request's body (default 512)
  --seconds     most seconds that a job may run (default 600)
  --origin      an origin whose pages may send requests (CORS), such as https://viewer.example.com; may be repeated (default: none)
  --model       a model that pipelines may name by this path, besides those that are shipped; may be repeated
  --dicomweb    a DICOMweb server and the name by which jobs fetch studies there and store results; may be repeated
  --queue       a NATS server with JetStream where jobs wait for workers (deno task work), such as nats://localhost:4222
  --bucket      a bucket of an S3-compatible store for the files of the queue, such as https://s3.example.com/BUCKET;
                AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION are its credentials (default: NATS' object store)

With OTEL_DENO=true, spans go to OTEL_EXPORTER_OTLP_ENDPOINT.

SIGTERM and SIGINT end it once its jobs are done; a second signal ends it at once.
Exit status: 0 ended as asked, 1 a bug in this program, 2 wrong command.`;

const texts = ["port", "host", "folder", "token-file", "max-queued", "queue", "bucket", "max-body", "seconds"] as const;
const lists = ["model", "dicomweb", "origin"] as const;
const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Runs the command until it is ended, with the service and the models that the program brings along. Gives the exit status; throws
 * a `UsageError` for wrong arguments.
 */
export async function serve(
  args: readonly string[],
  openService: (options: Partial<ServiceOptions>) => Promise<Service>,
  models: ServiceOptions["models"],
): Promise<number> {
  const parsed = parseArgs(args, {
    string: [...texts, ...lists],
    collect: lists,
    boolean: ["help"],
    unknown: (argument) => {
      const known = [...texts, ...lists, "help"].map((name) => `--${name}`).join(", ");
      throw new UsageError(`Cannot use ${argument} as serve has no such argument: it has ${known}`);
    },
  });
  if (parsed.help) {
    console.log(usage);
    return 0;
  }
  const text = (name: typeof texts[number]) => parsed[name] as string | undefined;
  const hostname = text("host") ?? "127.0.0.1";
  const token = await readToken(text("token-file"));
  if (token === undefined && !loopback.has(hostname)) {
    throw new UsageError(`Cannot serve ${hostname} without a token as anyone could use it: give one with --token-file`);
  }
  const queue = text("queue");
  const bucket = text("bucket");
  if (bucket !== undefined && queue === undefined) {
    throw new UsageError(`Cannot use --bucket ${bucket} without a queue, for whose files it is: give one with --queue`);
  }
  const service = await openService({
    folder: text("folder"),
    token,
    queue: queue === undefined ? undefined : queueServer(queue),
    bucket: bucket === undefined ? undefined : bucketOf(bucket),
    origins: (parsed.origin as string[]).map(originOf),
    models: { ...models, ...namedModels(parsed.model as string[]) },
    dicomweb: Object.fromEntries((parsed.dicomweb as string[]).map(dicomwebServer)),
    maxBodyBytes: wholeNumber("max-body", text("max-body"), 512, 1, 1 << 20) * 2 ** 20,
    limits: {
      queued: wholeNumber("max-queued", text("max-queued"), 64, 1, 1 << 20),
      seconds: wholeNumber("seconds", text("seconds"), 600, 1, 1 << 20),
    },
  });
  const server = listen("Serving", hostname, wholeNumber("port", text("port"), 8000, 0, 65_535), service.fetch);
  const ending = Promise.withResolvers<void>();
  let asked = false;
  const end = () => {
    if (asked) Deno.exit(130);
    asked = true;
    ending.resolve();
  };
  for (const signal of stopSignals) Deno.addSignalListener(signal, end);
  await ending.promise;
  console.error("Ending: no further jobs are taken");
  await service.drain();
  await server.shutdown();
  await service.close();
  for (const signal of stopSignals) Deno.removeSignalListener(signal, end);
  return 0;
}

async function readToken(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    const token = (await Deno.readTextFile(path)).trim();
    if (token !== "") return token;
  } catch (error) {
    throw new UsageError(`Cannot read --token-file ${path}: ${(error as Error).message}`);
  }
  throw new UsageError(`Cannot use --token-file ${path} as it is empty: write the token into it`);
}
