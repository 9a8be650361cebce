/**
 * The engine as a service, for `deno serve serve.ts` and for programs that have routes of their own:
 *
 * ```ts
 * import { openService } from "isocenter/serve";
 *
 * await using service = await openService({ token: "a secret" });
 * console.log((await service.fetch(new Request("http://localhost/healthz"))).status); // 200
 * ```
 *
 * @module
 */
import { openService } from "./mod.ts";
import type { Delivery, Service } from "./engine/service/service.ts";

export {
  type Bucket,
  type Delivery,
  type DeviceProgram,
  type DicomwebServer,
  type JobLimits,
  openService,
} from "./mod.ts";
export type { Service, ServiceOptions } from "./mod.ts";

let opened: Promise<Service> | undefined;

/** What `deno serve` tells of a request. */
export interface Served extends Delivery {
  /** Who asks. */
  readonly remoteAddr?: Deno.Addr;
}

/**
 * What `deno serve` takes. The service opens with the first request; `ISOCENTER_TOKEN` is what requests must send as bearer token.
 * Without it only this machine is answered, as `deno serve` listens to all unless it is told otherwise.
 */
const server: { fetch(request: Request, info?: Served): Promise<Response> } = {
  async fetch(request, info) {
    const token = Deno.env.get("ISOCENTER_TOKEN");
    if (token === undefined && !isLocal(info?.remoteAddr)) {
      return new Response("Only this machine is answered: set ISOCENTER_TOKEN to answer others\n", { status: 403 });
    }
    opened ??= openService({ token });
    return await (await opened).fetch(request, info);
  },
};

function isLocal(address: Deno.Addr | undefined): boolean {
  if (address === undefined || !("hostname" in address)) return address !== undefined;
  return /^(127\.|::1$|::ffff:127\.)/.test(address.hostname);
}

export default server;
