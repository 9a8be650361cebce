/**
 * The measures of `run.json`: what `evaluate` writes and `report` draws. Counts are of pixels or cases; measures go from 0
 * to 1 and are `null` where they are not defined.
 */
import { z } from "npm:zod@4.6.7";

const value = z.number().nullable();

const extent = z.object({ pixels: z.number(), areaMm2: z.number().optional(), volumeMm3: z.number().optional() });

/** Measures of a case; any part may be missing. */
export const caseMeasures = z.object({
  region: extent.optional(),
  /** Of each label of a mask that has several: its extent, the image's values there, and its color where it has one. */
  labels: z.record(
    z.string(),
    extent.extend({
      mean: value.optional(),
      deviation: value.optional(),
      least: value.optional(),
      greatest: value.optional(),
      color: z.string().regex(/^#[0-9a-f]{6}$/i).optional(),
    }),
  ).optional(),
  /** The first box that isn't empty: x0, y0, x1, y1 in pixels, and where these two corners lie in the patient (LPS+, mm); in a volume the slice. */
  box: z.object({
    pixels: z.array(z.number()),
    slice: z.int().optional(),
    cornersMm: z.array(z.array(z.number())).optional(),
  }).optional(),
  /** Which slices of a volume the report shows, by the picture: the number from 1 on, and of how many. */
  views: z.record(z.string(), z.object({ slice: z.int(), of: z.int() })).optional(),
  class: z.object({ label: z.string(), probabilities: z.record(z.string(), z.number()) }).optional(),
  segmentation: z.object({
    tp: z.number(),
    fp: z.number(),
    fn: z.number(),
    tn: z.number(),
    dice: value,
    iou: value,
    accuracy: value,
    precision: value,
    recall: value,
    specificity: value,
    mcc: value,
    /** The 95 % Hausdorff distance, in mm where the pixels' size is known, else in pixels. */
    hd95Mm: value.optional(),
    hd95Px: value.optional(),
    truthClass: z.string().optional(),
  }).optional(),
  familiarity: z.object({
    /** The network that finds the case the least familiar. */
    model: z.string(),
    score: z.number(),
    threshold: z.number(),
    unfamiliar: z.boolean(),
  }).optional(),
  /** How likely there is a tumor at all, by the network that says so. */
  presence: z.number().optional(),
  /** What cases of one patient, or of one series, have in common. */
  group: z.string().optional(),
  classification: z.object({ truth: z.string(), predicted: z.string(), correct: z.boolean() }).optional(),
});

/** Measures of one case. */
export type CaseMeasures = z.infer<typeof caseMeasures>;

const dice = z.object({ mean: value, median: value, n: z.number() });

const interval = z.tuple([z.number(), z.number()]);
const intervals = z.record(z.string(), interval);
const point = z.tuple([z.number(), z.number()]).readonly();
const distance = z.object({ mean: value, n: z.number() }).optional();

/** How well regions were found, over all cases with a true mask. */
export const segmentationSummary = z.object({
  intervals,
  mcc: value,
  hd95Mm: distance,
  hd95Px: distance,
  histogram: z.array(z.number()),
  dice: dice.extend({ nEmpty: z.number() }),
  iou: value,
  accuracy: value,
  precision: value,
  recall: value,
  specificity: value,
  cases: z.object({ tp: z.number(), fp: z.number(), fn: z.number(), tn: z.number() }),
  byClass: z.record(z.string(), z.object({ dice, iou: value })),
});

const tumor = z.object({
  tp: z.number(),
  fp: z.number(),
  fn: z.number(),
  tn: z.number(),
  accuracy: value,
  precision: value,
  recall: value,
  specificity: value,
  f1: value,
  mcc: value,
  auc: value,
  intervals,
  roc: z.array(point),
  precisionRecall: z.array(point),
});

/** How well classes were told, over all cases with a true class. */
export const classificationSummary = z.object({
  intervals,
  calibration: z.object({ bins: z.array(z.tuple([z.number(), z.number(), z.number()])), error: value }).optional(),
  tumor: tumor.optional(),
  n: z.number(),
  accuracy: value,
  confusion: z.array(z.array(z.number())),
  labels: z.array(z.string()),
  perClass: z.record(
    z.string(),
    z.object({ n: z.number(), precision: value, recall: value, specificity: value, f1: value, mcc: value, auc: value }),
  ),
});

/** See {@linkcode segmentationSummary}. */
export type SegmentationSummary = z.infer<typeof segmentationSummary>;
/** See {@linkcode classificationSummary}. */
export type ClassificationSummary = z.infer<typeof classificationSummary>;
/** What the summary says of the one question whether there is a tumor. */
export type TumorSummary = z.infer<typeof tumor>;
