/** What the page shows of `run.json`, checked by structure: other stages may have given more, less or something else. */
import { z } from "npm:zod@4.6.7";

const value = z.number().nullish();

const measures = z.object({
  region: z.object({ pixels: z.number(), areaMm2: z.number().optional(), volumeMm3: z.number().optional() }).optional(),
  class: z.object({ label: z.string(), probabilities: z.record(z.string(), z.number()) }).optional(),
  segmentation: z.object({
    fp: z.number(),
    fn: z.number(),
    tp: z.number(),
    dice: value,
    iou: value,
    precision: value,
    recall: value,
  })
    .optional(),
  familiarity: z.object({ score: z.number(), threshold: z.number(), unfamiliar: z.boolean() }).optional(),
  presence: z.number().optional(),
  classification: z.object({ truth: z.string(), predicted: z.string(), correct: z.boolean() }).optional(),
});

/** Measures of a case that the page shows. */
export type CaseMeasures = z.infer<typeof measures>;

/** The measures of a case; none where they are of another form. */
export function measuresOf(given: unknown): CaseMeasures {
  return measures.safeParse(given).data ?? {};
}

const dice = z.object({ mean: value, median: value, n: z.number() });

const interval = z.tuple([z.number(), z.number()]);
const intervals = z.record(z.string(), interval).default({});
const point = z.tuple([z.number(), z.number()]);
const distance = z.object({ mean: value, n: z.number() }).optional();

const segmentation = z.object({
  intervals,
  mcc: value,
  hd95Mm: distance,
  hd95Px: distance,
  histogram: z.array(z.number()).default([]),
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

const classification = z.object({
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

const hashed = z.object({ path: z.string(), sha256: z.string() });

const run = z.object({
  isocenter: z.string().default("?"),
  runtime: z.record(z.string(), z.string()).default({}),
  adapter: z.record(z.string(), z.string()).default({}),
  study: z.string().optional(),
  startedAt: z.string().default(""),
  pipeline: z.object({ stages: z.array(z.object({ stage: z.string(), options: z.record(z.string(), z.unknown()) })) })
    .default({ stages: [] }),
  models: z.array(hashed).default([]),
  shaders: z.array(hashed).default([]),
  summary: z.object({
    segmentation: segmentation.optional().catch(undefined),
    classification: classification.optional().catch(undefined),
  }).default({}),
});

/** What the page shows of the run as a whole. */
export type Run = z.infer<typeof run>;
/** How well regions were found. */
export type Segmentation = z.infer<typeof segmentation>;
/** How well classes were told. */
export type Classification = z.infer<typeof classification>;

/** The run's record, with defaults for what it lacks. */
export function runOf(given: unknown): Run {
  return run.parse(given);
}
