/** `work` as a process: what it tells others than the client, and how it ends. */
import { assert, assertEquals } from "@std/assert";
import { NatsJobs } from "../../engine/service/nats_jobs.ts";
import { inFolder, start } from "../command/program.ts";
import { planted, plantedSlice } from "../formats/planted.ts";
import { freePort, hasServers, startNats } from "./servers.ts";

/** All that a stream says, and its first URL. */
function heard(stream: ReadableStream<Uint8Array>): { text: Promise<string>; url: Promise<string> } {
  const place = Promise.withResolvers<string>();
  const read = async () => {
    let text = "";
    for await (const part of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      text += part;
      const found = /http:\/\/[\w.:]+\d/.exec(text)?.[0];
      if (found) place.resolve(found);
    }
    place.reject(new Error(text));
    return text;
  };
  place.promise.catch(() => {});
  return { text: read(), url: place.promise };
}

Deno.test(
  { name: "no log or metric of work tells whose images it had; it tells how it is", ignore: !hasServers },
  () =>
    inFolder(async (folder) => {
      const port = freePort();
      await using _server = await startNats(`${folder}/nats`, port);
      const queue = `nats://127.0.0.1:${port}`;
      await using jobs = await NatsJobs.open(queue, 10);
      const child = start("work", ["--queue", queue, "--port", "0"]);
      const [out, err] = [heard(child.stdout), heard(child.stderr)];
      const url = await out.url;
      // A worker compiles its models before it takes jobs, which takes a minute where no driver's cache is filled.
      const isReady = async () => (await fetch(`${url}/readyz`)).ok;
      for (let tries = 0; tries < 300 && !await isReady(); tries++) await new Promise((done) => setTimeout(done, 1000));
      const pipeline = { stages: [{ stage: "acquire" }, { stage: "denoise" }, { stage: "export" }] };
      const states: string[] = [];
      for (const [name, bytes] of [["sound", plantedSlice(0)], ["cut", plantedSlice(0).subarray(0, 200)]] as const) {
        await Deno.mkdir(`${folder}/${name}/inputs`, { recursive: true });
        await Deno.writeFile(`${folder}/${name}/inputs/PLANTED-ZEBRA.dcm`, bytes);
        const { id } = await jobs.add({ task: { pipeline }, folder: `${folder}/${name}`, hash: name });
        await jobs.follow(id, () => {}, AbortSignal.timeout(60_000));
        states.push((await jobs.get(id)).state);
      }
      assertEquals(states, ["done", "failed"]);
      const text = async (path: string) => await (await fetch(`${url}/${path}`)).text();
      assertEquals(JSON.parse(await text("healthz")), { status: "ok" });
      assertEquals(JSON.parse(await text("readyz")).status, "ready");
      const metrics = await text("metrics");
      for (const line of ['isocenter_jobs_total{state="done"} 1', 'isocenter_jobs_total{state="failed"} 1']) {
        assert(metrics.includes(line), metrics);
      }
      child.kill("SIGTERM");
      const said = (await Promise.all([out.text, err.text])).join("\n");
      assertEquals((await child.status).code, 0, said);
      for (const part of planted) {
        for (const [name, told] of Object.entries({ said, metrics })) {
          assert(!told.includes(part), `${part} in ${name}`);
        }
      }
    }),
);
