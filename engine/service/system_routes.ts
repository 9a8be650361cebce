/** The routes by which others see how a service or a worker is. */

import type { OpenAPIHono } from "npm:@hono/zod-openapi@1.6.3";
import type { Env } from "npm:hono@4.13.19";
import type { DeviceProcess } from "./device_process.ts";
import type { Metrics, Watched } from "./metrics.ts";
import { RequestError } from "./problem.ts";
import * as routes from "./routes.ts";

/** What is looked at. */
export interface System {
  readonly device: DeviceProcess;
  readonly metrics: Metrics;
  readonly jobs: Watched;
}

/** Milliseconds that an answer waits for the device's process. */
const patience = 100;

/** Adds the routes. */
export function addSystemRoutes<E extends Env>(app: OpenAPIHono<E>, { device, metrics, jobs }: System): void {
  app.openapi(routes.getHealth, (c) => c.json({ status: "ok" as const }, 200));
  app.openapi(routes.getReady, async (c) => {
    const waiting = new RequestError(503, "not-ready", "The device's process is still starting: ask again", {
      "retry-after": "1",
    });
    const adapter = await Promise.race([
      device.warm,
      new Promise<never>((_, reject) => setTimeout(() => reject(waiting), patience)),
    ]);
    await jobs.load();
    return c.json({ status: "ready" as const, adapter }, 200);
  });
  app.openapi(routes.getMetrics, async (c) => {
    return c.text(await metrics.text(), 200, { "content-type": metrics.contentType });
  });
}
