/** What a service's process holds after thousands of requests. */
import { assert } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { requestsOfRandomSizes, requestsOfService } from "./requests.ts";

const mebibyte = 2 ** 20;
const rss = () => Math.round(Deno.memoryUsage().rss / mebibyte);

Deno.test("2,000 small requests to the README's service let the process grow by less than 50 MB", async () => {
  await using engine = await openEngine();
  await requestsOfService(engine, 200);
  const before = rss();
  await requestsOfService(engine, 2000);
  const grown = rss() - before;
  console.log(`grown by ${grown} MiB, from ${before} MiB`);
  assert(grown < 50, `grown by ${grown} MiB`);
});

Deno.test("6,000 requests of random sizes are bounded by what the pool may keep", async () => {
  const memoryKept = 128 * mebibyte;
  await using engine = await openEngine({ memoryKept });
  await requestsOfRandomSizes(engine, 200, () => {});
  const before = rss() - engine.stats().bytes.kept / mebibyte;
  let most = 0;
  await requestsOfRandomSizes(engine, 6000, () => {
    most = Math.max(most, rss());
    assert(engine.stats().bytes.kept <= memoryKept);
  });
  const grown = Math.round(most - before);
  console.log(`grown by ${grown} MiB at most, of which the pool may keep ${memoryKept / mebibyte}`);
  assert(grown < 128 + 100, `grown by ${grown} MiB`);
});
