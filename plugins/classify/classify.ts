/** Tells the type of what was found by a classification network. */
import { z } from "npm:zod@4.6.7";
import { definePlugin, defineStage, optionsOf, type Plugin, type Stage } from "../../engine/pipeline/mod.ts";
import { image as ops, type Recorder, type Value } from "../../shaders/mod.ts";
import { type ClassificationContract, classificationContract, refusal } from "./contract.ts";

/** Options of the stage. */
export interface ClassifyOptions {
  /** Folder of the model: `model.onnx` and `model.json`. */
  readonly model: string;
}

/** The class of an image in which nothing was found. */
const none = "none";

/**
 * `classify`: probabilities of the classes for each box. An empty box is of class `none`.
 *
 * The network sees what the box holds of the standardized image, as in its training: mean and deviation are those of the
 * whole image, and what lies outside of it is 0, their mean. So it cuts from the image itself rather than taking `crops`.
 */
export const classify: Stage = defineStage({
  name: "classify",
  description: "Classifies what the boxes hold by a network.",
  needs: ["image", "boxes"],
  uses: [],
  gives: ["classes", "classify.evidence"],
  reads: [],
  options: optionsOf<ClassifyOptions>(z.strictObject({
    model: z.string().default("models/resnet_tumor_type").describe("Folder of the model"),
  })),
  models: ({ model }) => [model],
  refuses: (contract) => refusal(contract),
  expects: (contract) => {
    const { output, classes } = classificationContract.parse(contract);
    return { output: output.name, shape: [classes.length], why: `a probability of each of ${classes.join(", ")}` };
  },
  open: async ({ engine, loadModel }, { model: path }) => {
    const { net, contract } = await loadModel(path);
    const model = classificationContract.parse(contract);
    return {
      run: ({ image: { tensor: image }, boxes: { tensor: boxes } }) => {
        const { probabilities, unfamiliarity, attention } = engine.run((r) => {
          const outputs = net.record(r, { [model.input.name]: cropsFor(r, image, boxes, model) });
          const row = model.classes.map((label) => label === none ? 1 : 0);
          const found: Record<string, Value> = {
            probabilities: ops.replaceEmpty(r, outputs[model.output.name], boxes, { row }),
          };
          if (model.unfamiliarity) {
            // An empty box holds nothing that could be unlike anything.
            found.unfamiliarity = ops.replaceEmpty(r, outputs[model.unfamiliarity.output], boxes, { row: [0] });
          }
          if (model.attention) found.attention = outputs[model.attention.output];
          return found;
        });
        return {
          classes: { labels: model.classes, probabilities },
          "classify.evidence": {
            model: model.name,
            limit: model.unfamiliarity?.threshold ?? null,
            unfamiliarity,
            attention,
          },
        };
      },
    };
  },
});

/** `[N, 1, h, w]`: the boxes of the standardized image at the model's size. */
function cropsFor(r: Recorder, image: Value, boxes: Value, { input, normalization }: ClassificationContract): Value {
  const statistics = ops.statistics(r, image, { foreground: normalization.foreground });
  const standardized = ops.standardize(r, image, statistics);
  const [height, width] = input.crop.sampledAt ?? input.size;
  const crops = ops.crop(r, standardized, boxes, { size: [height, width] });
  return input.crop.sampledAt ? ops.resample(r, crops, { size: input.size, method: "area" }) : crops;
}

const plugin: Plugin = definePlugin({
  name: "classify",
  stages: [classify],
  keys: { "classify.evidence": "How unlike the training each crop is, and where the network looked" },
});

export default plugin;
