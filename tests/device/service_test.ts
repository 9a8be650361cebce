import { assert, assertEquals } from "@std/assert";
import { DeviceProcess } from "../../engine/service/device_process.ts";
import { DicomwebServers } from "../../engine/service/dicomweb.ts";
import { Jobs } from "../../engine/service/jobs.ts";
import { openService } from "../../engine/service/service.ts";
import { openService as openOwnService } from "isocenter";
import { pipelineOf } from "../../engine/pipeline/mod.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";

const plugins = ["acquire", "denoise", "export"].map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`));
const wiring = { plugins, stages: ["acquire", "denoise", "export"], models: {} };
const url = "http://service";

const image = encodePng(Float32Array.from({ length: 256 }, (_, i) => i), [1, 16, 16], { bits: 8 });

function form(name: string, pipeline?: unknown): FormData {
  const data = new FormData();
  data.append("files", new File([image], name, { type: "image/png" }));
  if (pipeline !== undefined) data.append("pipeline", JSON.stringify(pipeline));
  return data;
}

async function problemOf(response: Response | Promise<Response>): Promise<string> {
  const answer = await response;
  assertEquals(answer.headers.get("content-type"), "application/problem+json");
  const { type, status } = await answer.json();
  assertEquals(status, answer.status);
  return `${status} ${type}`;
}

Deno.test("a job goes from a form to its results, and the same key gives the same job", async () => {
  await using service = await openService(wiring);
  const post = (body: FormData, key = "k1") =>
    service.fetch(new Request(`${url}/v1/jobs`, { method: "POST", body, headers: { "idempotency-key": key } }));
  const taken = await post(form("DOE^JANE.png"));
  assertEquals(taken.status, 202);
  const place = `${url}${taken.headers.get("location")}`;
  const again = await post(form("DOE^JANE.png"));
  assertEquals(again.headers.get("location"), taken.headers.get("location"));
  assertEquals(
    await problemOf(post(form("b.png", { stages: [{ stage: "acquire" }] }))),
    "422 /problems/idempotency-key",
  );

  const events = await (await service.fetch(new Request(`${place}/events`))).text();
  const names = [...events.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name);
  assert(["start", "stage", "case", "finish", "state"].every((name) => names.includes(name)), names.join());
  const job = await (await service.fetch(new Request(place))).json();
  assertEquals([job.state, job.cases], ["done", { all: 1, through: 1 }]);
  const run = await (await service.fetch(new Request(`${place}/results/run.json`))).json();
  assertEquals(run.cases[0].status, "done");
  const picture = job.results.find((path: string) => path.endsWith("/image.png"));
  assertEquals(
    (await service.fetch(new Request(`${place}/results/${picture}`))).headers.get("content-type"),
    "image/png",
  );
  assertEquals(
    await problemOf(service.fetch(new Request(`${place}/results/../inputs/x`))),
    "404 /problems/no-such-route",
  );
  assertEquals(await problemOf(service.fetch(new Request(`${place}/results/no.png`))), "404 /problems/no-such-result");

  const metrics = await (await service.fetch(new Request(`${url}/metrics`))).text();
  assert(metrics.includes('isocenter_jobs_total{state="done"} 1'), metrics);
  assert(!metrics.includes("DOE"));
  assertEquals((await service.fetch(new Request(place, { method: "DELETE" }))).status, 204);
  assertEquals(await problemOf(service.fetch(new Request(place))), "404 /problems/no-such-job");
});

Deno.test("an image is filtered at once, and what is wrong is a problem of its own kind", async () => {
  await using service = await openService({ ...wiring, maxBodyBytes: 10_000 });
  const post = (path: string, body: BodyInit, type = "image/png") =>
    service.fetch(
      new Request(`${url}/v1/filters/${path}`, { method: "POST", body, headers: { "content-type": type } }),
    );
  const options = encodeURIComponent(JSON.stringify({ radius: 1 }));
  const answer = await post(`median?options=${options}&format=npy`, image);
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "application/x-npy"]);
  const values = new Float32Array((await answer.arrayBuffer()).slice(128));
  // The median of a slope is the slope itself, but at its ends.
  assertEquals([values.length, values[17], values[100]], [256, 17, 100]);
  const pipeline = { stages: [{ stage: "acquire" }, { stage: "export", options: { formats: ["npy"] } }] };
  const through = (file: string) => {
    const query = new URLSearchParams({ pipeline: JSON.stringify(pipeline), file });
    const init = { method: "POST", body: image, headers: { "content-type": "image/png" } };
    return service.fetch(new Request(`${url}/v1/images?${query}`, init));
  };
  const same = new Float32Array((await (await through("image.npy")).arrayBuffer()).slice(128));
  assertEquals([same.length, same[17], same[100]], [256, 17, 100]);
  assertEquals(await problemOf(through("mask.png")), "422 /problems/no-such-result");
  assertEquals(await problemOf(post("sharpen", image)), "400 /problems/usage");
  assertEquals(await problemOf(post("median?options=3", image)), "400 /problems/bad-request");
  assertEquals(await problemOf(post("median?format=gif", image)), "400 /problems/bad-request");
  assertEquals(await problemOf(post("median", image, "text/plain")), "415 /problems/media-type");
  assertEquals(await problemOf(post("median", "")), "400 /problems/no-files");
  assertEquals(await problemOf(post("median", image.slice(0, 100))), "422 /problems/input");
  assertEquals(await problemOf(post("median", new Uint8Array(20_000))), "413 /problems/too-large");
  const unsized = () => new Response(new Uint8Array(20_000)).body!;
  assertEquals(await problemOf(post("median", unsized())), "413 /problems/too-large");
});

Deno.test("a client's pipeline names models that are offered, and no other file of this machine", async () => {
  await using service = await openOwnService({ warm: [] });
  const refusals = await Promise.all(
    ["/etc", "../../models/unet_tumor", "models/../models/unet_tumor", "constructor"].map(async (model) => {
      const stages = [{ stage: "acquire" }, { stage: "denoise", options: { model } }, { stage: "export" }];
      const query = new URLSearchParams({ pipeline: JSON.stringify({ stages }), file: "image.png" });
      const init = { method: "POST", body: image, headers: { "content-type": "image/png" } };
      const { type, detail } = await (await service.fetch(new Request(`${url}/v1/images?${query}`, init))).json();
      return [type, detail.replace(model, "it")];
    }),
  );
  const folders = await Array.fromAsync(Deno.readDir(new URL("../../models/", import.meta.url)));
  const models = folders.filter(({ isDirectory, name }) => isDirectory && name !== "training");
  const known = models.map(({ name }) => `models/${name}`).sort().join(", ");
  const detail = `Cannot use model it in stage denoise as only these are offered here: ${known}`;
  for (const refusal of refusals) assertEquals(refusal, ["/problems/usage", detail]);
});

Deno.test("a service whose model cannot be opened says so instead of being ready, and filters all the same", async () => {
  await using service = await openService({ ...wiring, models: { none: "models/none" }, warm: ["none"] });
  const ready = async () => await (await service.fetch(new Request(`${url}/readyz`))).json();
  while ((await ready()).type === "/problems/not-ready") await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals((await ready()).type, "/problems/model");
  const init = { method: "POST", body: image, headers: { "content-type": "image/png" } };
  assertEquals((await service.fetch(new Request(`${url}/v1/filters/median`, init))).status, 200);
});

Deno.test("a token is asked for where there is one, and health tells without it", async () => {
  await using service = await openService({
    ...wiring,
    token: "open sesame",
    origins: ["https://viewer.example.com"],
  });
  const get = (path: string, token?: string) =>
    service.fetch(new Request(`${url}${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {} }));
  const job = `/v1/jobs/${crypto.randomUUID()}`;
  assertEquals(await problemOf(get(job)), "401 /problems/unauthorized");
  assertEquals(await problemOf(get(job, "open says me")), "401 /problems/unauthorized");
  assertEquals(await problemOf(get(job, "open sesame")), "404 /problems/no-such-job");
  const crossSite = { headers: { "sec-fetch-site": "cross-site", authorization: "Bearer open sesame" } };
  assertEquals(await problemOf(service.fetch(new Request(`${url}${job}`, crossSite))), "403 /problems/cross-site");
  const from = (origin: string, method = "GET") =>
    service.fetch(
      new Request(`${url}${job}`, {
        method,
        headers: { ...crossSite.headers, origin, "access-control-request-method": "GET" },
      }),
    );
  assertEquals(await problemOf(from("https://other.example.com")), "403 /problems/cross-site");
  const known = await from("https://viewer.example.com");
  assertEquals(known.headers.get("access-control-allow-origin"), "https://viewer.example.com");
  assertEquals(await problemOf(known), "404 /problems/no-such-job");
  const preflight = await from("https://viewer.example.com", "OPTIONS");
  assertEquals(
    [preflight.status, preflight.headers.get("access-control-allow-origin")],
    [204, "https://viewer.example.com"],
  );
  assertEquals((await from("https://other.example.com", "OPTIONS")).headers.get("access-control-allow-origin"), null);
  assertEquals((await get("/healthz")).status, 200);
  while ((await get("/readyz")).status === 503) await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals((await (await get("/readyz")).json()).status, "ready");
  const document = await (await get("/openapi.json")).json();
  assertEquals(Object.keys(document.paths).sort(), [
    "/healthz",
    "/metrics",
    "/readyz",
    "/v1/filters/{filter}",
    "/v1/images",
    "/v1/jobs",
    "/v1/jobs/{id}",
    "/v1/jobs/{id}/events",
    "/v1/jobs/{id}/results/{path}",
  ]);
});

