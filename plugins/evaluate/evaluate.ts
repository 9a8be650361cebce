/** Measures what was found and, where the truth is known, how well. */
import { z } from "zod";
import {
  definePlugin,
  defineStage,
  type Json,
  type Measures,
  optionsOf,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { type CaseMeasures, caseMeasures, classOf, regionOf, segmentationOf } from "./case_measures.ts";
import { classificationSummary, segmentationSummary } from "./summary.ts";

/**
 * `evaluate`: size and class of what was found, as measures of the case; with a truth also the measures of the mask and of
 * the class, and their summary over all cases.
 */
export const evaluate: Stage = defineStage({
  name: "evaluate",
  description: "Compares masks and classes with the truth, where it is known.",
  needs: [],
  uses: ["mask", "classes", "truth"],
  gives: ["measures"],
  reads: ["mask", "classes"],
  options: optionsOf(z.strictObject({})),
  open: () => ({
    run: ({ host: { mask, classes }, truth, source }) => {
      const found = classes && classOf(classes);
      const measures: CaseMeasures = {
        region: mask && regionOf(mask),
        class: found,
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
          segmentation: segmentationSummary(measured.flatMap(({ segmentation }) => segmentation ? [segmentation] : [])),
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
