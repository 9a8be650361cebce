/** Cuts out the region of interest. */
import { z } from "npm:zod@4.6.7";
import {
  type Case,
  definePlugin,
  defineStage,
  InputError,
  optionsOf,
  type PipelineEngine,
  type Plugin,
  type Stage,
  type Tensor,
} from "../../engine/pipeline/mod.ts";
import { image as ops } from "../../shaders/mod.ts";

/** Options of the stage. */
export interface CropOptions {
  /** Whose box: of the mask that was found, or of the true one. */
  readonly from: "mask" | "truth";
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

/** `crop`: the square around the region, and what it holds. No region gives an empty box and a crop of zeros. */
export const crop: Stage = defineStage({
  name: "crop",
  description: "Cuts out the square around the region, with a margin.",
  needs: ["image"],
  uses: ["mask", "truth"],
  gives: ["boxes", "crops"],
  reads: [],
  options: optionsOf<CropOptions>(z.strictObject({
    from: z.enum(["mask", "truth"]).default("mask").describe("Whose box: the mask that was found, or the true one"),
    margin: z.number().min(1).max(10).optional()
      .describe("Side of the square by the longer side of the region; default: the classifier's, else 1.5"),
    minSide: z.number().min(1).optional()
      .describe("Least side in pixels of the image; default: the classifier's, else 24"),
    size: z.int().min(1).max(4096).default(128).describe("Side of the crop in pixels"),
  })),
  complete: (options, contracts) => {
    const cut = contracts.flatMap((contract) => cutting.safeParse(contract).data?.input.crop ?? [])[0];
    return {
      ...options,
      margin: options.margin ?? cut?.margin ?? alone.margin,
      minSide: options.minSide ?? cut?.minSidePx ?? alone.minSide,
    };
  },
  open: ({ engine }, { from, margin = alone.margin, minSide = alone.minSide, size }) => ({
    run: (current) => {
      const { tensor: image, geometry } = current.image;
      if (image.shape.length !== 3) {
        throw new InputError(
          `Cannot crop ${current.source} as it is a volume: give its slices as images, or leave out crop`,
        );
      }
      const { mask, own } = from === "mask"
        ? { mask: maskOf(current), own: false }
        : { mask: truthOf(current, engine), own: true };
      try {
        const cut = engine.run((r) => {
          const boxes = ops.boxOfMask(r, mask, { margin, minSide, square: true });
          return { boxes, crops: ops.crop(r, image, boxes, { size: [size, size] }) };
        });
        return { boxes: { tensor: cut.boxes, geometry }, crops: { tensor: cut.crops, geometry } };
      } finally {
        if (own) mask[Symbol.dispose]();
      }
    },
  }),
});

type CropCase = Case<"image", "mask" | "truth">;

function maskOf({ mask, source }: CropCase): Tensor {
  if (mask) return mask.tensor;
  throw new InputError(`Cannot crop ${source} as it has no mask: add stage segment before, or set crop.from to truth`);
}

/** The true mask on the device; without a lesion it may be missing. */
function truthOf({ truth, image, source }: CropCase, engine: PipelineEngine): Tensor {
  const shape = image.tensor.shape.slice(1);
  if (truth?.class === "none" && !truth.mask) return engine.tensor(new Float32Array(shape[0] * shape[1]), shape);
  if (!truth?.mask) throw new InputError(`Cannot crop ${source} as it has no true mask: give it by --truth`);
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
