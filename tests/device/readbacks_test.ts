import { assertEquals, assertMatch } from "@std/assert";
import { defaultStages, loadPlugins, openEngine, pipelineOf, runPipeline } from "isocenter";
import { geometryOfAffine } from "../../engine/pipeline/mod.ts";
import { hasBrowser, violationsOf } from "../accessibility.ts";
import { encodeNifti } from "../../plugins/formats/nifti/encode.ts";
import { buildModel, type NodeText } from "../onnx_builder.ts";
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

Deno.test("so does a volume, whose slices go in batches, and what was found lies where it is", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const size = [1, 3, 40, 48];
    // A head of gray with a bright ball on the left side.
    const pixels = Float32Array.from({ length: 3 * 40 * 48 }, (_, at) => {
      const [x, y] = [at % 48, Math.floor(at / 48) % 40];
      return Math.hypot(x - 32, y - 20) < 5 ? 250 : Math.hypot(x - 24, y - 20) < 17 ? 100 : 0;
    });
    const affine = [-4, 0, 0, 90, 0, -4, 0, 80, 0, 0, 5, -7, 0, 0, 0, 1];
    const input = `${folder}/Tête gauche.nii.gz`;
    await Deno.writeFile(input, encodeNifti(pixels, size, geometryOfAffine(affine, 3)));
    await using engine = await openEngine();
    const model = `${folder}/bright`;
    await Deno.mkdir(model);
    const nodes: NodeText[] = [["Sigmoid", ["image"], ["probability"]]];
    await Deno.writeFile(
      `${model}/model.onnx`,
      buildModel({ inputs: { image: ["N", 1, 32, 32] }, outputs: ["probability"], nodes }),
    );
    await Deno.writeTextFile(
      `${model}/model.json`,
      JSON.stringify({
        name: "bright",
        task: "segmentation",
        input: { name: "image", channels: 1, size: [32, 32], spacingMm: [6, 6] },
        normalization: { kind: "standardize", over: "input" },
        output: { name: "probability", threshold: 0.85 },
        classes: ["bright"],
      }),
    );
    const stages = ["acquire", "segment", "crop", "evaluate", "export", "report"].map((stage) => {
      return { stage, options: stage === "segment" ? { model } : {} };
    });
    const { run, status } = await runPipeline({ stages }, {
      engine,
      plugins: await loadPlugins(),
      inputs: [input],
      output: `${folder}/results`,
    });
    assertEquals([status, run.cases.map(({ readbacks }) => readbacks)], [0, [1]]);
    const [{ files, geometry, grids, measures }] = run.cases;
    const { region, box } = measures as {
      region: { volumeMm3: number };
      box: { slice: number; cornersMm: number[][] };
    };
    // The ball is a cylinder through all slices: pi times 20 mm squared times 15 mm.
    assertEquals(Math.abs(region.volumeMm3 / (Math.PI * 400 * 15) - 1) < 0.2, true, `${region.volumeMm3} mm3`);
    const [x, y, z] = [0, 1, 2].map((axis) => (box.cornersMm[0][axis] + box.cornersMm[1][axis]) / 2);
    // Column 32, row 20: 90 - 4 * 32, 80 - 4 * 20.
    assertEquals([Math.abs(x + 38) < 4, Math.abs(y) < 4, z === -7 + 5 * box.slice], [true, true, true]);
    assertEquals([geometry?.size, grids], [size.slice(1), undefined]);
    for (const plane of ["axial", "coronal", "sagittal"]) {
      assertEquals(files.some((file) => file.endsWith(`report/${plane}.jpg`)), true, plane);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
