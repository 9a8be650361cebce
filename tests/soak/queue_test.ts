/** The queue at length: kills at 30 seeded moments of 200 jobs, what 1, 2 and 3 workers do, and what the queue costs a job. */
import { assertEquals } from "@std/assert";
import { NatsJobs } from "../../engine/service/nats_jobs.ts";
import { encodeNpy } from "../../engine/service/page/arrays.js";
import { inFolder } from "../command/program.ts";
import { disturbedTrial, start } from "../service/disturbed_queue.ts";
import { freePort, hasServers, startNats } from "../service/servers.ts";

const ignore = !hasServers;
const size = 128;

/** A queue, and a way to put slices through the bilateral filter into it. */
async function onQueue(
  work: (jobs: NatsJobs, add: (number: number) => Promise<string>, queue: string) => Promise<void>,
) {
  await inFolder(async (folder) => {
    const port = freePort();
    await using _server = await startNats(folder, port);
    const queue = `nats://127.0.0.1:${port}`;
    await using jobs = await NatsJobs.open(queue, 10_000);
    let orders = 0;
    const stages = [
      { stage: "acquire" },
      { stage: "denoise", options: { filter: "bilateral" } },
      { stage: "export", options: { formats: "npy" } },
    ];
    const add = async (number: number) => {
      const place = `${folder}/order${orders++}`;
      await Deno.mkdir(`${place}/inputs`, { recursive: true });
      const values = Float32Array.from({ length: size * size }, (_, at) => (at * (number + 7)) % 997);
      await Deno.writeFile(`${place}/inputs/image.npy`, encodeNpy(values, [size, size]));
      return (await jobs.add({ task: { pipeline: { stages } }, folder: place, hash: String(number) })).id;
    };
    await work(jobs, add, queue);
  });
}

async function allDone(jobs: NatsJobs, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => jobs.follow(id, () => {}, AbortSignal.timeout(300_000))));
  for (const id of ids) assertEquals((await jobs.get(id)).state, "done");
}

Deno.test({ name: "200 jobs survive 30 kills of workers, service and server", ignore }, async () => {
  console.log(`${await disturbedTrial({ seed: 2, jobs: 200, kills: 30, workers: 2 })} jobs were begun again`);
});

Deno.test({ name: "30 slices by 1, 2 and 3 workers", ignore }, async () => {
  for (const workers of [1, 2, 3]) {
    await onQueue(async (jobs, add, queue) => {
      const all = await Promise.all(Array.from({ length: workers }, () => start("work", queue)));
      // The first ones compile.
      await allDone(jobs, await Promise.all(Array.from({ length: 2 * workers }, (_, at) => add(1000 + at))));
      const ids = await Promise.all(Array.from({ length: 30 }, (_, at) => add(at)));
      const begin = performance.now();
      await allDone(jobs, ids);
      console.log(`${workers} workers: ${(30_000 / (performance.now() - begin)).toFixed(1)} slices a second`);
      for (const worker of all) await worker.kill();
    });
  }
});

Deno.test({ name: "what the queue costs a job whose result is known already", ignore }, async () => {
  await onQueue(async (jobs, add, queue) => {
    await using _worker = await start("work", queue);
    await allDone(jobs, [await add(1)]);
    const first = performance.now();
    const ids: string[] = [];
    for (let times = 0; times < 200; times++) ids.push(await add(1));
    const middle = performance.now();
    await allDone(jobs, ids);
    const [adding, whole] = [middle - first, performance.now() - first].map((time) => (time / 200).toFixed(1));
    console.log(`${adding} ms to put a job into the queue, ${whole} ms to its end, at the rate of one worker`);
  });
});
