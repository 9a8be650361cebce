/** What the page shows of `run.json`, checked by structure: other stages may have given more, less or something else. */
import { z } from "npm:zod@4.6.7";
import {
  type CaseMeasures,
  caseMeasures,
  classificationSummary,
  segmentationSummary,
} from "../formats/measures/measures.ts";

/** The measures of a case; none where they are of another form. */
export function measuresOf(given: unknown): CaseMeasures {
  return caseMeasures.safeParse(given).data ?? {};
}

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
    segmentation: segmentationSummary.optional().catch(undefined),
    classification: classificationSummary.optional().catch(undefined),
  }).default({}),
});

/** What the page shows of the run as a whole. */
export type Run = z.infer<typeof run>;

/** The run's record, with defaults for what it lacks. */
export function runOf(given: unknown): Run {
  return run.parse(given);
}
