/** The routes of a service put together, with what holds for all of them: tokens, refusals, the OpenAPI document. */

import { OpenAPIHono } from "npm:@hono/zod-openapi@1.6.3";
import { cors } from "npm:hono@4.13.19/cors";
import { timingSafeEqual } from "npm:hono@4.13.19/utils/buffer";
import type { DeviceProcess } from "./device_process.ts";
import type { DicomwebServers } from "./dicomweb.ts";
import { addFilterRoutes } from "./filter_routes.ts";
import { addJobRoutes } from "./job_routes.ts";
import type { Metrics } from "./metrics.ts";
import type { JobQueue } from "./order.ts";
import { addPageRoutes } from "./page_routes.ts";
import { placeOf, problemResponse, RequestError } from "./problem.ts";
import type { Delivery } from "./service.ts";
import { addSystemRoutes } from "./system_routes.ts";
import type { UploadLimits } from "./uploads.ts";

/** What the routes of a service work with. */
export interface Parts {
  /** What `Authorization: Bearer` has to say. */
  readonly token?: string;
  /** Origins of pages elsewhere that are answered as well. */
  readonly origins: readonly string[];
  /** The stages of a job that names no pipeline. */
  readonly stages: readonly string[];
  /** The folder of the jobs. */
  readonly folder: string;
  readonly uploads: UploadLimits;
  readonly device: DeviceProcess;
  readonly servers: DicomwebServers;
  readonly metrics: Metrics;
  readonly jobs: JobQueue;
  /** Seconds that work on the device may take. */
  readonly seconds: number;
}

/** The application as the routes' files see it. */
export type App = OpenAPIHono<{ Bindings: Delivery }>;

/** What answers requests. */
export function createApp(parts: Parts): App {
  const { token, origins, metrics } = parts;
  const app: App = new OpenAPIHono<{ Bindings: Delivery }>({
    defaultHook: (result) => {
      if (result.success) return;
      const { path, message } = result.error.issues[0];
      throw new RequestError(400, "bad-request", `${path.join(".")}: ${message}`);
    },
  });
  const refuse = (error: unknown) => {
    const response = problemResponse(error);
    metrics.refused(response.status);
    if (response.status === 500) console.error(placeOf(error));
    return response;
  };
  app.onError((error) => refuse(error));
  app.notFound((c) => refuse(new RequestError(404, "no-such-route", `There is no ${c.req.path}: see /openapi.json`)));
  // A page of somebody else's that a browser on this machine shows could send jobs: browsers say so.
  if (origins.length > 0) {
    // A preflight request has no token yet.
    app.use("/v1/*", cors({ origin: [...origins], exposeHeaders: ["Location", "Retry-After"] }));
  }
  app.use("/v1/*", async (c, next) => {
    const site = c.req.header("sec-fetch-site") ?? "none";
    if (site !== "none" && site !== "same-origin" && !origins.includes(c.req.header("origin") ?? "")) {
      throw new RequestError(
        403,
        "cross-site",
        "Requests from pages of other sites are refused: use the service's own page",
      );
    }
    await next();
  });
  if (token !== undefined) {
    app.use("/v1/*", async (c, next) => {
      if (!await timingSafeEqual(c.req.header("authorization") ?? "", `Bearer ${token}`)) {
        const detail = "The token is missing or wrong: send Authorization: Bearer TOKEN";
        throw new RequestError(401, "unauthorized", detail, { "www-authenticate": "Bearer" });
      }
      await next();
    });
  }
  addJobRoutes(app, parts);
  addFilterRoutes(app, parts);
  addSystemRoutes(app, parts);
  addDocument(app);
  addPageRoutes(app);
  return app;
}

function addDocument(app: App): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  app.doc31("/openapi.json", {
    openapi: "3.1.0",
    info: {
      title: "Isocenter",
      version: "1",
      description: "Medical images through pipelines of filters and networks. A research tool, not a medical device.",
      license: { name: "MIT", url: "https://opensource.org/license/mit" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "jobs", description: "Studies through pipelines, in a queue" },
      { name: "filters", description: "Images through one filter, answered at once" },
      { name: "system", description: "State of the service" },
    ],
  });
}
