/** `serve` as a process and `deno serve`: what they tell others than the client, and how they end. */
import { assert, assertEquals } from "@std/assert";
import { planted, plantedSlice } from "../formats/planted.ts";
import { root, taskFlags } from "./program.ts";

interface Served extends AsyncDisposable {
  readonly url: string;
  readonly child: Deno.ChildProcess;
  /** All that it has printed, once it has ended. */
  said(): Promise<string>;
}

async function serve(args: string[], env: Record<string, string>): Promise<Served> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root, env, stdout: "piped", stderr: "piped" }).spawn();
  const place = Promise.withResolvers<string>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    let text = "";
    for await (const part of stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)) {
      text += part;
      const found = /http:\/\/[\w.:[\]]+\d/.exec(text)?.[0];
      if (found) place.resolve(found);
    }
    return text;
  };
  const texts = Promise.all([read(child.stdout), read(child.stderr)]);
  const end = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await texts;
    await child.status;
  };
  const ended = texts.then((parts) => Promise.reject(new Error(parts.join("\n"))));
  const url = (await Promise.race([place.promise, ended])).replace("0.0.0.0", "127.0.0.1");
  ended.catch(() => {});
  return { url, child, said: async () => (await texts).join("\n"), [Symbol.asyncDispose]: end };
}

/** An OTLP collector, and all texts that it got; it is a DICOMweb server without studies as well. */
function collector() {
  const texts: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (new URL(request.url).pathname.startsWith("/dicom-web/")) return new Response(null, { status: 404 });
    texts.push(await request.text());
    return Response.json({});
  });
  return { texts, url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("no log, span or metric of serve tells whose images it had, and spans name the stages", async () => {
  await using spans = collector();
  const args = ["serve", "--port", "0", "--dicomweb", `pacs=${spans.url}/dicom-web`];
  await using served = await serve(["run", "--no-prompt", ...taskFlags("serve"), "main.ts", ...args], {
    OTEL_DENO: "true",
    OTEL_DENO_CONSOLE: "ignore",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    OTEL_EXPORTER_OTLP_ENDPOINT: spans.url,
  });
  const { url, child } = served;
  const post = async (bytes: Uint8Array<ArrayBuffer>[], pipeline: unknown) => {
    const form = new FormData();
    bytes.forEach((part, at) => form.append("files", new File([part], `PLANTED-ZEBRA-${at}.dcm`)));
    form.append("pipeline", JSON.stringify(pipeline));
    const { id } = await (await fetch(`${url}/v1/jobs`, { method: "POST", body: form })).json();
    await (await fetch(`${url}/v1/jobs/${id}/events`)).text();
    return await (await fetch(`${url}/v1/jobs/${id}`)).json();
  };
  const stages = [{ stage: "acquire" }, { stage: "denoise", options: { filter: "median" } }, { stage: "export" }];
  const job = await post([0, 1, 2, 3].map(plantedSlice), { stages });
  assertEquals(job.state, "done", JSON.stringify(job.problem));
  const cut = await post([plantedSlice(0).subarray(0, 200)], { stages });
  assertEquals([cut.state, cut.problem.type], ["failed", "/problems/input"]);
  assert(cut.problem.detail.includes("PLANTED-ZEBRA-0.dcm"), "the client is told of its own file");
  for (const path of job.results) {
    await (await fetch(`${url}/v1/jobs/${job.id}/results/${path}`)).body?.cancel();
  }
  const headers = { "content-type": "application/json" };
  for (const study of [{ study: "1.2.840.99999.2" }, { accession: "QX77" }]) {
    const body = JSON.stringify({ server: "pacs", ...study });
    const { id } = await (await fetch(`${url}/v1/jobs`, { method: "POST", body, headers })).json();
    await (await fetch(`${url}/v1/jobs/${id}/events`)).text();
    assertEquals((await (await fetch(`${url}/v1/jobs/${id}`)).json()).problem.type, "/problems/no-such-study");
  }
  const metrics = await (await fetch(`${url}/metrics`)).text();
  child.kill("SIGTERM");
  const said = await served.said();
  assertEquals((await child.status).code, 0, said);
  const told = spans.texts.join("\n");
  for (const name of ['"job"', '"stage denoise"', '"stage export"', "/results/cases/case-1/image.png"]) {
    assert(told.includes(name), `no span ${name}`);
  }
  for (const part of planted) {
    for (const [name, text] of Object.entries({ said, told, metrics })) {
      assert(!text.includes(part), `${part} stands in ${name}: ${text.slice(text.indexOf(part) - 200).slice(0, 400)}`);
    }
  }
});

Deno.test("deno serve answers with the default export, and other machines need a token", async () => {
  await using served = await serve(["serve", "--port", "0", "-A", "serve.ts"], {});
  assertEquals((await fetch(`${served.url}/healthz`)).status, 200);
  const { default: server } = await import("../../serve.ts");
  const remoteAddr: Deno.NetAddr = { transport: "tcp", hostname: "192.0.2.7", port: 1 };
  assertEquals((await server.fetch(new Request("http://service/healthz"), { remoteAddr })).status, 403);
});
