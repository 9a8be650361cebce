/** The routes of the service with their schemas, which its OpenAPI document is made of. */

// @hono/zod-openapi makes routes and document of one declaration.
import { createRoute, z } from "npm:@hono/zod-openapi@1.6.3";
import { namedStudy } from "./uploads.ts";

const problem = z.object({
  type: z.string().describe("What kind of problem it is, such as /problems/input"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().describe("What is wrong, with the value, what is allowed and the remedy"),
}).openapi("Problem");

const job = z.object({
  id: z.uuid(),
  state: z.enum(["queued", "running", "done", "failed", "canceled"]),
  createdAt: z.iso.datetime(),
  cases: z.object({ all: z.number().int(), through: z.number().int() }).describe("How far it has come"),
  problem: problem.optional(),
  retries: z.number().int().describe("How often it was started again because the process that ran it died"),
  results: z.array(z.string()).describe("Paths of its results, once it is done"),
}).openapi("Job");

const binary = z.string().openapi({ format: "binary" });
const answer = (description: string, schema: z.ZodType, type = "application/json") => ({
  description,
  content: { [type]: { schema } },
});
const refusal = (description: string) => answer(description, problem, "application/problem+json");
const id = z.object({ id: z.uuid().openapi({ param: { name: "id", in: "path" } }) });
const related = z.string().openapi({ format: "binary", description: "A study as STOW-RS sends it" });
const form = z.object({
  files: z.array(binary).describe("A study: any number of files"),
  pipeline: z.string().optional().describe(
    "A pipeline as `process --pipeline` takes it; the whole chain where it is missing",
  ),
});
/** Optional: only where the service was given a token. */
const security: Record<string, string[]>[] = [{ bearer: [] }, {}];

/** `POST /v1/jobs`. */
export const postJob = createRoute({
  operationId: "postJob",
  tags: ["jobs"],
  method: "post",
  path: "/v1/jobs",
  summary: "Sends a study through a pipeline",
  security,
  request: {
    headers: z.object({
      "idempotency-key": z.string().min(1).max(255).optional().describe(
        "Requests with the same key and content give the same job",
      ),
    }),
    query: z.object({
      store: z.string().optional().describe(
        "Name of the DICOMweb server that gets the DICOM results, with the identity",
      ),
    }),
    body: {
      content: {
        "multipart/form-data": { schema: form },
        "multipart/related": { schema: related },
        "application/zip": { schema: binary },
        "application/dicom": { schema: binary },
        "application/json": { schema: namedStudy },
      },
      required: true,
    },
  },
  responses: {
    202: { ...answer("The job was taken", job), headers: z.object({ location: z.string() }) },
    400: refusal("The form or the pipeline is wrong"),
    401: refusal("The token is missing or wrong"),
    408: refusal("The body came too slowly"),
    413: refusal("The body is larger than is allowed"),
    415: refusal("The media type is none that is read"),
    422: refusal("The idempotency key was used for other content"),
    429: refusal("The queue is full"),
    503: refusal("The service is about to end"),
  },
});

/** `GET /v1/jobs/{id}`. */
export const getJob = createRoute({
  operationId: "getJob",
  tags: ["jobs"],
  method: "get",
  path: "/v1/jobs/{id}",
  summary: "Says where a job stands",
  security,
  request: { params: id },
  responses: {
    200: answer("The job", job),
    401: refusal("The token is missing or wrong"),
    404: refusal("No such job"),
  },
});

/** `DELETE /v1/jobs/{id}`. */
export const deleteJob = createRoute({
  operationId: "deleteJob",
  tags: ["jobs"],
  method: "delete",
  path: "/v1/jobs/{id}",
  summary: "Cancels a job, or removes the results of one that is over",
  security,
  request: { params: id },
  responses: {
    204: { description: "It is gone" },
    401: refusal("The token is missing or wrong"),
    404: refusal("No such job"),
  },
});

/** `GET /v1/jobs/{id}/events`. */
export const getEvents = createRoute({
  operationId: "getEvents",
  tags: ["jobs"],
  method: "get",
  path: "/v1/jobs/{id}/events",
  summary: "Tells the progress of a job as server-sent events, from its beginning to its end",
  security,
  request: { params: id },
  responses: {
    200: answer("Events: state, start, stage, progress, case, finish", z.string(), "text/event-stream"),
    401: refusal("The token is missing or wrong"),
    404: refusal("No such job"),
  },
});

/** `GET /v1/jobs/{id}/results/{path}`. */
export const getResult = createRoute({
  operationId: "getResult",
  tags: ["jobs"],
  method: "get",
  path: "/v1/jobs/{id}/results/{path}",
  summary: "A file of the results, such as run.json, report.html or cases/ID/mask.png",
  security,
  request: {
    params: id.extend({ path: z.string().openapi({ param: { name: "path", in: "path" }, example: "run.json" }) }),
  },
  responses: {
    200: answer("The file", binary, "application/octet-stream"),
    401: refusal("The token is missing or wrong"),
    404: refusal("No such job or result"),
  },
});

/** `POST /v1/filters/{filter}`. */
export const postFilter = createRoute({
  operationId: "postFilter",
  tags: ["filters"],
  method: "post",
  path: "/v1/filters/{filter}",
  summary: "Filters one image and answers with the result",
  security,
  request: {
    params: z.object({ filter: z.string().openapi({ param: { name: "filter", in: "path" }, example: "median" }) }),
    query: z.object({
      options: z.string().optional().describe("Options of the filter as JSON, as the stage denoise takes them"),
      format: z.enum(["png", "npy"]).default("png").describe(
        "png is windowed to 8 bits, npy are the values themselves",
      ),
    }),
    body: { content: { "application/octet-stream": { schema: binary } }, required: true },
  },
  responses: {
    200: answer("The filtered image", binary, "image/png"),
    400: refusal("The filter or its options are wrong"),
    401: refusal("The token is missing or wrong"),
    413: refusal("The body is larger than is allowed"),
    415: refusal("The media type is none that is read"),
    422: refusal("The image cannot be processed"),
    429: refusal("The queue is full"),
    503: refusal("The device is not usable, or the service is about to end"),
  },
});

/** `POST /v1/images`. */
export const postImage = createRoute({
  operationId: "postImage",
  tags: ["filters"],
  method: "post",
  path: "/v1/images",
  summary: "Sends one image through a pipeline and answers with a file of the results",
  security,
  request: {
    query: z.object({
      pipeline: z.string().describe("A pipeline as `process --pipeline` takes it, as JSON"),
      file: z.string().min(1).openapi({ example: "mask.png" }).describe("Name of the wanted file"),
    }),
    body: { content: { "application/octet-stream": { schema: binary } }, required: true },
  },
  responses: {
    200: answer("The file", binary, "application/octet-stream"),
    400: refusal("The pipeline is wrong"),
    401: refusal("The token is missing or wrong"),
    408: refusal("The body came too slowly"),
    413: refusal("The body is larger than is allowed"),
    415: refusal("The media type is none that is read"),
    422: refusal("The image cannot be processed, or there is no such file"),
    429: refusal("Too many images are at work"),
    503: refusal("The device is not usable, or the service is about to end"),
  },
});

/** `GET /healthz`. */
export const getHealth = createRoute({
  operationId: "getHealth",
  tags: ["system"],
  security: [],
  method: "get",
  path: "/healthz",
  summary: "Whether the service runs",
  responses: { 200: answer("It runs", z.object({ status: z.literal("ok") })) },
});

/** `GET /readyz`. */
export const getReady = createRoute({
  operationId: "getReady",
  tags: ["system"],
  security: [],
  method: "get",
  path: "/readyz",
  summary: "Whether the adapter is open, its self-test passed and the models warm",
  responses: {
    200: answer("It is ready", z.object({ status: z.literal("ready"), adapter: z.string() })),
    503: refusal("It is not ready"),
  },
});

/** `GET /metrics`. */
export const getMetrics = createRoute({
  operationId: "getMetrics",
  tags: ["system"],
  security: [],
  method: "get",
  path: "/metrics",
  summary: "What the service counts, for Prometheus",
  responses: { 200: answer("Prometheus' text format", z.string(), "text/plain") },
});
