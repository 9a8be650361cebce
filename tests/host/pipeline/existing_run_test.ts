/** A run whose folder holds one already: refused, replaced, or gone on with. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type RunOutcome, runPipeline, UsageError } from "../../../engine/pipeline/mod.ts";
import { run } from "./fake_runs.ts";
import { defaultStages, FakeEngine, fakePlugin, fakeStage } from "./fakes.ts";
import { inFolder, names } from "./output_runs.ts";

Deno.test("a folder that holds a run is refused, replaced or gone on with", () =>
  inFolder(async (folder) => {
    await run(folder);
    const refused = await assertRejects(() => run(folder), UsageError);
    assertStringIncludes(refused.message, "--resume");
    const again = await run(folder, { existing: "resume", inputs: ["a", "bb", "ccc", "d"] });
    assertEquals(again.engine.log.filter((name) => name === "segment").length, 1);
    assertEquals(again.run.cases.map(({ id }) => id), ["a", "bb", "ccc", "d"]);
    const fresh = await run(folder, { existing: "overwrite", inputs: ["e"] });
    assertEquals(fresh.status, 0);
    assertEquals(await names(folder), ["cases/e/case.json", "cases/e/image.bin", "run.json"]);
  }));

Deno.test("a built-in study replaces its own run and no other", () =>
  inFolder(async (folder) => {
    await run(folder, { study: "demonstration" });
    assertEquals((await run(folder, { study: "demonstration", inputs: ["z"] })).run.cases.length, 1);
    await run(folder, { existing: "overwrite" });
    await assertRejects(() => run(folder, { study: "demonstration" }), UsageError, "holds the run of");
  }));

Deno.test("--resume with another pipeline or option is refused and names the difference", () =>
  inFolder(async (folder) => {
    await run(folder, { names: ["denoise"] });
    const before = await Deno.readTextFile(`${folder}/run.json`);
    const stages = { existing: "resume", names: ["denoise", "segment"] } as const;
    await assertRejects(
      () => run(folder, stages),
      UsageError,
      "the stages were acquire, denoise and are acquire, denoise, segment",
    );
    const options = () =>
      runPipeline({ stages: [{ stage: "acquire" }, { stage: "denoise", options: { strength: 2 } }] }, {
        engine: new FakeEngine(),
        plugins: [fakePlugin()],
        inputs: ["a"],
        output: folder,
        existing: "resume",
      });
    await assertRejects(options, UsageError, "denoise.strength was 1 and is 2");
    assertEquals(await Deno.readTextFile(`${folder}/run.json`), before);
  }));

Deno.test("an interrupted run keeps what is done, and resumes to the bytes of an undisturbed one", () =>
  inFolder(async (folder) => {
    const controller = new AbortController();
    const stop = fakeStage("stop", {
      needs: ["image"],
      work: (current) => {
        if (current.id === "bb") controller.abort();
      },
    });
    const stages = [stop, ...defaultStages()];
    const interrupted = await run(`${folder}/one`, { stages, signal: controller.signal });
    assertEquals(interrupted.status, 130);
    assertEquals(interrupted.run.status, "interrupted");
    assertEquals(interrupted.run.cases.map(({ id }) => id), ["a"]);
    assertEquals(interrupted.engine.alive, []);
    assertEquals(await names(`${folder}/one`), ["cases/a/case.json", "cases/a/image.bin", "run.json"]);
    const resumed = await run(`${folder}/one`, { stages, existing: "resume" });
    assertEquals(resumed.status, 0);
    const whole = await run(`${folder}/two`, { stages });
    const timeless = (outcome: RunOutcome) => {
      const { startedAt: _, seconds: __, ...rest } = outcome.run;
      return { ...rest, cases: rest.cases.map(({ stages: ___, shares: ____, ...kept }) => kept) };
    };
    assertEquals(timeless(resumed), timeless(whole));
    for (const name of await names(`${folder}/two`)) {
      if (name.endsWith(".json")) continue;
      assertEquals(await Deno.readFile(`${folder}/one/${name}`), await Deno.readFile(`${folder}/two/${name}`));
    }
  }));
