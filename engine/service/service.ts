/** The engine as an HTTP service: jobs in a queue, their progress and results, and filters answered at once. */

import { OpenAPIHono } from "npm:@hono/zod-openapi@1.6.3";
import { bodyLimit } from "npm:hono@4.13.19/body-limit";
import { streamSSE } from "npm:hono@4.13.19/streaming";
import { contentType } from "./content_type.ts";
import { DeviceProcess, type DeviceProgram } from "./device_process.ts";
import { Job, type JobLimits, Jobs } from "./jobs.ts";
import { Metrics } from "./metrics.ts";
import { problemResponse, RequestError } from "./problem.ts";
import * as routes from "./routes.ts";
import { receiveUpload, type Upload } from "./uploads.ts";
import { pipelineOf } from "../pipeline/mod.ts";

/** How a service is set up. */
export interface ServiceOptions extends DeviceProgram {
  /** The stages of a job that names no pipeline. */
  readonly stages: readonly string[];
  /** The folder that holds jobs while they are kept; a temporary one where none is named. */
  readonly folder?: string;
  /** What `Authorization: Bearer` has to say; without it everybody is served. */
  readonly token?: string;
  /** Most bytes of a body. Default 512 MiB. */
  readonly maxBodyBytes?: number;
  /** Bounds of the queue. */
  readonly limits?: Partial<JobLimits>;
}

/** What `Deno.serve` tells a handler of a request: a promise that is rejected where the client leaves. */
export interface Delivery {
  /** Settles when the answer is delivered, or can't be. */
  readonly completed?: Promise<void>;
}

/** A service; `fetch` answers requests as `Deno.serve` and `deno serve` want it. */
export interface Service extends AsyncDisposable {
  /** Answers a request. */
  readonly fetch: (request: Request, info?: Delivery) => Response | Promise<Response>;
  /** Takes no further job and waits for those that are there. */
  drain(): Promise<void>;
  /** Ends the device's process and removes what is kept. */
  close(): Promise<void>;
}

const defaultLimits: JobLimits = { queued: 64, kept: 256, seconds: 600 };
/** Idempotency keys that are remembered. */
const keptKeys = 10_000;

