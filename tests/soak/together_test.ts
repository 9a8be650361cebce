/** The default pipeline over slices that go together, beside the same slices one by one. */
import { assertEquals } from "@std/assert";
import { defaultStages, loadPlugins, MemoryOutput, openEngine, pipelineOf, runPipeline } from "isocenter";
import { missing, testData } from "../test_data.ts";

const images = testData("brain_tumor_t1c/images");

Deno.test({
  name: "slices that go through the networks together give the files that they give one by one, to the byte",
  ignore: missing("brain_tumor_t1c/images"),
  fn: async () => {
    const inputs = [...Deno.readDirSync(images)].map(({ name }) => `${images}/${name}`).sort().slice(0, 31);
    await using engine = await openEngine();
    const [together, alone] = await Promise.all([false, true].map(async (failFast) => {
      const output = new MemoryOutput();
      const stages = pipelineOf(defaultStages.filter((stage) => stage !== "report"));
      const { status } = await runPipeline(stages, { engine, plugins: await loadPlugins(), inputs, output, failFast });
      assertEquals(status, 0);
      return output.files;
    }));
    const names = (files: ReadonlyMap<string, Uint8Array>) => [...files.keys()].filter((name) => !/\.json$/.test(name));
    assertEquals(names(together), names(alone));
    for (const name of names(alone)) assertEquals(together.get(name), alone.get(name), name);
  },
});
