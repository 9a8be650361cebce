/** Finds the region of interest by a segmentation network. */
import { z } from "npm:zod@4.6.7";
import {
  definePlugin,
  defineStage,
  type Geometry,
  InputError,
  optionsOf,
  type Placed,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { image as ops, type Recorder, type Value } from "../../shaders/mod.ts";
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

/** How an image gets onto the model's grid. */
export interface Placement {
  /** Size after resampling; it is then padded or cropped about the center to the model's size. */
  readonly resampled: readonly number[];
  /** Shrinking averages areas, enlarging interpolates. */
  readonly method: "area" | "linear";
}

/**
 * Where an image of `size` [H, W] comes to lie on the model's grid: at the model's mm where both are known, else scaled to
 * the model's size.
 */
export function placementOf(
  size: readonly number[],
  geometry: Geometry,
  input: SegmentationContract["input"],
): Placement {
  const { spacingMm } = input;
  const resampled = geometry.spacingKnown && spacingMm
    ? size.map((pixels, axis) => Math.max(1, Math.round(pixels * geometry.spacing[axis] / spacingMm[axis])))
    : input.size;
  const shrinks = resampled[0] * resampled[1] <= size[0] * size[1];
  return { resampled, method: shrinks ? "area" : "linear" };
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
          const input = onModelGrid(r, tensor, placement, model);
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

function onModelGrid(r: Recorder, image: Value, { resampled, method }: Placement, model: SegmentationContract): Value {
  const scaled = ops.resample(r, image, { size: [...resampled], method });
  const fitted = ops.fit(r, scaled, { size: [...model.input.size] });
  return ops.standardize(r, fitted, ops.statistics(r, fitted, { foreground: model.normalization.foreground }));
}

/** The way back. What the model's grid doesn't reach is 0. */
function onImageGrid(r: Recorder, map: Value, { resampled }: Placement, size: readonly number[]): Value {
  return ops.resample(r, ops.fit(r, map, { size: [...resampled] }), { size: [...size], method: "linear" });
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
