/** The routes of jobs. */

import { streamSSE } from "npm:hono@4.13.19/streaming";
import { type Pipeline, pipelineOf } from "../pipeline/mod.ts";
import type { App, Parts } from "./app.ts";
import { contentType } from "./content_type.ts";
import type { JobEvent, JobStatus } from "./order.ts";
import { RequestError } from "./problem.ts";
import * as routes from "./routes.ts";
import { receiveUpload } from "./uploads.ts";

/** What a job writes that names no pipeline. */
const formats = ["png", "nifti", "dicom-seg", "dicom-sr"];

/** Adds the routes of jobs. */
export function addJobRoutes(app: App, { jobs, folder, stages, uploads, servers, metrics }: Parts): void {
  // Routes that the library would read the body of, or whose paths have slashes, are documented apart.
  app.openAPIRegistry.registerPath(routes.postJob);
  app.post("/v1/jobs", async (c) => {
    await jobs.admit();
    const store = c.req.query("store");
    const key = keyOf(c.req.header("idempotency-key"));
    if (store !== undefined) servers.prove(store);
    const place = `${folder}/${crypto.randomUUID()}`;
    let status: JobStatus;
    try {
      const { pipeline = defaultPipeline(stages, store !== undefined), study, hash } = await receiveUpload(
        c.req.raw,
        place,
        uploads,
      );
      if (study !== undefined) servers.prove(study.server);
      status = await jobs.add({ task: { pipeline, study, store }, folder: place, hash, key });
      metrics.accepted();
    } catch (error) {
      await Deno.remove(place, { recursive: true }).catch(() => {});
      throw error;
    }
    return c.json(status, 202, { location: `/v1/jobs/${status.id}` });
  });
  app.openapi(routes.getJob, async (c) => c.json(await jobs.get(c.req.valid("param").id) as never, 200));
  app.openapi(routes.deleteJob, async (c) => {
    await jobs.remove(c.req.valid("param").id);
    return c.body(null, 204);
  });
  app.openapi(routes.getEvents, async (c) => {
    const { id } = c.req.valid("param");
    await jobs.get(id);
    return streamSSE(c, async (stream) => {
      const left = new AbortController();
      stream.onAbort(() => left.abort());
      const told: Promise<void>[] = [];
      const tell = (event: JobEvent) => {
        told.push(stream.writeSSE({ event: event.type, data: JSON.stringify(event) }));
      };
      await jobs.follow(id, tell, left.signal);
      await Promise.all(told);
    });
  });
  app.openAPIRegistry.registerPath(routes.getResult);
  app.get("/v1/jobs/:id/results/:path{.+}", async (c) => {
    const path = c.req.param("path");
    const content = await jobs.open(c.req.param("id"), path);
    return new Response(content, { headers: { "content-type": contentType(path) } });
  });
}

/** The whole chain, with files that other programs read; what goes back to a DICOMweb server names its source. */
function defaultPipeline(stages: readonly string[], keepIdentity: boolean): Pipeline {
  const options: Readonly<Record<string, Record<string, unknown>>> = { export: { formats, keepIdentity } };
  const entries = pipelineOf(stages).stages;
  return {
    stages: entries.map((entry) => ({ ...entry, ...options[entry.stage] && { options: options[entry.stage] } })),
  };
}

function keyOf(key: string | undefined): string | undefined {
  if (key === undefined || key.length > 0 && key.length <= 255) return key;
  throw new RequestError(400, "bad-request", "The Idempotency-Key is empty or longer than 255 characters: shorten it");
}
