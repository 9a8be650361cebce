import { assertEquals, assertMatch } from "@std/assert";
import { defaultStages, loadPlugins, openEngine, pipelineOf, runPipeline } from "isocenter";
import { hasBrowser, violationsOf } from "../accessibility.ts";
import { prepareDemonstration } from "../../plugins/demonstration/study.ts";

Deno.test("a case of the default pipeline takes one readback, and the device is asked to map once", async () => {
  const folder = await Deno.makeTempDir();
  const mapAsync = GPUBuffer.prototype.mapAsync;
  let maps = 0;
  try {
    const { inputs, truth } = await prepareDemonstration(folder);
    await using engine = await openEngine();
    GPUBuffer.prototype.mapAsync = function (...args) {
      maps++;
      return mapAsync.apply(this, args);
    };
    const { run, status } = await runPipeline(pipelineOf(defaultStages), {
      engine,
      plugins: await loadPlugins(),
      inputs: [1, 2, 3].map((slice) => `${inputs[0]}/head1_slice${slice}.dcm`),
      truth,
      output: `${folder}/results`,
    });
    assertEquals(status, 0);
    assertEquals(run.cases.map(({ readbacks }) => readbacks), [1, 1, 1]);
    assertEquals(run.summary.readbacksPerCase, { max: 1, mean: 1 });
    assertEquals(maps, 3);
    const page = await Deno.readTextFile(`${folder}/results/report.html`);
    assertMatch(page, /<summary>\d\d+ shaders<\/summary>/);
    if (hasBrowser) assertEquals(await violationsOf(page), []);
  } finally {
    GPUBuffer.prototype.mapAsync = mapAsync;
    await Deno.remove(folder, { recursive: true });
  }
});
