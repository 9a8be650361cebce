/** The engine as an HTTP service: jobs in a queue, their progress and results, and filters answered at once. */

import { createApp } from "./app.ts";
import type { DeviceProgram } from "./device_messages.ts";
import { DeviceProcess } from "./device_process.ts";
import { type DicomwebServer, DicomwebServers } from "./dicomweb.ts";
import { type JobLimits, Jobs } from "./jobs.ts";
import type { NatsJobs } from "./nats_jobs.ts";
import { Metrics } from "./metrics.ts";
import type { Bucket } from "./s3_payloads.ts";

/** How a service is set up. */
export interface ServiceOptions extends DeviceProgram {
  /** The stages of a job that names no pipeline. */
  readonly stages: readonly string[];
  /** The folder that holds jobs while they are kept. Default: a temporary one. */
  readonly folder?: string;
  /** The token that `Authorization: Bearer` must carry; without one everybody is served. */
  readonly token?: string;
  /** Origins such as `https://viewer.example.com` whose pages may ask (CORS). Default none: only the service's own page. */
  readonly origins?: readonly string[];
  /** Most bytes of a body. Default 512 MiB. */
  readonly maxBodyBytes?: number;
  /** Most seconds that a body may take to arrive. Default 300. */
  readonly maxBodySeconds?: number;
  /** Limits of the queue. */
  readonly limits?: Partial<JobLimits>;
  /**
   * A NATS server with JetStream, such as `nats://localhost:4222`: jobs wait there and workers do them, not this process.
   */
  readonly queue?: string;
  /** A bucket of an S3-compatible store that has the files of the queue; default: the object store of its NATS server. */
  readonly bucket?: Bucket;
  /** DICOMweb servers by the names under which jobs fetch studies there and store results. */
  readonly dicomweb?: Readonly<Record<string, DicomwebServer>>;
}

/** What `Deno.serve` tells a handler about a request: a promise that is rejected if the client disconnects. */
export interface Delivery {
  /** Settles when the response has been delivered, or can't be. */
  readonly completed?: Promise<void>;
}

/** A service; `fetch` answers requests as `Deno.serve` and `deno serve` want it. */
export interface Service extends AsyncDisposable {
  /** Answers a request. */
  readonly fetch: (request: Request, info?: Delivery) => Response | Promise<Response>;
  /** Accepts no further jobs and waits for the present ones. */
  drain(): Promise<void>;
  /** Ends the device process and removes what is kept. */
  close(): Promise<void>;
}

const defaultLimits: JobLimits = { queued: 64, kept: 256, seconds: 600 };
const defaultBodyBytes = 512 * 2 ** 20;
const defaultBodySeconds = 300;

/** Opens a service. The device's process starts at once, `/readyz` says when it is ready. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { maxBodyBytes = defaultBodyBytes, maxBodySeconds = defaultBodySeconds, dicomweb = {} } = options;
  if (options.folder !== undefined) await Deno.mkdir(options.folder, { recursive: true });
  const folder = await Deno.realPath(options.folder ?? await Deno.makeTempDir({ prefix: "isocenter-" }));
  const limits = { ...defaultLimits, ...options.limits };
  const device = new DeviceProcess(options, folder);
  const servers = new DicomwebServers(dicomweb, maxBodyBytes);
  const metrics = new Metrics();
  const queue = options.queue === undefined ? undefined : await openQueue(options.queue, limits.queued, options.bucket);
  const jobs = queue ?? new Jobs({ device, servers }, limits, metrics);
  metrics.watch(jobs, device);
  device.ready.catch(() => {});
  const uploads = { bytes: maxBodyBytes, seconds: maxBodySeconds };
  const { token, stages, origins = [] } = options;
  const app = createApp({
    token,
    origins,
    stages,
    uploads,
    folder,
    device,
    servers,
    metrics,
    jobs,
    seconds: limits.seconds,
  });
  const close = async () => {
    await device.close();
    await queue?.[Symbol.asyncDispose]();
    if (options.folder === undefined) await Deno.remove(folder, { recursive: true });
  };
  return {
    fetch: (request, info = {}) => app.fetch(request, info),
    drain: () => jobs.drain(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The client of NATS is loaded where it is used. */
async function openQueue(url: string, most: number, bucket: Bucket | undefined): Promise<NatsJobs> {
  const { NatsJobs } = await import("./nats_jobs.ts");
  return await NatsJobs.open(url, most, { bucket });
}
