import { z } from "npm:zod@4.6.7";
import { contractRefusal, type ModelContract, type Unfamiliarity } from "../../engine/pipeline/mod.ts";

const size = z.array(z.int().min(1)).length(2);

/** What `model.json` of a classification network must state; it may state more. */
export interface ClassificationContract {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** [h, w] in pixels. */
    readonly size: number[];
    /** How the crop is made. */
    readonly crop: {
      /** [h, w]: sampled at this size first, then averaged over areas to `size`. */
      readonly sampledAt?: number[];
    };
  };
  readonly normalization: {
    /** Pixels above this fraction of the greatest value make the mean and the deviation. */
    readonly foreground?: number;
  };
  readonly output: { readonly name: string };
  /** The output `[N, K, h, w]` of class-activation maps, before any squashing, over the crop. */
  readonly attention?: { readonly output: string };
  readonly unfamiliarity?: Unfamiliarity;
  readonly classes: string[];
}

/** Checks and narrows the content of a `model.json`. */
export const classificationContract: z.ZodType<ClassificationContract> = z.object({
  name: z.string(),
  task: z.literal("classification"),
  input: z.object({
    name: z.string(),
    channels: z.literal(1),
    size,
    crop: z.object({ sampledAt: size.optional() }),
  }),
  normalization: z.object({
    kind: z.literal("standardize"),
    foreground: z.number().min(0).max(1).optional(),
    over: z.literal("slice"),
  }),
  output: z.object({ name: z.string() }),
  attention: z.object({ output: z.string() }).optional(),
  // Checked where the file was read.
  unfamiliarity: z.custom<Unfamiliarity>().optional(),
  classes: z.array(z.string()).min(2).refine((classes) => classes.includes("none"), 'must have the class "none"'),
});

/** Why a model cannot classify, in words that go on from "as". */
export function refusal(contract: ModelContract): string | undefined {
  return contractRefusal(classificationContract, contract, "classify takes networks of one gray crop");
}
