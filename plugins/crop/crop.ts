/** Cuts out the region of interest. */
import { z } from "npm:zod@4.6.7";
import {
  type Case,
  definePlugin,
  defineStage,
  type Geometry,
  InputError,
  type LoadedModel,
  optionsOf,
  type PipelineEngine,
  type Plugin,
  type Stage,
  type Tensor,
  type Values,
} from "../../engine/pipeline/mod.ts";
import { image as ops, type Recorder, type Value } from "../../shaders/mod.ts";
import { detectionContract, detections, refusal, squareAbout, surest } from "./detector.ts";

/** Options of the stage. */
export interface CropOptions {
  /** Whose box: of the mask that was found, of a detection network, or of the true mask. */
  readonly from: "mask" | "detector" | "truth";
  /** Folder of the detection network. */
  readonly model: string;
  /** Side of the square by the longer side of the region. Default: that of the chain's classifier, else 1.5. */
  readonly margin?: number;
  /** Least side in pixels of the image. Default: that of the chain's classifier, else 24. */
  readonly minSide?: number;
  /** Side of the crop in pixels. */
  readonly size: number;
}

/** Where no classifier comes after. */
const alone = { margin: 1.5, minSide: 24 };

/** What a contract says of how the crops of its training were cut. */
const cutting = z.object({
  input: z.object({
    crop: z.object({ margin: z.number().min(1).max(10).optional(), minSidePx: z.number().min(1).optional() }),
  }),
});

/**
 * `crop`: the square around the region, in millimeters where these are known, and what it holds. No region gives an empty box
 * and a crop of zeros. Of a volume it is cut from the slice in which the region is the largest.
 */
export const crop: Stage = defineStage({
  name: "crop",
  description: "Cuts out the square around the region, with a margin.",
  needs: ["image"],
  uses: ["mask", "truth"],
  gives: ["boxes", "crops", "measures"],
  reads: [],
  options: optionsOf<CropOptions>(z.strictObject({
    from: z.enum(["mask", "detector", "truth"]).default("mask").describe(
      "Whose box to take: that of the mask found, of a detection network (slices only), or of the true mask",
    ),
    model: z.string().default("models/maskrcnn_tumor").describe("Folder of the detection network"),
    margin: z.number().min(1).max(10).optional()
      .describe("Side of the square relative to the longer side of the region; default: the classifier's, else 1.5"),
    minSide: z.number().min(1).optional()
      .describe("Least side in pixels of the image; default: the classifier's, else 24"),
    size: z.int().min(1).max(4096).default(128).describe("Side of the crop in pixels"),
  })),
  models: ({ from, model }) => from === "detector" ? [model] : [],
  refuses: (contract) => refusal(contract),
  complete: (options, contracts) => {
    const cut = contracts.flatMap((contract) => cutting.safeParse(contract).data?.input.crop ?? [])[0];
    return {
      ...options,
      margin: options.margin ?? cut?.margin ?? alone.margin,
      minSide: options.minSide ?? cut?.minSidePx ?? alone.minSide,
    };
  },
  open: async ({ engine, loadModel }, { from, model, margin = alone.margin, minSide = alone.minSide, size }) => {
    const detector = from === "detector" ? await loadModel(model) : undefined;
    const cut = (r: Recorder, image: Value, boxes: Value) => ops.crop(r, image, boxes, { size: [size, size] });
    const byMask = ({ image: { tensor: image, geometry } }: CropCase, mask: Tensor): Cut => {
      const { boxes, crops, slices } = engine.run((r): Record<string, Value> => {
        const seen = image.shape.length === 4 ? largestSlice(r, image, mask) : { image, mask };
        const spacing = pixelSpacing(geometry);
        const boxes = ops.boxOfMask(r, seen.mask, { margin, minSide, square: true, spacing });
        return { boxes, crops: cut(r, seen.image, boxes), ...seen.slices && { slices: seen.slices } };
      });
      return { boxes: { tensor: boxes, geometry, slices }, crops: { tensor: crops, geometry } };
    };
    const byDetector = async ({ image }: CropCase, { net, contract }: LoadedModel) => {
      const network = detectionContract.parse(contract);
      const best = surest(await detections(engine, net, network, image));
      const found = best !== undefined && best.score >= network.output.threshold;
      const boxes = engine.tensor(
        squareAbout(found ? best.box : undefined, margin, minSide, pixelSpacing(image.geometry)),
        [1, 4],
      );
      const crops = engine.run((r) => cut(r, image.tensor, boxes));
      const { geometry } = image;
      return {
        boxes: { tensor: boxes, geometry },
        crops: { tensor: crops, geometry },
        measures: { detection: { model: network.name, score: best?.score ?? 0, found } },
      };
    };
    return {
      run: (current) => {
        checkImage(current, from);
        if (detector) return byDetector(current, detector);
        if (from === "mask") return byMask(current, maskOf(current));
        using mask = truthOf(current, engine);
        return byMask(current, mask);
      },
    };
  },
});

function checkImage({ image: { tensor: { shape } }, source }: CropCase, from: CropOptions["from"]): void {
  if (from === "detector" && shape.length !== 3) {
    throw new InputError(
      `Cannot crop ${source} by the detector as it is a volume and the network takes images: set crop.from to mask, or give ` +
        "its slices with --set acquire.series=slices",
    );
  }
  if (from === "detector" && shape[0] !== 1) {
    throw new InputError(
      `Cannot crop ${source} by the detector as it has ${shape[0]} channels and the network takes gray images: ` +
        "set crop.from to mask",
    );
  }
}

/** Distance between rows and between columns, in millimeters where they are known. */
function pixelSpacing({ spacing, spacingKnown }: Geometry): [number, number] {
  const [dy, dx] = spacing.slice(-2);
  return spacingKnown ? [dy, dx] : [1, 1];
}

/** The slice of a volume in which most of its mask is set, the mask there, and its number. */
function largestSlice(r: Recorder, volume: Value, mask: Value): { image: Value; mask: Value; slices?: Value } {
  const slices = ops.largestSlice(r, mask);
  const region = ops.takeSlice(r, r.reshape(mask, [1, ...mask.shape]), slices);
  return { image: ops.takeSlice(r, volume, slices), mask: region, slices };
}

type Cut = Pick<Values, "boxes" | "crops">;

type CropCase = Case<"image", "mask" | "truth">;

function maskOf({ mask, source }: CropCase): Tensor {
  if (mask) return mask.tensor;
  throw new InputError(
    `Cannot crop ${source} as it has no mask: add stage segment before, or set crop.from to detector or truth`,
  );
}

/** The true mask on the device; without a lesion it may be missing. */
function truthOf({ truth, image, source }: CropCase, engine: PipelineEngine): Tensor {
  const shape = image.tensor.shape.slice(1);
  if (truth?.class === "none" && !truth.mask) {
    return engine.tensor(new Float32Array(shape.reduce((product, size) => product * size, 1)), shape);
  }
  if (!truth?.mask) throw new InputError(`Cannot crop ${source} as it has no true mask: give it with --truth`);
  const mask = truth.mask.tensor;
  if (mask.shape.join() !== shape.join()) {
    throw new InputError(
      `Cannot crop ${source} as its true mask is of [${mask.shape}] and the image of [${shape}] pixels: give a mask of its size`,
    );
  }
  return engine.tensor(Float32Array.from(mask.data, Number), shape);
}

const plugin: Plugin = definePlugin({ name: "crop", stages: [crop] });

export default plugin;
