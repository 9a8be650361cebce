/**
 * Makes the README's picture, `strip.png` beside this file, from a slice of the demonstration study: input, denoised image,
 * mask overlay and crop, side by side. Run: `deno run -A plugins/demonstration/strip.ts`.
 */
import { loadPlugins, openEngine, pipelineOf, runPipeline } from "../../mod.ts";
import { originOf } from "../formats/limits.ts";
import { decodePng, encodePng } from "../formats/png/png.ts";
import { prepareDemonstration } from "./study.ts";

const side = 256;
const gap = 8;
const folder = await Deno.makeTempDir();
try {
  await using engine = await openEngine();
  const { slice: input } = await prepareDemonstration(folder);
  const run = async (stages: readonly string[], name: string) => {
    const output = `${folder}/${name}`;
    await runPipeline(pipelineOf(stages), { engine, plugins: await loadPlugins(), inputs: [input], output });
    return `${output}/cases/head1_slice2`;
  };
  const before = await run(["acquire", "export"], "before");
  const after = await run(["acquire", "denoise", "segment", "crop", "export"], "after");
  const files = [`${before}/image.png`, `${after}/image.png`, `${after}/overlay.png`, `${after}/crop.png`];
  const width = files.length * side + (files.length - 1) * gap;
  const strip = new Float32Array(3 * side * width).fill(255);
  for (const [index, file] of files.entries()) {
    const { pixels, shape: [channels, rows, columns] } = decodePng(await Deno.readFile(file), originOf(file));
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < side; y++) {
        for (let x = 0; x < side; x++) {
          const from = (Math.floor(y * rows / side) * columns) + Math.floor(x * columns / side);
          strip[(c * side + y) * width + index * (side + gap) + x] = pixels[(c % channels) * rows * columns + from];
        }
      }
    }
  }
  await Deno.writeFile(new URL("strip.png", import.meta.url), encodePng(strip, [3, side, width], { bits: 8 }));
} finally {
  await Deno.remove(folder, { recursive: true });
}
