/** Models that are proved before anything is started, and the modality that they were made for. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  createRegistry,
  type Header,
  MemoryOutput,
  ModelError,
  pipelineOf,
  type RunOptions,
  type RunOutcome,
  runPipeline,
  type Stage,
  UsageError,
} from "../../../engine/pipeline/mod.ts";
import { proveChain } from "../../../engine/pipeline/chain.ts";
import { completeChain, proveModels } from "../../../engine/pipeline/preparation.ts";
import classify from "../../../plugins/classify/classify.ts";
import crop from "../../../plugins/crop/crop.ts";
import segment from "../../../plugins/segment/segment.ts";
import { buildModel, floats } from "../../onnx_builder.ts";
import { FakeEngine, fakePlugin, fakeSource, fakeStage, placed } from "./fakes.ts";

const normalization = { kind: "standardize", foreground: 0.02 };
const segmentation = {
  name: "bright",
  task: "segmentation",
  input: { name: "image", channels: 1, size: [32, 32] },
  normalization: { ...normalization, over: "input" },
  output: { name: "probability" },
  classes: ["bright"],
};
const classification = {
  name: "kinds",
  task: "classification",
  input: { name: "crop", channels: 1, size: [8, 8], crop: { margin: 2, minSidePx: 40 } },
  normalization: { ...normalization, over: "slice" },
  output: { name: "probabilities" },
  classes: ["bright", "none"],
};
const mapModel = (shape: readonly (number | string)[], output = "probability") =>
  buildModel({ inputs: { image: [...shape] }, outputs: [output], nodes: [["Sigmoid", ["image"], [output]]] });
const classModel = (classes: number) =>
  buildModel({
    inputs: { crop: ["N", 1, 8, 8] },
    outputs: ["probabilities"],
    constants: { weights: floats([1, classes], new Array(classes).fill(1)) },
    nodes: [
      ["GlobalAveragePool", ["crop"], ["mean"]],
      ["Flatten", ["mean"], ["flat"]],
      ["MatMul", ["flat", "weights"], ["probabilities"]],
    ],
  });

async function withModel(
  contract: Record<string, unknown>,
  bytes: Uint8Array,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/model.json`, JSON.stringify(contract));
    await Deno.writeFile(`${folder}/model.onnx`, bytes);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("what a model.json says of its file is proved with the chain, and the refusal names what the file has", async (test) => {
  const cases: [name: string, contract: object, bytes: Uint8Array, stage: string, message: string][] = [
    [
      "another input",
      { ...segmentation, input: { ...segmentation.input, name: "x" } },
      mapModel(["N", 1, 32, 32]),
      "segment",
      "names the input x, but the file has image (f32 [N, 1, 32, 32])",
    ],
    [
      "other channels",
      segmentation,
      mapModel(["N", 3, 32, 32]),
      "segment",
      "feeds f32 [N, 1, 32, 32], but the file takes image (f32 [N, 3, 32, 32])",
    ],
    [
      "another size",
      segmentation,
      mapModel(["N", 1, 64, 64]),
      "segment",
      "feeds f32 [N, 1, 32, 32], but the file takes image (f32 [N, 1, 64, 64])",
    ],
    ["another rank", segmentation, mapModel(["N", 1, 32]), "segment", "the file takes image (f32 [N, 1, 32])"],
    [
      "another output",
      segmentation,
      mapModel(["N", 1, 32, 32], "mask"),
      "segment",
      "names the output probability, but the file has mask",
    ],
    [
      "another number of classes",
      classification,
      classModel(3),
      "classify",
      "its output probabilities is [1, 3] and must be [1, 2] (a probability of each of bright, none)",
    ],
  ];
  for (const [name, contract, bytes, stage, message] of cases) {
    await test.step(name, () =>
      withModel({ ...contract }, bytes, async (folder) => {
        const source = fakeSource(["image"]);
        const give = fakeStage("give", { needs: ["image"], gives: ["boxes"] });
        const registry = createRegistry([fakePlugin([give], source), segment, classify]);
        const stages = [{ stage: "acquire" }, { stage: "give" }, { stage, options: { model: folder } }];
        const error = await assertRejects(() => proveModels(proveChain({ stages }, registry)), ModelError);
        assertStringIncludes(error.message, `Cannot use model ${folder} for stage ${stage} as its `);
        assertStringIncludes(error.message, message);
      }));
  }
  await test.step("a file as its contract says", () =>
    withModel(segmentation, mapModel(["N", 1, 32, 32]), async (folder) => {
      const registry = createRegistry([fakePlugin([]), segment]);
      const stages = [{ stage: "acquire" }, { stage: "segment", options: { model: folder } }];
      assertEquals((await proveModels(proveChain({ stages }, registry))).size, 1);
    }));
  await test.step("a name among those that are offered, and none besides", () =>
    withModel(segmentation, mapModel(["N", 1, 32, 32]), async (folder) => {
      const registry = createRegistry([fakePlugin([]), segment]);
      const chain = (model: string) =>
        proveChain({ stages: [{ stage: "acquire" }, { stage: "segment", options: { model } }] }, registry);
      const offered = { mine: folder };
      assertEquals([...(await proveModels(chain("mine"), offered)).keys()], ["mine"]);
      const { message } = await assertRejects(() => proveModels(chain(folder), offered), UsageError);
      assertStringIncludes(message, "only these are offered here: mine");
    }));
});

Deno.test("crop takes margin and least side from the classifier's contract, unless they are given", () =>
  withModel(classification, classModel(2), async (folder) => {
    const registry = createRegistry([fakePlugin([]), crop, classify]);
    const options = async (own: object, ...more: object[]) => {
      const stages = [{ stage: "acquire" }, { stage: "crop", options: { ...own } }, ...more] as { stage: string }[];
      const chain = proveChain({ stages }, registry);
      const { margin, minSide } = completeChain(chain, await proveModels(chain)).stages[0].options;
      return [margin, minSide];
    };
    const after = { stage: "classify", options: { model: folder } };
    assertEquals(await options({}, after), [2, 40]);
    assertEquals(await options({ margin: 3 }, after), [3, 40]);
    assertEquals(await options({}), [1.5, 24]);
  }));

Deno.test("each of two stages crop takes margin and least side from the network that sees its crops", () =>
  withModel(classification, classModel(2), (last) => {
    const input = { ...segmentation.input, crop: { margin: 1.2, minSidePx: 10 } };
    return withModel({ ...segmentation, input }, mapModel(["N", 1, 32, 32]), async (first) => {
      const stages = [
        { stage: "acquire" },
        { stage: "crop", options: { from: "truth" } },
        { stage: "segment", options: { model: first } },
        { stage: "crop" },
        { stage: "classify", options: { model: last } },
      ];
      const chain = proveChain({ stages }, createRegistry([fakePlugin([]), segment, crop, classify]));
      const complete = completeChain(chain, await proveModels(chain)).stages.map(({ options }) => options);
      assertEquals([complete[0], complete[2]].map(({ margin, minSide }) => [margin, minSide]), [[1.2, 10], [2, 40]]);
    });
  }));

/** A run over one case of a header through a stage with a model. */
async function run(
  header: Header | undefined,
  folder: string,
  force?: boolean,
): Promise<RunOutcome & { engine: FakeEngine }> {
  const engine = new FakeEngine();
  const source = {
    ...fakeSource(["image", "header?"]),
    open: () => ({
      list: () => [{ id: "s", source: "s.dcm", sources: [] }],
      load: () => Promise.resolve({ image: placed(engine.tensor(new Float32Array(1), [1, 1, 1])), header }),
    }),
  } as never;
  const stage: Stage = fakeStage("net", { needs: ["image"], models: () => [folder] });
  const options: RunOptions = {
    engine,
    plugins: [fakePlugin([stage], source)],
    inputs: ["s.dcm"],
    output: new MemoryOutput(),
    force,
  };
  return { ...await runPipeline(pipelineOf(["acquire", "net"]), options), engine };
}

