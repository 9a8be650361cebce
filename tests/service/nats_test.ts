/** A queue on Debian's nats-server: what becomes of jobs whose worker, service or server dies. */
import { assert, assertEquals } from "@std/assert";
import { deadLetters, sendAgain } from "../../engine/service/dead_letters.ts";
import { NatsJobs } from "../../engine/service/nats_jobs.ts";
import { NatsStore } from "../../engine/service/nats_store.ts";
import { openWorker } from "../../engine/service/worker.ts";
import { inFolder } from "../command/program.ts";
import { disturbedTrial } from "./disturbed_queue.ts";
import { freePort, hasServers, startNats } from "./servers.ts";

const ignore = !hasServers;

Deno.test({ name: "no job is lost or done twice as workers, service and server are killed", ignore }, async () => {
  await disturbedTrial({ seed: 1, jobs: 12, kills: 4, workers: 2 });
});

Deno.test({
  name: "a job under which workers die is a dead letter that can be sent again; others are canceled",
  ignore,
}, () =>
  inFolder(async (folder) => {
    const port = freePort();
    await using _server = await startNats(folder, port);
    const queue = `nats://127.0.0.1:${port}`;
    await using jobs = await NatsJobs.open(queue, 2, { ackWait: 200 });
    await using store = await NatsStore.open(queue);
    const order = async (name: string) => {
      await Deno.mkdir(`${folder}/${name}/inputs`, { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}/inputs/a.txt`, name);
      const task = { pipeline: { stages: [{ stage: "acquire" }, { stage: "export" }] } };
      return await jobs.add({ task, folder: `${folder}/${name}`, hash: name, key: name });
    };
    const { id } = await order("first");
    assertEquals((await order("first")).id, id);
    // Workers that die at once: the job is drawn and never answered for.
    for (let times = 0; times < 2; times++) assert(await store.next(5000) !== null);
    const plugins = ["acquire", "export"].map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`));
    const worker = await openWorker({ plugins, models: {}, queue, maxDeliver: 2 });
    const over = async (id: string) => {
      await jobs.follow(id, () => {}, AbortSignal.timeout(20_000));
      return await jobs.get(id);
    };
    assertEquals((await over(id)).problem?.type, "/problems/dead-letter");
    assertEquals((await deadLetters(store)).map(({ id, stages }) => [id, stages]), [[id, ["acquire", "export"]]]);
    assert(await sendAgain(store, id));
    assertEquals(await sendAgain(store, id), false);
    // This time it is done: what was sent is no image.
    assertEquals((await over(id)).problem?.type, "/problems/input");
    worker.stop();
    await worker.stopped;
    const waiting = [(await order("second")).id, (await order("third")).id];
    assertEquals((await Promise.resolve(jobs.admit()).catch((error) => error)).status, 429);
    await jobs.remove(waiting[0]);
    assertEquals((await over(waiting[0])).state, "canceled");
    await jobs.remove(waiting[0]);
    assertEquals((await jobs.get(waiting[0]).catch((error) => error)).status, 404);
    await worker[Symbol.asyncDispose]();
  }));
