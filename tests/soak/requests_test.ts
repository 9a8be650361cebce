/** What a service's process holds after thousands of requests. */
import { assert } from "@std/assert";

async function grownBy(kind: "service" | "sizes", count: number): Promise<number> {
  const program = new URL("requests_program.ts", import.meta.url).pathname;
  const args = ["run", "--frozen", "--v8-flags=--expose-gc", "-A", program, kind, `${count}`];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert(success, new TextDecoder().decode(stderr));
  const answer: { grown: number; kept: number } = JSON.parse(new TextDecoder().decode(stdout));
  console.log(`${count} requests: grown by ${answer.grown} MiB, ${Math.round(answer.kept)} of them kept for reuse`);
  return answer.grown;
}

Deno.test("2,000 small requests to the README's service let the process grow by less than 50 MB", async () => {
  assert(await grownBy("service", 2000) < 50);
});

Deno.test("6,000 requests of random sizes let the process grow by what the pool may keep and 200 MB that the driver keeps", async () => {
  assert(await grownBy("sizes", 6000) < 128 + 200);
});
