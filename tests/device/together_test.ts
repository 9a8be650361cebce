/** Stages that run cases at once, beside the same cases one by one. */
import { assertEquals } from "@std/assert";
import { openEngine, type Tensor } from "../../engine/mod.ts";
import { loadModel } from "../../engine/graph/mod.ts";
import {
  geometryOfSpacing,
  type ModelContract,
  type OpenStage,
  type Plugin,
  type SomeValues,
} from "../../engine/pipeline/mod.ts";
import classifyPlugin from "../../plugins/classify/classify.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import { buildModel, floats } from "../onnx_builder.ts";

const engine = await openEngine();

/** Opens a plugin's stage with a network, whose runs it counts. */
async function openStage(plugin: Plugin, bytes: Uint8Array, contract: ModelContract) {
  const [stage] = plugin.stages ?? [];
  const net = await loadModel(engine, bytes);
  let runs = 0;
  const record: typeof net.record = (r, feeds) => {
    runs++;
    return net.record(r, feeds);
  };
  const counted = { inputs: net.inputs, outputs: net.outputs, record };
  const context = {
    engine,
    signal: AbortSignal.timeout(60_000),
    loadModel: () => ({ net: counted, folds: [], contract }),
  };
  const open = await stage.open(context as never, stage.options.parse({}) as never);
  return { open, runs: () => runs, [Symbol.dispose]: () => net.close() };
}

/** All that a stage gave each case, read and disposed of. */
async function elementsOf(given: readonly SomeValues[]) {
  const tensors = given.map((values) =>
    Object.values(values).flatMap((value) =>
      Object.values(value as object).filter((part): part is Tensor => (part as Tensor | undefined)?.kind === "tensor")
    )
  );
  const arrays = await engine.read(tensors.flat());
  tensors.flat().forEach((tensor) => tensor.dispose());
  const elements = arrays.values();
  return tensors.map((own) => own.map(({ shape }) => ({ shape, data: elements.next().value })));
}

const size = [1, 40, 36];
const bright = (at: number) =>
  Float32Array.from({ length: 40 * 36 }, (_, i) => {
    const [x, y] = [i % 36, Math.floor(i / 36)];
    return Math.hypot(x - 12 - 3 * at, y - 20) < 6 + at ? 200 : 50 + 10 * Math.sin(x / (3 + at));
  });

/** Cases that differ in what they show, how large their pixels are, and whether some were not measured. */
function casesOf(warnings: string[][]) {
  return [0, 1, 2, 3].map((at) => {
    const geometry = { ...geometryOfSpacing([1 + 0.2 * at, 1]), spacingKnown: at !== 2 };
    const valid = Float32Array.from({ length: 40 * 36 }, (_, i) => i % 36 < 3 ? 0 : 1);
    return {
      id: `case${at}`,
      source: `case${at}.png`,
      sources: [],
      image: { tensor: engine.tensor(bright(at), size), geometry },
      ...at === 3 && { padding: { valid: engine.tensor(valid, size), least: 40, greatest: 200 } },
      boxes: { tensor: engine.tensor(Float32Array.from(at === 1 ? [0, 0, 0, 0] : [2, 5, 30, 33]), [1, 4]), geometry },
      warn: (line: string) => void (warnings[at] ??= []).push(line),
      progress: () => {},
      write: () => Promise.resolve(),
      host: {},
    };
  });
}

const normalization = { kind: "standardize", foreground: 0.02 };
const segmentation = {
  name: "bright",
  task: "segmentation",
  input: { name: "image", channels: 1, size: [32, 32], spacingMm: [1.25, 1.25] },
  normalization: { ...normalization, over: "input" },
  output: { name: "probability", threshold: 0.75 },
  classes: ["bright"],
};
const classification = {
  name: "kinds",
  task: "classification",
  input: { name: "crop", channels: 1, size: [8, 8], crop: { margin: 1.5, sampledAt: [16, 16] } },
  normalization: { ...normalization, over: "slice" },
  output: { name: "probabilities" },
  classes: ["bright", "none", "gray"],
};
const segmenting = (batch: string | number) =>
  buildModel({
    inputs: { image: [batch, 1, 32, 32] },
    outputs: ["probability"],
    shapes: { probability: [batch, 1, 32, 32] },
    nodes: [["Sigmoid", ["image"], ["probability"]]],
  });
const classifying = (batch: string | number) =>
  buildModel({
    inputs: { crop: [batch, 1, 8, 8] },
    outputs: ["probabilities"],
    shapes: { probabilities: [batch, 3] },
    constants: { weights: floats([1, 3], [2, -1, 0.5]) },
    nodes: [
      ["GlobalAveragePool", ["crop"], ["mean"]],
      ["Flatten", ["mean"], ["flat"]],
      ["MatMul", ["flat", "weights"], ["scores"]],
      ["Softmax", ["scores"], ["probabilities"]],
    ],
  });

Deno.test("cases that go through a network together get the bytes that they get alone", async (test) => {
  const kinds = [
    ["segment", segmentPlugin, segmenting, segmentation],
    ["classify", classifyPlugin, classifying, classification],
  ] as const;
  for (const [name, plugin, model, contract] of kinds) {
    for (const [batch, runs] of [["N", 1], [1, 4]] as const) {
      await test.step(`${name}, batch ${batch}`, async () => {
        using stage = await openStage(plugin, model(batch), contract);
        const told: string[][][] = [[], []];
        const [single, joint] = told.map((warnings) =>
          casesOf(warnings) as unknown as Parameters<OpenStage["run"]>[0][]
        );
        const alone = await elementsOf(await Promise.all(single.map((current) => stage.open.run(current))));
        assertEquals(stage.runs(), 4);
        assertEquals(await elementsOf(stage.open.runTogether!(joint)!), alone);
        assertEquals(stage.runs(), 4 + runs);
        assertEquals(told[1], told[0]);
      });
    }
  }
});

Deno.test("volumes are left to be run one by one", async () => {
  using stage = await openStage(segmentPlugin, segmenting("N"), segmentation);
  using tensor = engine.tensor(new Float32Array(2 * 8 * 8), [1, 2, 8, 8]);
  const volume = { ...casesOf([])[0], image: { tensor, geometry: geometryOfSpacing([1, 1, 1]) } };
  assertEquals(stage.open.runTogether!([volume, volume] as never), undefined);
});
