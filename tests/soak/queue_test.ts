/** The queue at length: kills at 30 seeded moments of 200 jobs, and what it costs with 1, 2 and 3 workers. */
import { disturbedTrial } from "../service/disturbed_queue.ts";
import { hasServers } from "../service/servers.ts";

const ignore = !hasServers;

Deno.test({ name: "200 jobs survive 30 kills of workers, service and server", ignore }, async () => {
  const { seconds, retries } = await disturbedTrial({ seed: 2, jobs: 200, kills: 30, workers: 2 });
  console.log(`200 jobs, 30 kills: ${seconds.toFixed(1)} s, ${retries} deliveries again`);
});

Deno.test({ name: "200 jobs by 1, 2 and 3 workers", ignore }, async () => {
  for (const workers of [1, 2, 3]) {
    const { seconds } = await disturbedTrial({ seed: 3, jobs: 200, kills: 0, workers });
    console.log(`${workers} workers: ${(200 / seconds).toFixed(1)} jobs a second`);
  }
});
