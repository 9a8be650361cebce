/**
 * Measures the networks of `models/` through the very stages of the pipeline, on the validation slices and on healthy heads
 * that no training saw, and writes `models/quality.json`.
 *
 *     deno run -A models/training/evaluate.ts FOLDER [--only NAME,...]
 *
 * FOLDER is what `healthy.py` wrote. `TEST_DATA` names the folder that holds `brain_tumor_t1c`.
 */
import { parseArgs } from "@std/cli";
import { openEngine } from "../../engine/mod.ts";
import classifyPlugin from "../../plugins/classify/classify.ts";
import { intervalsOf } from "../../plugins/evaluate/bootstrap.ts";
import type { CaseMeasures } from "../../plugins/formats/measures/measures.ts";
import { classificationSummary, segmentationSummary } from "../../plugins/evaluate/summary.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import { type Box, boxOf, healthySlices, otherTissue, type Slice, validationSlices } from "./evaluate_data.ts";
import { changeQuality, classified, type Figures, type Found, openStage, root, segmented } from "./evaluate_stages.ts";
import { boxPicture, regionPicture, sheet } from "./failures.ts";

// The first of each is the default of the stages.
const segmentations = ["resnet_unet_tumor", "unet_tumor", "vgg_unet_tumor"];
const classifiers = ["vgg16_tumor", "resnet50_tumor", "inception_v3_tumor"];
/** Of tumors that have a box: the share whose most likely type, `none` aside, is right. */
function typeAccuracy(cases: readonly CaseMeasures[]): number {
  const tumors = cases.filter(({ classification }) => classification && classification.truth !== "none");
  const right = tumors.filter(({ class: found, classification }) => {
    const types = Object.entries(found!.probabilities).filter(([name]) => name !== "none");
    return types.toSorted(([, a], [, b]) => b - a)[0][0] === classification!.truth;
  });
  return right.length / tumors.length;
}

/** The share of cases of which something holds, with its interval. */
function withInterval(cases: readonly CaseMeasures[], is: (one: CaseMeasures) => boolean) {
  const share = (of: readonly CaseMeasures[]) => of.filter(is).length / of.length;
  const { share: interval } = intervalsOf(cases, ({ group }) => group, (drawn) => ({ share: share(drawn) }));
  return { share: share(cases), interval };
}

function shareOf<T>(all: readonly T[], is: (one: T) => boolean): { n: number; share: number } {
  return { n: all.length, share: all.length === 0 ? 0 : all.filter(is).length / all.length };
}

const options = parseArgs(Deno.args, { string: ["only"] });
const [folder] = options._.map(String);
if (folder === undefined) throw new Error("usage: evaluate.ts FOLDER [--only NAME,...]");
const data = Deno.env.get("TEST_DATA") ?? new URL("../../../shared/data", import.meta.url).pathname;
const only = options.only ? String(options.only).split(",") : undefined;
const wanted = (name: string) => !only || only.includes(name);
const quality: Figures = { models: {} };

const engine = await openEngine();
const slices = await validationSlices(`${data}/brain_tumor_t1c`);
const healthy = await healthySlices(`${folder}/held`);
const foreign = Map.groupBy(await healthySlices(`${folder}/foreign`), ({ group }) => group);
const tissue = otherTissue(slices);
quality.data = {
  split: "val",
  slices: slices.length,
  series: new Set(slices.map(({ group }) => group)).size,
  healthySlices: healthy.length,
};

