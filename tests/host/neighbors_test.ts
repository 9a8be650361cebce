/** Whether the bench sees that other programs keep the processors busy. */
import { assert, assertEquals } from "@std/assert";
import { Neighbors } from "../../engine/bench/neighbors.ts";

Deno.test("what another program takes of the processors is told", async () => {
  const neighbors = new Neighbors();
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", "for (;;);"], stdout: "null", stderr: "null" })
    .spawn();
  try {
    await neighbors.beside(() => new Promise((resolve) => setTimeout(resolve, 700)));
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
  // One processor, less the child's start, a rest for a busy machine, and a tick of its clock.
  assert(neighbors.share! > 0.4 / navigator.hardwareConcurrency, `${neighbors.share}`);
});

Deno.test("what this program takes of the processors, and idles, is not another's", async () => {
  const readings = [{ all: 0, idle: 0, own: 0 }, { all: 200, idle: 60, own: 90 }, { all: 1000, idle: 500, own: 300 }, {
    all: 1200,
    idle: 700,
    own: 300,
  }];
  const neighbors = new Neighbors(() => readings.shift());
  assertEquals(await neighbors.beside(() => Promise.resolve("done")), "done");
  assertEquals(neighbors.share, 0.25);
  await neighbors.beside(() => Promise.resolve());
  assertEquals(neighbors.share, 0.125);
});

Deno.test("no share is told where a program may not ask for it", async () => {
  const neighbors = new Neighbors(() => undefined);
  await neighbors.beside(() => Promise.resolve());
  assertEquals(neighbors.share, undefined);
});
