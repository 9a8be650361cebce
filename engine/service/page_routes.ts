/** The page at `/`, and what it is made of: all of it from here, nothing from other hosts. */

import { fetchedFolder, type FetchedPackage } from "../device/mod.ts";
import type { App } from "./app.ts";
import arrays from "./page/arrays.js" with { type: "text" };
import filters from "./page/filters.js" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import style from "./page/page.css" with { type: "text" };
import page from "./page/page.js" with { type: "text" };
import service from "./page/service.js" with { type: "text" };
import viewer from "./page/viewer.js" with { type: "text" };

/** NiiVue as one file, without what it would load besides. */
const NIIVUE: FetchedPackage = {
  title: "NiiVue",
  specifiers: ["npm:@niivue/niivue@0.69.0/min"],
  folder: "niivue-0.69.0",
  files: { "niivue.js": "d6c2be4feb1ad53b2ac76b4196da8d8fd2263b662b511c55ca0fd127eb6a6532" },
  instead: "look at the results with another viewer",
  unpack: async ([entry]) => new Map([["niivue.js", await Deno.readFile(new URL("../dist/index.js", entry))]]),
};

const files: Readonly<Record<string, string>> = {
  "arrays.js": arrays,
  "filters.js": filters,
  "page.css": style,
  "page.js": page,
  "service.js": service,
  "viewer.js": viewer,
};

/** NiiVue makes its shaders' fonts and workers of blobs and data of its own. */
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "connect-src 'self' blob: data:",
  "worker-src 'self' blob:",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Adds the page. */
export function addPageRoutes(app: App): void {
  const headers = { "content-security-policy": policy, "referrer-policy": "no-referrer" };
  app.get("/", (c) => c.html(index, 200, headers));
  app.get("/page/niivue.js", async () => {
    const file = await Deno.open(`${await fetchedFolder(NIIVUE)}/niivue.js`);
    return new Response(file.readable, {
      headers: { "content-type": "text/javascript", "cache-control": "max-age=86400" },
    });
  });
  app.get("/page/:name", (c) => {
    const name = c.req.param("name");
    if (!Object.hasOwn(files, name)) return c.notFound();
    return c.body(files[name], 200, { "content-type": name.endsWith(".css") ? "text/css" : "text/javascript" });
  });
}
