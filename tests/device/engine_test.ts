/** What an engine has beyond a runtime: counts of a piece of work. */
import { assertEquals, assertRejects } from "@std/assert";
import { filters, openEngine } from "../../mod.ts";

const engine = await openEngine();

const image = (side: number) =>
  engine.tensor(Float32Array.from({ length: side * side }, (_, i) => i % 7), [1, side, side]);

/** A request as a service gets it: some readbacks, one after the other. */
async function request(side: number, readbacks: number): Promise<void> {
  for (let round = 0; round < readbacks; round++) {
    using pixels = image(side);
    using clean = engine.run((r) => filters.mean(r, pixels, { radius: 1 }));
    await engine.read([clean]);
  }
}

Deno.test("readbacks are counted for the work that makes them, whatever else is read meanwhile", async () => {
  const before = engine.stats().readbacks;
  const [three, none, both, rest] = await Promise.all([
    engine.counted(() => request(64, 3)),
    engine.counted(() => Promise.resolve("nothing")),
    engine.counted(async () => {
      await request(16, 1);
      return await engine.counted(() => request(16, 2));
    }),
    request(32, 4),
  ]);
  assertEquals([three.readbacks, three.readbackBytes], [3, 3 * 64 * 256]);
  assertEquals(none, { value: "nothing", readbacks: 0, readbackBytes: 0 });
  assertEquals([both.readbacks, both.value.readbacks, both.readbackBytes], [3, 2, 3 * 16 * 256]);
  assertEquals(rest, undefined);
  assertEquals(engine.stats().readbacks - before, 3 + 3 + 4);
  await assertRejects(() => engine.counted(() => Promise.reject(new Error("lost"))), Error, "lost");
});
