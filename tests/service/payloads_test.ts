/** Where the files of a queue are: NATS' object store or a bucket, and how long. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../engine/errors.ts";
import { NatsJobs } from "../../engine/service/nats_jobs.ts";
import { NatsStore, type QueuedJob, workOf } from "../../engine/service/nats_store.ts";
import { S3Payloads } from "../../engine/service/s3_payloads.ts";
import { openWorker } from "../../engine/service/worker.ts";
import { encodePng } from "../../plugins/formats/png/png.ts";
import { filesIn, inFolder } from "../command/program.ts";
import { freePort, hasServers, startBucket, startNats } from "./servers.ts";

const stages = ["acquire", "denoise", "export"];
const plugins = stages.map((name) => import.meta.resolve(`../../plugins/${name}/${name}.ts`));
const day = 86_400_000;

Deno.test(
  { name: "files of a queue go into a bucket and come from there, and programs agree on it", ignore: !hasServers },
  () =>
    inFolder(async (folder) => {
      await Deno.mkdir(`${folder}/bucket`);
      const { server, bucket } = await startBucket(`${folder}/bucket`);
      await using _bucket = server;
      const port = freePort();
      await using _nats = await startNats(`${folder}/nats`, port);
      const queue = `nats://127.0.0.1:${port}`;
      await using jobs = await NatsJobs.open(queue, 2, { bucket });
      await using worker = await openWorker({ plugins, models: {}, queue, bucket });
      await Deno.mkdir(`${folder}/job/inputs`, { recursive: true });
      const image = encodePng(Float32Array.from({ length: 64 }, (_, at) => at), [1, 8, 8], { bits: 8 });
      await Deno.writeFile(`${folder}/job/inputs/image.png`, image);
      const pipeline = { stages: stages.map((stage) => ({ stage })) };
      const { id } = await jobs.add({ task: { pipeline }, folder: `${folder}/job`, hash: "one" });
      await jobs.follow(id, () => {}, AbortSignal.timeout(60_000));
      const { state, results } = await jobs.get(id);
      assertEquals([state, results.includes("cases/case-1/image.png")], ["done", true]);
      const png = await new Response(await jobs.open(id, "cases/case-1/image.png")).bytes();
      assertEquals([...png.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);
      // The input, the list of inputs, each result, and the one by which the bucket was tried.
      const kept = await filesIn(`${folder}/bucket/isocenter/tests`);
      assertEquals(new Set(kept.map((path) => path.split("._")[0])).size, 3 + results.length);

      const metrics = await (await worker.fetch(new Request("http://worker/metrics"))).text();
      for (
        const line of ['isocenter_jobs_total{state="done"} 1', "isocenter_jobs_queued 0", "isocenter_dead_letters 0"]
      ) {
        assert(metrics.includes(line), metrics);
      }
      assertEquals((await worker.fetch(new Request("http://worker/readyz"))).status, 200);

      await assertRejects(
        () => NatsStore.open(queue),
        UsageError,
        `as they are in ${bucket.url}: give it with --bucket`,
      );
      const other = { ...bucket, url: `${bucket.url}/other` };
      await assertRejects(() => NatsStore.open(queue, { bucket: other }), UsageError, "as they are in");
      const refused = async (change: Partial<typeof bucket>, why: string) => {
        await assertRejects(() => S3Payloads.open({ ...bucket, ...change }, day), UsageError, why);
      };
      await refused({ secretAccessKey: "wrong" }, "SignatureDoesNotMatch");
      await refused({ region: "us-east-1" }, "SignatureDoesNotMatch");
      await refused({ url: bucket.url.replace("isocenter", "none") }, "NoSuchBucket");
      const payloads = await S3Payloads.open(bucket, day);
      assertEquals(await payloads.get("0".repeat(64)), undefined);
      await assertRejects(() => payloads.put("0".repeat(64), Uint8Array.of(1)), Error, "XAmzContentSHA256Mismatch");
    }),
);

Deno.test(
  { name: "what is known of old is kept anew for a job of now", ignore: !hasServers },
  () =>
    inFolder(async (folder) => {
      const port = freePort();
      await using _server = await startNats(folder, port);
      await using store = await NatsStore.open(`nats://127.0.0.1:${port}`);
      const sha256 = await store.putBytes(Uint8Array.of(1, 2, 3));
      const task = { pipeline: { stages: [] } };
      const job: QueuedJob = { id: "a", createdAt: "", task, hash: "one", files: sha256 };
      assertEquals(await store.workFor(job), undefined);
      const result = { files: [{ path: "a", sha256 }], results: ["a"] };
      assertEquals(await store.finishWork(workOf(job), result), result);
      // The first one's note holds.
      assertEquals(await store.finishWork(workOf(job), { files: [], results: [] }), result);
      const revision = async () => (await store.works.get(workOf(job)))?.revision;
      const first = await revision();
      const now = Date.now;
      try {
        for (const [days, isRenewed] of [[1, false], [2, true]] as const) {
          Date.now = () => now() + days * day;
          assertEquals(await store.workFor(job), result);
          assertEquals(await revision() !== first, isRenewed);
        }
      } finally {
        Date.now = now;
      }
      assertEquals([...await store.bytes(sha256)], [1, 2, 3]);
    }),
);
