/** The routes that answer at once: an image in, the result of a filter or a pipeline in the answer. */

import type { Context } from "npm:hono@4.13.19";
import { parsePipeline, type Pipeline } from "../pipeline/mod.ts";
import type { App, Parts } from "./app.ts";
import { contentType } from "./content_type.ts";
import { execute } from "./execution.ts";
import { RequestError } from "./problem.ts";
import { resultPaths } from "./results.ts";
import * as routes from "./routes.ts";
import type { Delivery } from "./service.ts";
import { receiveUpload } from "./uploads.ts";

/** Images that wait or run; the device does them beside a job. */
const mostAtOnce = 32;

/** Adds the routes of filters and of pipelines that are answered at once. */
export function addFilterRoutes(app: App, parts: Parts): void {
  const line = new Line(parts);
  app.openapi(routes.postFilter, async (c) => {
    const { filter } = c.req.valid("param");
    const { options: text = "{}", format } = c.req.valid("query");
    const stages = [
      { stage: "acquire" },
      { stage: "denoise", options: { ...parseOptions(text), filter } },
      { stage: "export", options: { formats: [format] } },
    ];
    return await line.answer(c, { stages }, `image.${format}`) as never;
  });
  app.openapi(routes.postImage, async (c) => {
    const { pipeline: text, file } = c.req.valid("query");
    return await line.answer(c, parsePipeline(text, "of the request"), file) as never;
  });
}

/** What is answered at once: some at a time, and no more. */
class Line {
  readonly #parts: Parts;
  #atOnce = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Runs a body through a pipeline, and answers with the first file of that name. */
  async answer(c: Context<{ Bindings: Delivery }>, pipeline: Pipeline, file: string): Promise<Response> {
    const { jobs, folder, uploads, device, servers, seconds } = this.#parts;
    await jobs.admit();
    if (this.#atOnce >= mostAtOnce) {
      const detail = `${mostAtOnce} images are at work, which is the most: try again later`;
      throw new RequestError(429, "queue-full", detail, { "retry-after": "1" });
    }
    const id = crypto.randomUUID();
    const place = `${folder}/${id}`;
    const left = new AbortController();
    c.env.completed?.catch(() => left.abort());
    this.#atOnce++;
    try {
      await receiveUpload(c.req.raw, place, uploads);
      const job = { id, task: { pipeline }, folder: place, signal: left.signal, onEvent: () => {} };
      const { problem } = await execute({ device, servers, seconds }, job);
      if (problem !== undefined) {
        const headers = { "content-type": "application/problem+json" };
        return Response.json(problem, { status: problem.status, headers });
      }
      const path = (await resultPaths(place)).find((name) => name === file || name.endsWith(`/${file}`));
      if (path === undefined) {
        throw new RequestError(422, "no-such-result", `The pipeline has written no ${file}: have export write it`);
      }
      const bytes = await Deno.readFile(`${place}/results/${path}`);
      return new Response(bytes, { headers: { "content-type": contentType(path) } });
    } finally {
      this.#atOnce--;
      await Deno.remove(place, { recursive: true }).catch(() => {});
    }
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