/** A queue with a device of its own, orders of one image for it, and what lets go of the jobs that it holds at first. */
async function openJobs(ended: (state: string) => void = () => {}) {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/hold`, "");
  const release = () => Deno.removeSync(`${folder}/hold`);
  const plugin = import.meta.resolve("./hold_plugin.ts");
  const device = new DeviceProcess({ plugins: [...plugins, plugin], models: {} }, folder);
  const servers = new DicomwebServers({}, 0);
  const jobs = new Jobs({ device, servers }, { queued: 2, kept: 10, seconds: 60 }, { ended, begunAgain: () => {} });
  const add = async (name: string) => {
    await Deno.mkdir(`${folder}/${name}/inputs`, { recursive: true });
    await Deno.writeFile(`${folder}/${name}/inputs/image.png`, image);
    return await jobs.add({
      task: { pipeline: pipelineOf(["acquire", "hold", "export"]) },
      folder: `${folder}/${name}`,
      hash: name,
    });
  };
  const close = async () => {
    await device.close();
    await Deno.remove(folder, { recursive: true });
  };
  return { device, jobs, add, release, [Symbol.asyncDispose]: close };
}

Deno.test("a queue is bounded, waiting jobs can be canceled, and draining ends with the last job", async () => {
  const ended: string[] = [];
  await using queue = await openJobs((state) => void ended.push(state));
  const { jobs, add, release } = queue;
  const ids = [(await add("1")).id, (await add("2")).id, (await add("3")).id];
  assertEquals(await jobs.load(), { queued: 2, running: 1 });
  assertEquals((await add("4").catch((error) => error)).status, 429);
  await jobs.remove(ids[1]);
  release();
  await jobs.drain();
  assertEquals((await Promise.all(ids.map((id) => jobs.get(id)))).map(({ state }) => state), [
    "done",
    "canceled",
    "done",
  ]);
  assertEquals(ended.sort(), ["canceled", "done", "done"]);
  assertEquals((await add("5").catch((error) => error)).status, 503);
});

Deno.test("a device that dies costs a job one retry", async () => {
  await using queue = await openJobs();
  const { device, jobs, add, release } = queue;
  const { id } = await add("1");
  let killed = false;
  await jobs.follow(id, (event) => {
    if (event.type !== "stage" || event.stage !== "hold" || killed) return;
    killed = true;
    device.kill();
    release();
  }, new AbortController().signal);
  const { state, retries, cases } = await jobs.get(id);
  assertEquals([state, retries, cases, device.restarts], ["done", 1, { all: 1, through: 1 }, 1]);
});
