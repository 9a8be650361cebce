/**
 * The row `chain`: 100 slices of `TEST_DATA` from PNG files to masks, crops, classes and pictures, beside the same steps
 * written with OpenCV and onnxruntime-node, two processes joined by pipes: `deno task bench tests/bench/chain.ts --rounds 3`.
 */
import type { BenchRow } from "../../engine/bench/rows.ts";
import type { Engine } from "../../engine/mod.ts";
import { pipelineOf, type Plugin, runPipeline } from "../../engine/pipeline/mod.ts";

const slices = 100;
const stages = ["acquire", "denoise", "segment", "crop", "classify", "export"];

const row: BenchRow = {
  name: "chain/slices",
  work: `${slices} slices of 256 x 256: ${stages.join(", ")}`,
  peers: [{ kind: "python", script: "chain_peer.py", work: "chain", size: slices }],
  prepare: async (engine: Engine) => {
    const data = Deno.env.get("TEST_DATA") ?? new URL("../../../shared/data", import.meta.url).pathname;
    const folder = `${data}/brain_tumor_t1c/images`;
    const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort().slice(0, slices);
    const modules = stages.map((name) => import(`../../plugins/${name}/${name}.ts`));
    const plugins = (await Promise.all(modules)).map((module) => module.default as Plugin);
    const output = await Deno.makeTempDir({ prefix: "isocenter-chain-" });
    const run = async () => {
      const { status, error } = await runPipeline(pipelineOf(stages), {
        engine,
        plugins,
        inputs: names.map((name) => `${folder}/${name}`),
        output,
        existing: "overwrite",
      });
      if (status !== 0) throw error ?? new Error(`the run ended with ${status}`);
    };
    const begin = performance.now();
    await run();
    return {
      coldMs: performance.now() - begin,
      run,
      // What the networks and pictures cost is not told apart.
      cost: () => ({ bytes: 0, flops: 0 }),
      [Symbol.asyncDispose]: () => Deno.remove(output, { recursive: true }),
    };
  },
};

export default [row];