let regions: Found[] = [];
let empty: Found[] = [];
const strange = new Map<string, Found[]>();
// The classifiers need the regions of the first.
const regional = segmentations.filter((name, at) => wanted(name) || at === 0 && classifiers.some(wanted));
for (const name of regional) {
  const run = await openStage(engine, segmentPlugin.stages![0], name);
  const found: Found[] = [];
  for (const slice of slices) found.push(await segmented(engine, run, slice));
  const none: Found[] = [];
  for (const slice of healthy) none.push(await segmented(engine, run, slice));
  if (name === segmentations[0]) [regions, empty] = [found, none];
  quality.models[name] = {
    segmentation: segmentationSummary(found.map(({ measures }) => measures)),
    unfamiliarTumors: shareOf(found, ({ measures }) => measures.familiarity?.unfamiliar === true),
    healthy: {
      regions: shareOf(none, ({ box }) => box !== undefined),
      unfamiliar: shareOf(none, ({ measures }) => measures.familiarity?.unfamiliar === true),
    },
  };
  const unfamiliar: Record<string, { n: number; share: number }> = {};
  for (const [kind, images] of foreign) {
    const others: Found[] = [];
    for (const slice of images) others.push(await segmented(engine, run, slice));
    if (name === segmentations[0]) strange.set(kind, others);
    unfamiliar[kind] = shareOf(others, ({ measures }) => measures.familiarity?.unfamiliar === true);
  }
  quality.models[name].foreign = unfamiliar;
  const worst = worstRegions(found).map(({ slice, mask }) => regionPicture(slice, mask));
  await Deno.writeFile(`${root}${name}/failures.png`, sheet(worst));
  console.log(
    name,
    JSON.stringify(quality.models[name].segmentation.dice),
    JSON.stringify(quality.models[name].healthy),
  );
}
for (const name of classifiers.filter(wanted)) {
  const run = await openStage(engine, classifyPlugin.stages![0], name);
  const of = async (boxes: readonly (Box | undefined)[], label: (slice: Slice) => string) => {
    const cases: CaseMeasures[] = [];
    for (const [i, slice] of slices.entries()) {
      if (boxes[i]) cases.push(await classified(engine, run, slice, boxes[i], label(slice)));
    }
    return cases;
  };
  const truth = await of(slices.map(({ mask }) => boxOf(mask)), ({ label }) => label);
  const random = await of(tissue, () => "none");
  const hard = await of(regions.map((one) => one.suspicious), () => "none");
  const wrong = worstClasses(truth).map((at) => boxPicture(slices[at], boxOf(slices[at].mask)!));
  await Deno.writeFile(`${root}${name}/failures.png`, sheet(wrong));
  // The whole chain: a slice without a region, or whose region is no tumor, is `none`.
  const through = async (found: readonly Found[]) => {
    const chain: CaseMeasures[] = [];
    for (const { slice, box, measures } of found) {
      const one = await classified(engine, run, slice, box, slice.label);
      chain.push({ ...one, familiarity: worse(measures.familiarity, one.familiarity) });
    }
    return chain;
  };
  const [tumors, heads] = [await through(regions), await through(empty)];
  const detected = tumors.filter((_, at) => regions[at].box !== undefined);
  const others: Record<string, unknown> = {};
  for (const [kind, found] of strange) others[kind] = marked(await through(found));
  quality.models[name] = {
    truthBoxes: { typeAccuracy: typeAccuracy(truth), ...classificationSummary([...truth, ...random]) as object },
    detectedBoxes: {
      typeAccuracy: typeAccuracy(detected),
      ...classificationSummary([...detected, ...random]) as object,
    },
    hardNegatives: { ...classificationSummary([...truth, ...hard]) as object, n: hard.length },
    chain: {
      segmentation: segmentations[0],
      sensitivity: withInterval(tumors, isNamed),
      // A tumor that is missed has no type.
      typeNamed: withInterval(tumors, isRight),
      unfamiliarTumors: shareOf(tumors, isUnfamiliar),
      healthy: marked(heads),
      foreign: others,
    },
  };
  if (name === classifiers[0]) {
    const kinds = { right: tumors.filter(isRight), wrong: tumors.filter((one) => !isRight(one) && isNamed(one)) };
    const all = { ...kinds, missed: tumors.filter((one) => !isNamed(one)), healthyNamed: heads.filter(isNamed) };
    for (const [kind, members] of Object.entries({ ...all, healthyNone: heads.filter((one) => !isNamed(one)) })) {
      const at = tenOf(members).map((one) => [...regions, ...empty][[...tumors, ...heads].indexOf(one)]);
      const pictures = at.map(({ slice, mask }) => regionPicture(slice, mask));
      if (pictures.length > 0) await Deno.writeFile(`${folder}/chain_${kind}.png`, sheet(pictures));
      console.log(kind, members.length, at.map(({ slice }) => slice.name).join(" "));
    }
  }
  const { truthBoxes, hardNegatives, chain: whole } = quality.models[name];
  console.log(name, {
    type: truthBoxes.typeAccuracy,
    auc: truthBoxes.tumor.auc,
    hard: hardNegatives.tumor.auc,
    sensitivity: truthBoxes.tumor.recall,
    specificity: truthBoxes.tumor.specificity,
    chain: whole.typeNamed,
    healthy: whole.healthy,
    unfamiliarTumors: whole.unfamiliarTumors,
  });
}
engine.close();
await changeQuality((all) => {
  const { data, models } = withoutCurves(quality) as Figures;
  Object.assign(all, { data, models: { ...all.models, ...models } });
});

/** Of each type the six slices with the least Dice. */
function worstRegions(found: readonly Found[]): Found[] {
  const dice = ({ measures }: Found) => measures.segmentation?.dice ?? 0;
  return ["meningioma", "glioma", "pituitary"].flatMap((type) =>
    found.filter(({ slice }) => slice.label === type).toSorted((a, b) => dice(a) - dice(b)).slice(0, 6)
  );
}

/** Of each type the six tumors whose own type got the least probability, as positions. */
function worstClasses(cases: readonly CaseMeasures[]): number[] {
  const own = (at: number) => cases[at].class!.probabilities[cases[at].classification!.truth];
  return ["meningioma", "glioma", "pituitary"].flatMap((type) =>
    [...cases.keys()].filter((at) => cases[at].classification!.truth === type).sort((a, b) => own(a) - own(b)).slice(
      0,
      6,
    )
  );
}

function isUnfamiliar({ familiarity }: CaseMeasures): boolean {
  return familiarity?.unfamiliar === true;
}

function isNamed({ classification }: CaseMeasures): boolean {
  return classification!.predicted !== "none";
}

function isRight({ classification }: CaseMeasures): boolean {
  return classification!.correct;
}

/** Of slices without a tumor: how many are called unfamiliar, are given a tumor's name, and are given one without a mark. */
function marked(cases: readonly CaseMeasures[]): Record<string, number> {
  const share = (is: (one: CaseMeasures) => boolean) => shareOf(cases, is).share;
  return {
    n: cases.length,
    unfamiliar: share(isUnfamiliar),
    named: share(isNamed),
    namedUnmarked: share((one) => isNamed(one) && !isUnfamiliar(one)),
  };
}

/** Ten of them, evenly spaced. */
function tenOf<T>(all: readonly T[]): T[] {
  const step = Math.max(1, all.length / 10);
  return Array.from({ length: Math.min(10, all.length) }, (_, i) => all[Math.floor(i * step)]);
}

function worse(a: CaseMeasures["familiarity"], b: CaseMeasures["familiarity"]): CaseMeasures["familiarity"] {
  if (a === undefined || b === undefined) return a ?? b;
  return a.score / a.threshold >= b.score / b.threshold ? a : b;
}

/** Figures of four digits, and no points of curves: those are for pictures. */
function withoutCurves(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(withoutCurves);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !["roc", "precisionRecall", "bins", "histogram"].includes(key));
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutCurves(one)]));
}
