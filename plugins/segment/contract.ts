import { z } from "npm:zod@4.6.7";
import {
  contractRefusal,
  type ModelContract,
  type Plane,
  planes,
  type Unfamiliarity,
} from "../../engine/pipeline/mod.ts";

/** What a network's input is made of an image's values. */
export type Normalization =
  /**
   * (x - mean) / deviation of the input, or of its pixels above a fraction of the greatest value; of slices that a 2-D
   * network sees each by its own, or with `volume` all by those of the volume. With `outside`, which goes with a
   * `foreground` of 0, pixels that don't count become 0.
   */
  | {
    readonly kind: "standardize";
    readonly foreground?: number;
    readonly over: "input" | "volume";
    readonly outside?: 0;
  }
  /** Limited to a range, then (x - mean) / deviation by numbers of the training, as CT is. */
  | {
    readonly kind: "fixed";
    readonly low?: number;
    readonly high?: number;
    readonly mean: number;
    readonly deviation: number;
  }
  /** From the least value to the greatest one as from 0 to 1. */
  | { readonly kind: "range" }
  | { readonly kind: "none" };

/** What `model.json` of a segmentation network must state; it may state more. */
export interface SegmentationContract {
  readonly name: string;
  readonly input: {
    readonly name: string;
    /** [H, W] or [D, H, W] in pixels. */
    readonly size: number[];
    /** [y, x] or [z, y, x] in mm, where the model was trained at one scale. */
    readonly spacingMm?: number[];
    /** The plane of the slices that a 2-D network was trained with. Default `any`: a volume's own slices. */
    readonly plane: Plane | "any";
    /**
     * Where the axes of a 3-D network's input go in the patient, in their order: three of R or L, A or P, S or I, such
     * as `SAR`. Default: the volume's own axes.
     */
    readonly axes?: string;
    /** The volume's axis (0 D, 1 H, 2 W) for each of the input's, where `axes` isn't stated. */
    readonly order?: number[];
    /** How voxels are brought to `spacingMm`: `linear` averages and interpolates, `spline` does as nnU-Net. Default `linear`. */
    readonly resampling: "linear" | "spline";
    /**
     * The part of a window that its neighbor covers as well. 3-D networks always see windows, default 0.5; 2-D ones where it is
     * stated, else they see the middle of a slice that is larger than their input.
     */
    readonly overlap?: number;
    /**
     * For a network that was trained on crops: it sees what the boxes of a stage `crop` before it hold, scaled to its size,
     * and its region is put back into the image. `sampledAt` [h, w] are the points that a crop is taken at before the mean
     * over areas makes its pixels; default: the size.
     */
    readonly crop?: { readonly margin?: number; readonly minSidePx?: number; readonly sampledAt?: number[] };
    /** Axes of the input (0 is the first spatial one) along which it may be mirrored, the answers being averaged. */
    readonly mirrorAxes?: number[];
  };
  readonly normalization: Normalization;
  readonly output: {
    readonly name: string;
    /** Probability above which an element belongs to a class; not for `greatest`. */
    readonly threshold: number;
    /** `greatest`: each element belongs to the class of the greatest map, the first of which is the background. */
    readonly choice: "threshold" | "greatest";
    /** Whether only the largest component is kept unless the options say so. Default: where there is one label. */
    readonly largest?: boolean;
  };
  /** The output `[N, 1]` that says how likely there is a tumor at all; the network empties its region below the threshold. */
  readonly presence?: { readonly output: string; readonly threshold: number };
  readonly unfamiliarity?: Unfamiliarity;
  /** Names of the output's channels. */
  readonly classes: string[];
  /** Colors of the classes by name, `#rrggbb`. */
  readonly colors?: Readonly<Record<string, string>>;
}

