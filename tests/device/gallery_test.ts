import { assert, assertEquals } from "@std/assert";
import { loadPlugins, openEngine, pipelineOf, runPipeline } from "isocenter";
import { hasBrowser, violationsOf } from "../accessibility.ts";
import { prepareDemonstration } from "../../plugins/demonstration/study.ts";
import { denoisers } from "../../plugins/denoise/denoisers.ts";
import { measuredOf } from "../../plugins/denoise/gallery_page.ts";
import { originOf } from "../../plugins/formats/limits.ts";
import { decodePng } from "../../plugins/formats/png/png.ts";

Deno.test("the gallery shows every filter, each nearer to the slice than its noisy copy", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { slice } = await prepareDemonstration(folder);
    await using engine = await openEngine();
    const output = `${folder}/gallery`;
    const pipeline = pipelineOf(["acquire", "gallery"]);
    const plugins = await loadPlugins();
    const { run, status } = await runPipeline(pipeline, { engine, plugins, inputs: [slice], output });
    assertEquals([status, run.files], [0, ["gallery.html", "gallery.png"]]);
    const names = Object.keys(denoisers);
    const measured = measuredOf(run.cases[0].measures);
    assertEquals(measured?.results.map(({ filter }) => filter), names);
    for (const { filter, quality } of measured?.results ?? []) {
      assert((quality?.psnr ?? 0) > (measured?.noisy?.psnr ?? Infinity), `${filter}: ${quality?.psnr} dB`);
    }
    const page = await Deno.readTextFile(`${output}/gallery.html`);
    if (hasBrowser) assertEquals(await violationsOf(page), []);
    const pictures = [...page.matchAll(/src="([^"]+)"/g)].map(([, path]) => path);
    assertEquals(pictures.length, 2 + 2 * names.length);
    for (const path of pictures) assert((await Deno.stat(`${output}/${path}`)).isFile, path);
    assertEquals(decodePng(await Deno.readFile(`${output}/gallery.png`), originOf("sheet")).shape, [
      1,
      2 * 256 + 6,
      5 * 262 - 6,
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
