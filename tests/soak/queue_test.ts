/** The queue at length: kills at 30 seeded moments of 200 jobs, what 1, 2 and 3 workers do, and what the queue costs a job. */
import { assertEquals } from "@std/assert";
import { NatsJobs } from "../../engine/service/nats_jobs.ts";
import { encodeNpy } from "../../engine/service/page/arrays.js";
import { inFolder } from "../command/program.ts";
import { disturbedTrial, start } from "../service/disturbed_queue.ts";
import { freePort, hasServers, startNats } from "../service/servers.ts";

const ignore = !hasServers;
const size = 128;

/** A queue, and a way to prepare slices for the bilateral filter: what puts one into the queue, and gives its id. */
async function onQueue(
  work: (jobs: NatsJobs, prepare: (number: number) => Promise<() => Promise<string>>, queue: string) => Promise<void>,
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
    const prepare = async (number: number) => {
      const place = `${folder}/order${orders++}`;
      await Deno.mkdir(`${place}/inputs`, { recursive: true });
      const values = Float32Array.from({ length: size * size }, (_, at) => (at * (number + 7)) % 997);
      await Deno.writeFile(`${place}/inputs/image.npy`, encodeNpy(values, [size, size]));
      const order = { task: { pipeline: { stages } }, folder: place, hash: String(number) };
      return async () => {
        await jobs.admit();
        return (await jobs.add(order)).id;
      };
    };
    await work(jobs, prepare, queue);
  });
}

async function allDone(jobs: NatsJobs, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map((id) => jobs.follow(id, () => {}, AbortSignal.timeout(300_000))));
  for (const id of ids) assertEquals((await jobs.get(id)).state, "done");
}

Deno.test({ name: "200 jobs survive 30 kills of workers, service and server", ignore }, async () => {
  console.log(`${await disturbedTrial({ seed: 2, jobs: 200, kills: 30, workers: 2 })} jobs were begun again`);
});

/** Waits until no job waits or is at work: to follow each one costs more than the queue does. */
async function allOver(jobs: NatsJobs): Promise<void> {
  for (let left = 1; left > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    const { queued, running } = await jobs.load();
    left = queued + running;
  }
}

Deno.test({ name: "100 slices by 1, 2 and 3 workers", ignore }, async () => {
  for (const workers of [1, 2, 3]) {
    await onQueue(async (jobs, prepare, queue) => {
      const all = await Promise.all(Array.from({ length: workers }, () => start("work", queue)));
      // The first ones compile, in each worker.
      for (let at = 0; at < 8 * workers; at++) await (await prepare(1000 + at))();
      await allOver(jobs);
      const orders = await Promise.all(Array.from({ length: 100 }, (_, at) => prepare(at)));
      const begin = performance.now();
      const ids = await Promise.all(orders.map((add) => add()));
      await allOver(jobs);
      const rate = 1000 * orders.length / (performance.now() - begin);
      console.log(`${workers} workers: ${rate.toFixed(1)} slices a second`);
      await allDone(jobs, ids);
      for (const worker of all) await worker.kill();
    });
  }
});

Deno.test({ name: "what the queue costs a job whose result is known already", ignore }, async () => {
  await onQueue(async (jobs, prepare, queue) => {
    await using _worker = await start("work", queue);
    await allDone(jobs, [await (await prepare(1))()]);
    const orders = await Promise.all(Array.from({ length: 200 }, () => prepare(1)));
    const begin = performance.now();
    const ids: string[] = [];
    const times: number[] = [];
    for (const add of orders) {
      const at = performance.now();
      ids.push(await add());
      times.push(performance.now() - at);
    }
    await allOver(jobs);
    const whole = (performance.now() - begin) / orders.length;
    await allDone(jobs, ids);
    const middle = times.sort((a, b) => a - b)[orders.length / 2];
    console.log(
      `${middle.toFixed(1)} ms to put a job into the queue (median), ${whole.toFixed(1)} ms to its end (rate)`,
    );
  });
});
