/** A queue whose workers, service and server are killed at seeded moments, and what becomes of its jobs. */
import { assertEquals } from "@std/assert";
import { NatsStore } from "../../engine/service/nats_store.ts";
import { openService } from "../../engine/service/service.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { randomNumbers } from "../../shaders/cases.ts";
import { inFolder } from "../command/program.ts";
import { freePort, type Server, startNats } from "./servers.ts";

/** How hard a queue is tried. */
export interface Trial {
  readonly seed: number;
  readonly jobs: number;
  readonly kills: number;
  readonly workers: number;
}

const stages = ["acquire", "denoise", "export"];
const plugins = stages.map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`));
const program = new URL("./queue_program.ts", import.meta.url).pathname;
const root = new URL("../../", import.meta.url);

const pipeline = {
  stages: [
    { stage: "acquire" },
    { stage: "denoise", options: { filter: "median" } },
    { stage: "export", options: { formats: "npy" } },
  ],
};

/** A form with an image of its own for each number. */
function formOf(number: number): FormData {
  const pixels = Float32Array.from({ length: 24 * 24 }, (_, at) => (at * (number + 3)) % 251);
  const form = new FormData();
  form.append("files", new File([encodePng(pixels, [1, 24, 24], { bits: 8 })], `${number}.png`));
  form.append("pipeline", JSON.stringify(pipeline));
  return form;
}

/** Does what may fail as a process is being killed, until it works. */
async function insist<T>(work: () => Promise<T>, until: number): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function ask(url: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
  if (answer.ok) return answer;
  throw new Error(`${answer.status} ${await answer.text()}`);
}

/** The program as a process, once it is ready. */
export async function start(kind: "serve" | "work", queue: string, port = 0): Promise<Server> {
  const args = ["run", "--frozen", "-A", program, kind, queue, String(port)];
  const child = new Deno.Command(Deno.execPath(), { args, cwd: root, stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  void reader.cancel().catch(() => {});
  const kill = async () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
  };
  return { kill, [Symbol.asyncDispose]: kill } as Server;
}

/** What the same images become undisturbed, in hexadecimal. */
async function undisturbed(count: number): Promise<string[]> {
  await using service = await openService({ plugins, stages, models: {} });
  const results: string[] = [];
  for (let number = 0; number < count; number++) {
    const request = new Request("http://service/v1/jobs", { method: "POST", body: formOf(number) });
    const { id } = await (await service.fetch(request)).json();
    const place = `http://service/v1/jobs/${id}`;
    await (await service.fetch(new Request(`${place}/events`))).text();
    const result = await service.fetch(new Request(`${place}/results/cases/case-1/image.npy`));
    results.push((await result.bytes()).toHex());
  }
  return results;
}

/**
 * Sends jobs, kills processes meanwhile, and holds: each job is done, once in the results, with the bytes of an undisturbed run.
 * Gives how often a job was begun again.
 */
export async function disturbedTrial({ seed, jobs, kills, workers }: Trial): Promise<number> {
  const distinct = Math.min(jobs, 25);
  const expected = await undisturbed(distinct);
  const random = randomNumbers(seed);
  let begunAgain = 0;
  await inFolder(async (folder) => {
    const [natsPort, port] = [freePort(), freePort()];
    const queue = `nats://127.0.0.1:${natsPort}`;
    const starts: (() => Promise<Server>)[] = [
      () => startNats(folder, natsPort),
      () => start("serve", queue, port),
      ...Array.from({ length: workers }, () => () => start("work", queue)),
    ];
    const servers: Server[] = [];
    for (const each of starts) servers.push(await each());
    try {
      const until = performance.now() + 300_000;
      const url = `http://127.0.0.1:${port}/v1/jobs`;
      const done = (async () => {
        const ids: string[] = [];
        for (let number = 0; number < jobs; number++) {
          const init = { method: "POST", headers: { "idempotency-key": `${seed}-${number}` } };
          const send = async () => await (await ask(url, { ...init, body: formOf(number % distinct) })).json();
          ids.push((await insist(send, until)).id);
        }
        return await Promise.all(ids.map((id, number) =>
          insist(async () => {
            const { state, retries, problem } = await (await ask(`${url}/${id}`)).json();
            if (state === "failed") assertEquals(problem, undefined);
            if (state !== "done") throw new Error(`Job ${number} is ${state}`);
            const bytes = await (await ask(`${url}/${id}/results/cases/case-1/image.npy`)).bytes();
            assertEquals(bytes.toHex(), expected[number % distinct]);
            return { id, retries: retries as number };
          }, until)
        ));
      })();
      for (let kill = 0; kill < kills; kill++) {
        await new Promise((resolve) => setTimeout(resolve, 100 + 900 * random()));
        const at = Math.floor(random() * servers.length);
        await servers[at].kill();
        servers[at] = await starts[at]();
      }
      const ended = await done;
      begunAgain = ended.reduce((sum, { retries }) => sum + retries, 0);
      await using store = await NatsStore.open(queue);
      const count = async (keys: AsyncIterable<string>) => (await Array.fromAsync(keys)).length;
      assertEquals(new Set(ended.map(({ id }) => id)).size, jobs);
      assertEquals(await count(await store.records.keys()), jobs);
      assertEquals(await count(await store.works.keys()), distinct);
      assertEquals(await count(await store.dead.keys()), 0);
    } finally {
      for (const server of servers.reverse()) await server.kill();
    }
  });
  return begunAgain;
}