Deno.test("an image of a kind that a model wasn't made for fails unless forced; an unknown kind is a warning", () => {
  const madeFor = { modality: "MR", sequence: "T1 with contrast" };
  const described = (text: string) => ({
    format: "dicom",
    modality: "MR",
    attributes: { "0008103E": { vr: "LO", Value: [text] } },
  });
  return withModel({ ...segmentation, madeFor }, mapModel(["N", 1, 32, 32]), async (folder) => {
    for (const text of ["AX T1 POST", "MPR 256"]) {
      const fits = await run(described(text), folder);
      assertEquals([fits.status, fits.run.cases[0].warnings], [0, []]);
    }
    const foreign: [header: Header, what: string][] = [
      [{ format: "dicom", modality: "CT" }, "of modality CT"],
      [described("AX T2 TSE"), "a T2 image"],
    ];
    for (const [header, what] of foreign) {
      const other = await run(header, folder);
      assertEquals([other.status, other.run.cases[0].error?.name], [5, "InputError"]);
      const message = other.run.cases[0].error?.message ?? "";
      assertStringIncludes(message, `${what} and bright was made for MR, T1 with contrast`);
      assert(message.includes("--force"));
      assertEquals(other.engine.alive, []);
      const forced = await run(header, folder, true);
      assertEquals([forced.status, forced.run.forced], [0, true]);
      assertStringIncludes(forced.run.cases[0].warnings[0], `The image is ${what}`);
    }
    for (const header of [undefined, { format: "png" }]) {
      const unknown = await run(header, folder);
      assertEquals([unknown.status, unknown.run.cases[0].warnings.length], [0, 1]);
      assertStringIncludes(unknown.run.cases[0].warnings[0], "The modality of the image is not known");
    }
  });
});
