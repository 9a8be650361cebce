/** A run that goes on: what is taken over of the one before, and what is refused. */
import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "../../../engine/pipeline/mod.ts";
import { FakeEngine, fakeStage } from "./fakes.ts";
import { contents, edit, file, inFolder, picture, run, type Setup, timeless } from "./output_runs.ts";

Deno.test("--resume believes nothing that can be compared", async (test) => {
  const look = () => {
    const seen: string[] = [];
    const stage = fakeStage("look", { needs: ["image"], work: ({ id }) => void seen.push(id) });
    return { seen, stages: [stage, picture] };
  };
  const redone = async (folder: string, setup: Setup = {}): Promise<string[]> => {
    const { seen, stages } = look();
    const { status } = await run(folder, { stages, existing: "resume", ...setup });
    assertEquals(status, 0);
    return seen;
  };
  const steps: [name: string, prepare: (folder: string) => Promise<void>, setup: Setup, redone: string[]][] = [
    ["nothing has changed", () => Promise.resolve(), {}, []],
    ["other bytes, the same length", () => Promise.resolve(), { ids: [file("a", "z"), "b"] }, ["a"]],
    ["other bytes, another length", () => Promise.resolve(), { ids: ["a", file("b", "bb")] }, ["b"]],
    ["a missing picture", (folder) => Deno.remove(`${folder}/cases/b/deep/picture.jpg`), {}, ["b"]],
    ["a missing record of a case", (folder) => Deno.remove(`${folder}/cases/b`, { recursive: true }), {}, ["b"]],
    ["a further input", () => Promise.resolve(), { ids: ["a", "b", "c"] }, ["c"]],
  ];
  for (const [name, prepare, setup, expected] of steps) {
    await test.step(name, () =>
      inFolder(async (folder) => {
        await run(`${folder}/one`, { stages: look().stages });
        await prepare(`${folder}/one`);
        assertEquals(await redone(`${folder}/one`, setup), expected);
        await run(`${folder}/two`, { stages: look().stages, ...setup });
        const [one, two] = [await contents(`${folder}/one`), await contents(`${folder}/two`)];
        assertEquals(Object.keys(one).sort(), Object.keys(two).sort());
        for (const path of Object.keys(two)) assertEquals(timeless(one[path]), timeless(two[path]), path);
      }));
  }
  const refused: [name: string, setup: Setup, message: string][] = [
    ["an input less", { ids: ["a"] }, "the inputs had b and no longer have"],
    ["another truth", { truth: "other" }, "the truth was not given and is other"],
    ["another adapter", { engine: otherEngine("lavapipe") }, "the adapter's kind was swiftshader and is lavapipe"],
  ];
  for (const [name, setup, message] of refused) {
    await test.step(name, () =>
      inFolder(async (folder) => {
        await run(folder);
        const before = await contents(folder);
        await assertRejects(() => run(folder, { existing: "resume", ...setup }), UsageError, message);
        assertEquals(await contents(folder), before);
      }));
  }
  await test.step("another program, and an earlier version of run.json", () =>
    inFolder(async (folder) => {
      await run(folder);
      await edit(`${folder}/run.json`, (record) => record.isocenter = "0.0.1");
      await assertRejects(() => run(folder, { existing: "resume" }), UsageError, "the program was 0.0.1 and is");
      for (const existing of ["resume", "overwrite"] as const) {
        await edit(`${folder}/run.json`, (record) => record.schemaVersion = 1);
        await assertRejects(() => run(folder, { existing }), UsageError, "its schemaVersion is 1");
      }
    }));
});

function otherEngine(adapter: string): FakeEngine {
  return Object.assign(new FakeEngine(), { info: { adapter, name: "Fake Device" } });
}
