import { assertEquals } from "@std/assert";
import { Places } from "../../../engine/service/places.ts";

Deno.test("jobs share places, and one that takes all of them is alone, in the order of asking", async () => {
  const places = new Places(2);
  const told: string[] = [];
  const ends: (() => void)[] = [];
  const job = (name: string, count: number) =>
    places.hold(count, async () => {
      told.push(`${name} begins`);
      await new Promise<void>((resolve) => ends.push(resolve));
      told.push(`${name} ends`);
    });
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  const jobs = [job("a", 1), job("b", 1), job("alone", 2), job("c", 1)];
  await settled();
  assertEquals(told, ["a begins", "b begins"]);
  for (let next = 0; next < jobs.length; next++) {
    ends[next]();
    await settled();
  }
  await Promise.all(jobs);
  assertEquals(told.slice(2), ["a ends", "b ends", "alone begins", "alone ends", "c begins", "c ends"]);
});

Deno.test("a job that fails gives its place back", async () => {
  const places = new Places(1);
  assertEquals(await places.hold(1, () => Promise.reject(1)).catch((error) => error), 1);
  assertEquals(await places.hold(1, () => Promise.resolve(2)), 2);
});
