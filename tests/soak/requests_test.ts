/** What a service's process holds after thousands of requests. */
import { assert } from "@std/assert";

/** MiB by which the process has grown, and its heap that is in use. */
interface Growth {
  readonly grown: number;
  readonly heap: number;
}

async function growth(kind: "service" | "sizes", count: number): Promise<Growth> {
  const program = new URL("requests_program.ts", import.meta.url).pathname;
  const args = ["run", "--frozen", "--v8-flags=--expose-gc", "-A", program, kind, `${count}`];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert(success, new TextDecoder().decode(stderr));
  const answer: Growth & { kept: number } = JSON.parse(new TextDecoder().decode(stdout));
  const heap = `the heap in use by ${answer.heap.toFixed(2)}`;
  console.log(`${count} requests: grown by ${answer.grown} MiB, ${Math.round(answer.kept)} kept for reuse, ${heap}`);
  return answer;
}

Deno.test("2,000 small requests to the README's service let the process grow by less than 50 MB", async () => {
  const { grown, heap } = await growth("service", 2000);
  assert(grown < 50);
  assert(heap < 1);
});

Deno.test("6,000 requests of random sizes let the process grow by what the pool may keep and 200 MB that the driver keeps", async () => {
  const { grown, heap } = await growth("sizes", 6000);
  assert(grown < 128 + 200);
  assert(heap < 1);
});