const normalization = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("standardize"),
    foreground: z.number().min(0).max(1).optional(),
    over: z.enum(["input", "volume"]).default("input"),
    outside: z.literal(0).optional(),
  }).refine(({ foreground, outside }) => outside === undefined || foreground === 0, {
    message: "goes with a foreground of 0",
    path: ["outside"],
  }),
  z.object({
    kind: z.literal("fixed"),
    low: z.number().optional(),
    high: z.number().optional(),
    mean: z.number(),
    deviation: z.number().positive(),
  }),
  z.object({ kind: z.literal("range") }),
  z.object({ kind: z.literal("none") }),
]);

/** Checks and narrows the content of a `model.json`. */
export const segmentationContract: z.ZodType<SegmentationContract> = z.object({
  name: z.string(),
  task: z.literal("segmentation"),
  input: z.object({
    name: z.string(),
    channels: z.literal(1),
    size: z.array(z.int().min(1)).min(2).max(3),
    spacingMm: z.array(z.number().positive()).min(2).max(3).optional(),
    plane: z.enum(["any", ...planes]).default("any"),
    axes: z.string().refine(isAxes, "must be three of R or L, A or P, S or I").optional(),
    order: z.array(z.int().min(0).max(2)).length(3).refine((order) => new Set(order).size === 3, "must differ")
      .optional(),
    resampling: z.enum(["linear", "spline"]).default("linear"),
    overlap: z.number().min(0).max(0.9).optional(),
    crop: z.object({
      margin: z.number().min(1).max(10).optional(),
      minSidePx: z.number().min(1).optional(),
      sampledAt: z.array(z.int().min(1)).length(2).optional(),
    }).optional(),
    mirrorAxes: z.array(z.int().min(0).max(2)).optional(),
  }).refine(({ size, spacingMm = size }) => spacingMm.length === size.length, {
    message: "must have as many numbers as the size",
    path: ["spacingMm"],
  }).refine(({ size, crop }) => crop === undefined || size.length === 2, {
    message: "is for networks of images",
    path: ["crop"],
  }),
  normalization,
  output: z.object({
    name: z.string(),
    threshold: z.number().min(0).max(1).default(0.5),
    choice: z.enum(["threshold", "greatest"]).default("threshold"),
    largest: z.boolean().optional(),
  }),
  presence: z.object({ output: z.string(), threshold: z.number().min(0).max(1) }).optional(),
  // Checked where the file was read.
  unfamiliarity: z.custom<Unfamiliarity>().optional(),
  classes: z.array(z.string()).min(1).max(255),
  colors: z.record(z.string(), z.string().regex(/^#[0-9a-f]{6}$/i)).optional(),
}).refine(({ output, classes }) => output.choice === "threshold" || classes.length > 1, {
  message: "must have two or more, the background first, where the greatest is chosen",
  path: ["classes"],
}).refine(({ input, presence, unfamiliarity }) =>
  input.size.length === 3 || input.overlap === undefined ||
  (input.crop === undefined && presence === undefined && unfamiliarity === undefined), {
  message: "goes without crop, presence and unfamiliarity in a 2-D network, which are about the whole of what it sees",
  path: ["input", "overlap"],
}).refine(({ input, classes }) => input.crop === undefined || classes.length === 1, {
  message: "must be one where the network sees crops",
  path: ["classes"],
});

/** Why a model cannot segment, in words that go on from "as". */
export function refusal(contract: ModelContract): string | undefined {
  return contractRefusal(segmentationContract, contract, "segment takes networks of one gray image or volume");
}

/** Names of the labels from 1 on: the classes without the background. */
export function labelsOf({ classes, output }: Pick<SegmentationContract, "classes" | "output">): string[] {
  return output.choice === "greatest" ? classes.slice(1) : classes;
}

function isAxes(axes: string): boolean {
  return [..."RLAPSI"].filter((letter) => axes.includes(letter)).length === 3 &&
    ["RL", "AP", "SI"].every((pair) => [...pair].filter((letter) => axes.includes(letter)).length === 1) &&
    axes.length === 3;
}
