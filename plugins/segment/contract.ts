import { z } from "npm:zod@4.6.7";
import { contractRefusal, type ModelContract, type Unfamiliarity, unfamiliarity } from "../../engine/pipeline/mod.ts";

const pair = <T extends z.ZodType>(item: T) => z.array(item).length(2);

/** What `model.json` of a segmentation network must state; it may state more. */
export interface SegmentationContract {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** [H, W] in pixels. */
    readonly size: number[];
    /** [y, x] in mm, where the model was trained at one scale. */
    readonly spacingMm?: number[];
  };
  readonly normalization: {
    /** Pixels above this fraction of the greatest value make the mean and the deviation. */
    readonly foreground?: number;
  };
  readonly output: { readonly name: string; readonly threshold: number };
  /** The output `[N, 1]` that says how likely there is a tumor at all; the network empties its region below the threshold. */
  readonly presence?: { readonly output: string; readonly threshold: number };
  readonly unfamiliarity?: Unfamiliarity;
  readonly classes: string[];
}

/** Checks and narrows the content of a `model.json`. */
export const segmentationContract: z.ZodType<SegmentationContract> = z.object({
  name: z.string(),
  task: z.literal("segmentation"),
  input: z.object({
    name: z.string(),
    channels: z.literal(1),
    size: pair(z.int().min(1)),
    spacingMm: pair(z.number().positive()).optional(),
  }),
  normalization: z.object({
    kind: z.literal("standardize"),
    foreground: z.number().min(0).max(1).optional(),
    over: z.literal("input"),
  }),
  output: z.object({ name: z.string(), threshold: z.number().min(0).max(1).default(0.5) }),
  presence: z.object({ output: z.string(), threshold: z.number().min(0).max(1) }).optional(),
  unfamiliarity: unfamiliarity.optional(),
  classes: z.array(z.string()).length(1),
});

/** Why a model cannot segment, in words that go on from "as". */
export function refusal(contract: ModelContract): string | undefined {
  return contractRefusal(segmentationContract, contract, "segment takes networks of one gray image and one class");
}
