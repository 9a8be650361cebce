/** Finds the region of interest by a segmentation network. */
import { z } from "npm:zod@4.6.7";
import {
  definePlugin,
  defineStage,
  InputError,
  onImageGrid,
  onModelGrid,
  optionsOf,
  type Placed,
  placementOf,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { image as ops, type Value } from "../../shaders/mod.ts";
import { refusal, type SegmentationContract, segmentationContract } from "./contract.ts";

/** Options of the stage. */
export interface SegmentOptions {
  /** Folder of the model: `model.onnx` and `model.json`. */
  readonly model: string;
  /** Probability above which a pixel belongs to the region: 0 to 1. Default: the model's. */
  readonly threshold?: number;
  /** Keep only the largest connected component. Default true. */
  readonly largest: boolean;
}

/** `segment`: the mask of the region, and the probability that it was cut from. */
export const segment: Stage = defineStage({
  name: "segment",
  description: "Segments the region of interest by a network.",
  needs: ["image"],
  uses: [],
  gives: ["mask", "maps", "checks", "segment.evidence"],
  reads: [],
  options: optionsOf<SegmentOptions>(z.strictObject({
    model: z.string().default("models/unet_tumor").describe("Folder of the model"),
    threshold: z.number().min(0).max(1).optional().describe(
      "Probability above which a pixel is set; default: the model's",
    ),
    largest: z.boolean().default(true).describe("Keep only the largest connected component"),
  })),
  models: ({ model }) => [model],
  refuses: (contract) => refusal(contract),
  expects: (contract) => {
    const { input, output, classes } = segmentationContract.parse(contract);
    return {
      output: output.name,
      shape: [classes.length, ...input.size],
      why: "a map for each class, at the input's size",
    };
  },
  open: async ({ engine, loadModel }, options) => {
    const { net, contract } = await loadModel(options.model);
    const model = segmentationContract.parse(contract);
    const threshold = options.threshold ?? model.output.threshold;
    return {
      run: ({ image, source, warn }) => {
        checkImage(image, source);
        const { tensor, geometry } = image;
        const size = tensor.shape.slice(1);
        if (model.input.spacingMm && !geometry.spacingKnown) {
          warn(
            `The size of the pixels is not known: scaled to the ${
              model.input.size.join(" x ")
            } pixels of ${model.name}`,
          );
        }
        const placement = placementOf(size, geometry, model.input);
        const found = engine.run((r): Record<string, Value> => {
          const input = onModelGrid(r, tensor, placement, model.input.size, model.normalization.foreground);
          const outputs = net.record(r, { [model.input.name]: r.reshape(input, [1, ...input.shape]) });
          const output = outputs[model.output.name];
          const maps = onImageGrid(r, r.reshape(output, [1, ...model.input.size]), placement, size);
          const mask = ops.threshold(r, r.reshape(maps, size), { at: threshold });
          const [region, unfinished] = options.largest ? r.apply(ops.largestComponent, [mask], {}) : [mask];
          const flags: Record<string, Value> = unfinished ? { unfinished } : {};
          return { mask: region, maps, ...flags, ...evidenceOf(outputs, model) };
        });
        return {
          mask: { tensor: found.mask, geometry },
          maps: { tensor: found.maps, geometry },
          ...found.unfinished
            ? { checks: { "the components of its mask are too long to follow": found.unfinished } }
            : {},
          "segment.evidence": {
            model: model.name,
            limit: model.unfamiliarity?.threshold ?? null,
            unfamiliarity: found.unfamiliarity,
            presence: found.presence,
          },
        };
      },
    };
  },
});

/** What the network says besides the region, as far as its contract names it. */
function evidenceOf(
  outputs: Readonly<Record<string, Value>>,
  { unfamiliarity, presence }: SegmentationContract,
): Record<string, Value> {
  const named = Object.entries({ unfamiliarity, presence }).filter(([, one]) => one !== undefined);
  return Object.fromEntries(named.map(([name, one]) => [name, outputs[one!.output]]));
}

function checkImage({ tensor: { shape } }: Placed, source: string): void {
  if (shape.length === 3 && shape[0] === 1) return;
  const kind = shape.length === 3 ? `an image of ${shape[0]} channels` : "a volume";
  throw new InputError(
    `Cannot segment ${source} as it is ${kind} and the model takes gray images: give its slices as images, or leave out ` +
      "segment and what follows from it (--stages acquire,denoise,export)",
  );
}

const plugin: Plugin = definePlugin({
  name: "segment",
  stages: [segment],
  keys: { "segment.evidence": "How unlike the training an image is, and how likely it has a tumor at all" },
});

export default plugin;
