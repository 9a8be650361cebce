/** The route of filters: an image in, the result in the answer. */

import type { App, Parts } from "./app.ts";
import { contentType } from "./content_type.ts";
import { execute } from "./execution.ts";
import { RequestError } from "./problem.ts";
import { resultPaths } from "./results.ts";
import * as routes from "./routes.ts";
import { receiveUpload } from "./uploads.ts";

/** Filters that wait or run; the device does them beside a job. */
const mostAtOnce = 32;

/** Adds the route of filters. */
export function addFilterRoutes(app: App, { folder, uploads, device, servers, seconds, jobs }: Parts): void {
  let atOnce = 0;
  app.openapi(routes.postFilter, async (c) => {
    await jobs.admit();
    if (atOnce >= mostAtOnce) {
      const detail = `${mostAtOnce} filters are at work, which is the most: try again later`;
      throw new RequestError(429, "queue-full", detail, { "retry-after": "1" });
    }
    const { filter } = c.req.valid("param");
    const { options: text = "{}", format } = c.req.valid("query");
    const given = parseOptions(text);
    const id = crypto.randomUUID();
    const place = `${folder}/${id}`;
    const left = new AbortController();
    c.env.completed?.catch(() => left.abort());
    atOnce++;
    try {
      await receiveUpload(c.req.raw, place, uploads);
      const stages = [
        { stage: "acquire" },
        { stage: "denoise", options: { ...given, filter } },
        { stage: "export", options: { formats: [format] } },
      ];
      const job = { id, task: { pipeline: { stages } }, folder: place, signal: left.signal, onEvent: () => {} };
      const { problem } = await execute({ device, servers, seconds }, job);
      if (problem !== undefined) {
        const headers = { "content-type": "application/problem+json" };
        return Response.json(problem, { status: problem.status, headers }) as never;
      }
      const path = (await resultPaths(place)).find((name) => name.endsWith(`/image.${format}`));
      if (path === undefined) throw new RequestError(422, "input", "The file holds no image that can be filtered");
      const bytes = await Deno.readFile(`${place}/results/${path}`);
      return new Response(bytes, { headers: { "content-type": contentType(path) } }) as never;
    } finally {
      atOnce--;
      await Deno.remove(place, { recursive: true }).catch(() => {});
    }
  });
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
