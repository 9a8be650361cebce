/** Measures what was found and, where the truth is known, how well. */
import { z } from "npm:zod@4.6.7";
import {
  definePlugin,
  defineStage,
  type HostCopy,
  InputError,
  type Json,
  type Measures,
  optionsOf,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { type CaseMeasures, caseMeasures } from "../formats/measures/measures.ts";
import { boxIn, classOf, labelsOf, regionOf, segmentationOf } from "./case_measures.ts";
import { familiarityOf, familiarityText } from "./familiarity.ts";
import { classificationSummary, segmentationSummary } from "./summary.ts";

/** Options of the stage. */
export interface EvaluateOptions {
  /** What becomes of a case that the networks do not know the like of: a warning, or it fails. */
  readonly unfamiliar: "warn" | "refuse";
}

/**
 * `evaluate`: size and class of what was found, as measures of the case; with a truth also the measures of the mask and of
 * the class, and their summary over all cases.
 */
export const evaluate: Stage = defineStage({
  name: "evaluate",
  description: "Compares masks and classes with the truth, where it is known.",
  needs: [],
  uses: ["image", "mask", "boxes", "classes", "truth", "segment.evidence", "classify.evidence"],
  gives: ["measures"],
  reads: ["image", "mask", "boxes", "classes", "segment.evidence", "classify.evidence"],
  options: optionsOf<EvaluateOptions>(z.strictObject({
    unfamiliar: z.enum(["warn", "refuse"]).default("warn").describe(
      "What happens to a case unlike the networks' training images: a warning, or it fails",
    ),
  })),
  open: (_, { unfamiliar }) => ({
    run: ({ host: { image, mask, boxes, classes, ...host }, truth, source, warn }) => {
      const found = classes && classOf(classes);
      const familiarity = familiarityOf([host["segment.evidence"], host["classify.evidence"]]);
      if (familiarity?.unfamiliar) {
        const text = familiarityText(familiarity);
        if (unfamiliar === "refuse") {
          throw new InputError(`Cannot use ${source} as ${text}: give images of that kind, or --unfamiliar warn`);
        }
        warn(`What was found may be wrong: ${text}`);
      }
      const { presence } = (host["segment.evidence"] ?? {}) as { presence?: HostCopy };
      const measures: CaseMeasures = {
        region: mask && regionOf(mask),
        labels: mask && labelsOf(mask, image),
        box: boxes && boxIn(boxes),
        class: found,
        familiarity,
        // Of a volume: in any of its slices.
        presence: presence && Number(Math.max(...Array.from(presence.data, Number)).toPrecision(7)),
        group: truth?.group,
        segmentation: mask && truth && segmentationOf(mask, truth, source),
        classification: found && truth?.class !== undefined
          ? { truth: truth.class, predicted: found.label, correct: truth.class === found.label }
          : undefined,
      };
      return { measures: defined(measures) as Measures };
    },
    finish: ({ cases }) => {
      const measured = cases.map(({ measures }) => caseMeasures.safeParse(measures).data ?? {});
      return {
        summary: defined({
          segmentation: segmentationSummary(measured),
          classification: classificationSummary(measured),
        }) as Record<string, Json>,
      };
    },
  }),
});

function defined(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

const plugin: Plugin = definePlugin({ name: "evaluate", stages: [evaluate] });

export default plugin;