/** Opens a service. The device's process starts at once, `/readyz` says when it is ready. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const folder = options.folder ?? await Deno.makeTempDir({ prefix: "isocenter-" });
  await Deno.mkdir(folder, { recursive: true });
  const device = new DeviceProcess(options);
  const metrics = new Metrics();
  const jobs = new Jobs(device, { ...defaultLimits, ...options.limits }, metrics);
  metrics.watch(jobs, device);
  device.ready.catch(() => {});
  const app = createApp({ options, folder, device, metrics, jobs });
  const close = async () => {
    await device.close();
    if (options.folder === undefined) await Deno.remove(folder, { recursive: true });
  };
  return {
    fetch: (request, info = {}) => app.fetch(request, info),
    drain: () => jobs.drain(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Parts {
  readonly options: ServiceOptions;
  readonly folder: string;
  readonly device: DeviceProcess;
  readonly metrics: Metrics;
  readonly jobs: Jobs;
}

function createApp({ options, folder, device, metrics, jobs }: Parts): OpenAPIHono<{ Bindings: Delivery }> {
  const { token, stages, maxBodyBytes = 512 * 2 ** 20 } = options;
  const keys = new Map<string, { readonly hash: string; readonly job: Job }>();
  const app = new OpenAPIHono<{ Bindings: Delivery }>({
    defaultHook: (result) => {
      if (result.success) return;
      const { path, message } = result.error.issues[0];
      throw new RequestError(400, "bad-request", `${path.join(".")}: ${message}`);
    },
  });
  const refuse = (error: unknown) => {
    const response = problemResponse(error);
    metrics.refused(response.status);
    if (response.status === 500) console.error(error);
    return response;
  };
  app.onError((error) => refuse(error));
  app.notFound((c) => refuse(new RequestError(404, "no-such-route", `There is no ${c.req.path}: see /openapi.json`)));
  app.use("/v1/*", async (c, next) => {
    if (token !== undefined && !await isSame(c.req.header("authorization") ?? "", `Bearer ${token}`)) {
      const detail = "The token is missing or wrong: send Authorization: Bearer TOKEN";
      throw new RequestError(401, "unauthorized", detail, { "www-authenticate": "Bearer" });
    }
    await next();
  });
  const onError = () => {
    throw new RequestError(413, "too-large", `The body has more than ${maxBodyBytes} bytes: send less at once`);
  };
  app.use("/v1/*", bodyLimit({ maxSize: maxBodyBytes, onError }));

  /** Takes an upload as a job, or gives the job that its key stands for. */
  const take = async (request: Request, pipeline: (upload: Upload) => Job["pipeline"], key?: string): Promise<Job> => {
    jobs.admit();
    const place = `${folder}/${crypto.randomUUID()}`;
    try {
      const upload = await receiveUpload(request, place);
      const known = key === undefined ? undefined : keys.get(key);
      if (known !== undefined) {
        await Deno.remove(place, { recursive: true });
        if (known.hash === upload.hash) return known.job;
        throw new RequestError(422, "idempotency-key", "The idempotency key stands for other content: use a new one");
      }
      const job = new Job(pipeline(upload), place, upload.inputs);
      jobs.add(job);
      if (key !== undefined) {
        keys.set(key, { hash: upload.hash, job });
        if (keys.size > keptKeys) keys.delete(keys.keys().next().value!);
      }
      return job;
    } catch (error) {
      await Deno.remove(place, { recursive: true }).catch(() => {});
      throw error;
    }
  };

  // Routes that the library would read the body of, or whose paths have slashes, are documented apart.
  app.openAPIRegistry.registerPath(routes.postJob);
  app.post("/v1/jobs", async (c) => {
    const job = await take(
      c.req.raw,
      ({ pipeline }) => pipeline ?? pipelineOf(stages),
      c.req.header("idempotency-key"),
    );
    return c.json(await describe(job), 202, { location: `/v1/jobs/${job.id}` });
  });
  app.openapi(routes.getJob, async (c) => c.json(await describe(jobs.get(c.req.valid("param").id)), 200));
  app.openapi(routes.deleteJob, async (c) => {
    await jobs.remove(jobs.get(c.req.valid("param").id));
    return c.body(null, 204);
  });
  app.openapi(routes.getEvents, (c) => {
    const job = jobs.get(c.req.valid("param").id);
    return streamSSE(c, async (stream) => {
      const told: Promise<void>[] = [];
      const tell = (event: { readonly type: string }) => {
        told.push(stream.writeSSE({ event: event.type, data: JSON.stringify(event) }));
      };
      for (const event of [{ type: "state", state: job.state }, ...job.events]) tell(event);
      const stop = job.follow(tell);
      const left = Promise.withResolvers<void>();
      stream.onAbort(() => left.resolve());
      await Promise.race([job.ended, left.promise]);
      stop();
      await Promise.all(told);
    });
  });
  app.openAPIRegistry.registerPath(routes.getResult);
  app.get("/v1/jobs/:id/results/:path{.+}", async (c) => {
    const job = jobs.get(c.req.param("id"));
    const path = c.req.param("path");
    if (!(await resultsOf(job)).includes(path)) {
      throw new RequestError(404, "no-such-result", "The job has no such result: GET the job for their paths");
    }
    const file = await Deno.open(`${job.output}/${path}`);
    return new Response(file.readable, { headers: { "content-type": contentType(path) } });
  });
  app.openapi(routes.postFilter, async (c) => {
    const { filter } = c.req.valid("param");
    const { options: text = "{}", format } = c.req.valid("query");
    const given = parseOptions(text);
    const job = await take(c.req.raw, () => ({
      stages: [
        { stage: "acquire" },
        { stage: "denoise", options: { ...given, filter } },
        { stage: "export", options: { formats: [format] } },
      ],
    }));
    c.env.completed?.catch(() => jobs.remove(job));
    await job.ended;
    try {
      if (job.problem !== undefined) return Response.json(job.problem, problemInit(job.problem.status)) as never;
      const path = (await resultsOf(job)).find((name) => name.endsWith(`/image.${format}`));
      if (path === undefined) throw new RequestError(422, "input", "The file holds no image that can be filtered");
      const bytes = await Deno.readFile(`${job.output}/${path}`);
      return new Response(bytes, { headers: { "content-type": contentType(path) } }) as never;
    } finally {
      await jobs.remove(job);
    }
  });
  app.openapi(routes.getHealth, (c) => c.json({ status: "ok" as const }, 200));
  app.openapi(routes.getReady, async (c) => {
    const waiting = new RequestError(503, "not-ready", "The device's process is still starting: ask again", {
      "retry-after": "1",
    });
    const adapter = await Promise.race([
      device.ready,
      new Promise<never>((_, reject) => setTimeout(() => reject(waiting), 100)),
    ]);
    return c.json({ status: "ready" as const, adapter }, 200);
  });
  app.openapi(routes.getMetrics, async (c) => {
    return c.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Isocenter",
      version: "1",
      description: "Medical images through pipelines of filters and networks. A research tool and no medical device.",
      license: { name: "MIT" },
    },
    servers: [{ url: "/" }],
  });
  return app;
}

/** A job as its route gives it. */
async function describe(job: Job) {
  const start = job.events.find((event) => event.type === "start");
  return {
    id: job.id,
    state: job.state,
    createdAt: job.createdAt.toISOString(),
    cases: { all: start?.cases ?? 0, through: job.events.filter((event) => event.type === "case").length },
    ...job.problem && { problem: job.problem },
    results: await resultsOf(job),
  };
}

/** Paths of all results, as the run's records state them. */
async function resultsOf(job: Job): Promise<string[]> {
  if (!job.isOver || job.state === "canceled") return [];
  try {
    const run = JSON.parse(await Deno.readTextFile(`${job.output}/run.json`));
    const cases = (run.cases ?? []) as { files?: string[] }[];
    return ["run.json", ...run.files ?? [], ...cases.flatMap(({ files = [] }) => files)];
  } catch {
    // It failed before it wrote anything.
    return [];
  }
}

function parseOptions(text: string): Record<string, unknown> {
  try {
    const options = JSON.parse(text);
    if (typeof options === "object" && options !== null && !Array.isArray(options)) return options;
  } catch {
    // It is no JSON, which the refusal says as well.
  }
  throw new RequestError(400, "bad-request", `options is ${text}, but must be an object of JSON such as {"radius":2}`);
}

const problemInit = (status: number) => ({ status, headers: { "content-type": "application/problem+json" } });

/** Compares texts in a time that tells nothing of where they differ. */
async function isSame(a: string, b: string): Promise<boolean> {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const [left, right] = [await digest(a), await digest(b)];
  return left.reduce((differs, byte, index) => differs | (byte ^ right[index]), 0) === 0;
}
