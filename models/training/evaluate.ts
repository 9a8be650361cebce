/**
 * Measures the networks of `models/` through the very stages of the pipeline, on the validation slices and on healthy heads
 * that no training saw, and writes `models/quality.json`.
 *
 *     deno run -A models/training/evaluate.ts FOLDER [--only NAME,...]
 *
 * FOLDER is what `healthy.py` wrote. `TEST_DATA` names the folder that holds `brain_tumor_t1c`.
 */
import { parseArgs } from "@std/cli";
import { type Engine, openEngine } from "../../engine/mod.ts";
import {
  type Case,
  geometryOfSpacing,
  type HostCopy,
  type ModelContract,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import classifyPlugin from "../../plugins/classify/classify.ts";
import { classOf, segmentationOf } from "../../plugins/evaluate/case_measures.ts";
import type { CaseMeasures } from "../../plugins/formats/measures/measures.ts";
import { familiarityOf } from "../../plugins/evaluate/familiarity.ts";
import { classificationSummary, segmentationSummary } from "../../plugins/evaluate/summary.ts";
import segmentPlugin from "../../plugins/segment/segment.ts";
import {
  type Box,
  boxOf,
  healthySlices,
  otherTissue,
  side,
  type Slice,
  squareOf,
  suspicious,
  validationSlices,
} from "./evaluate_data.ts";
import { boxPicture, regionPicture, sheet } from "./failures.ts";

const segmentations = ["unet_tumor", "resnet_unet_tumor", "vgg_unet_tumor"];
const classifiers = ["resnet_tumor_type", "resnet50_tumor", "inception_v3_tumor", "vgg16_tumor"];
const root = new URL("../", import.meta.url).pathname;
const geometry = geometryOfSpacing([0.98, 0.98]);

/** A stage that is open, as a function from values to what it gives, read to the host. */
type Run = (values: Record<string, unknown>) => Promise<Record<string, Record<string, HostCopy>>>;

async function openStage(engine: Engine, stage: Stage, name: string): Promise<Run> {
  const contract: ModelContract = JSON.parse(await Deno.readTextFile(`${root}${name}/model.json`));
  const net = await engine.loadModel(`${root}${name}`);
  const context = { engine, signal: AbortSignal.timeout(2 ** 31 - 1), loadModel: () => ({ net, contract }) };
  const open = await stage.open(context as never, stage.options.parse({ model: name }) as never);
  return async (values) => {
    const quiet = {
      source: "slice",
      header: { format: "dicom", modality: "MR" },
      warn: () => {},
      progress: () => {},
      host: {},
    };
    const given = await open.run({ ...quiet, ...values } as never as Case) as Record<string, Record<string, unknown>>;
    const parts = Object.entries(given).flatMap(([key, value]) =>
      Object.entries(value).filter(([, part]) => isTensor(part)).map(([part, tensor]) => ({ key, part, tensor }))
    );
    const arrays = await engine.read(parts.map(({ tensor }) => tensor as never));
    const result: Record<string, Record<string, HostCopy>> = {};
    for (const [key, value] of Object.entries(given)) result[key] = { ...value } as Record<string, HostCopy>;
    parts.forEach(({ key, part, tensor }, i) => {
      const { dtype, shape } = tensor as HostCopy;
      result[key][part] = { dtype, shape, data: arrays[i] };
      (tensor as Disposable)[Symbol.dispose]();
    });
    return result;
  };
}

function isTensor(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "tensor";
}

/** What a segmentation finds in a slice. */
interface Found {
  readonly slice: Slice;
  readonly measures: CaseMeasures;
  readonly mask: Float32Array;
  readonly box: Box | undefined;
  readonly suspicious: Box | undefined;
}

async function segmented(engine: Engine, run: Run, slice: Slice): Promise<Found> {
  const image = engine.tensor(slice.pixels, [1, side, side]);
  const found = await run({ image: { tensor: image, geometry } });
  image.dispose();
  const truth: HostCopy = { dtype: "u8", shape: [side, side], data: slice.mask };
  const evidence = found["segment.evidence"];
  return {
    slice,
    mask: found.mask.tensor.data as Float32Array,
    box: boxOf(found.mask.tensor.data as Float32Array),
    suspicious: suspicious(found.maps.tensor.data as Float32Array, slice),
    measures: {
      segmentation: segmentationOf(
        { tensor: found.mask.tensor, geometry },
        { mask: { tensor: truth, geometry }, class: slice.label },
        slice.name,
      ),
      familiarity: familiarityOf([evidence as never]),
      presence: evidence.presence && Number(evidence.presence.data[0]),
      group: slice.group,
    },
  };
}

/** Class and unfamiliarity of one box; without a box it is `none`. */
async function classified(
  engine: Engine,
  run: Run,
  slice: Slice,
  box: Box | undefined,
  label: string,
): Promise<CaseMeasures> {
  const image = engine.tensor(slice.pixels, [1, side, side]);
  const boxes = engine.tensor(Float32Array.from(box ? squareOf(box) : [0, 0, 0, 0]), [1, 4]);
  const found = await run({ image: { tensor: image, geometry }, boxes: { tensor: boxes, geometry } });
  image.dispose();
  boxes.dispose();
  const named = classOf(found.classes as never)!;
  return {
    class: named,
    familiarity: familiarityOf([found["classify.evidence"] as never]),
    classification: { truth: label, predicted: named.label, correct: named.label === label },
    group: slice.group,
  };
}

/** Of tumors that have a box: the share whose most likely type, `none` aside, is right. */
function typeAccuracy(cases: readonly CaseMeasures[]): number {
  const tumors = cases.filter(({ classification }) => classification && classification.truth !== "none");
  const right = tumors.filter(({ class: found, classification }) => {
    const types = Object.entries(found!.probabilities).filter(([name]) => name !== "none");
    return types.toSorted(([, a], [, b]) => b - a)[0][0] === classification!.truth;
  });
  return right.length / tumors.length;
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
const file = `${root}quality.json`;
const quality = JSON.parse(await Deno.readTextFile(file).catch(() => "{}"));

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
quality.models ??= {};

let regions: Found[] = [];
let empty: Found[] = [];
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
  const of = async (boxes: readonly (Box | undefined)[], label: (slice: Slice) => string, found = slices) => {
    const cases: CaseMeasures[] = [];
    for (const [i, slice] of found.entries()) {
      if (boxes[i]) cases.push(await classified(engine, run, slice, boxes[i], label(slice)));
    }
    return cases;
  };
  const truth = await of(slices.map(({ mask }) => boxOf(mask)), ({ label }) => label);
  const detected = await of(regions.map(({ box }) => box), ({ label }) => label);
  const random = await of(tissue, () => "none");
  const hard = await of(regions.map((one) => one.suspicious), () => "none");
  const wrong = worstClasses(truth).map((at) => boxPicture(slices[at], boxOf(slices[at].mask)!));
  await Deno.writeFile(`${root}${name}/failures.png`, sheet(wrong));
  // The whole chain: a slice without a region, or whose region is no tumor, is `none`.
  const chain: CaseMeasures[] = [];
  for (const [i, { slice, box, measures }] of [...regions, ...empty].entries()) {
    const one = await classified(engine, run, slice, box, slice.label);
    chain.push({ ...one, familiarity: worse(measures.familiarity, one.familiarity) });
    if (i === regions.length - 1) console.log(name, "tumors through");
  }
  const tumors = chain.slice(0, regions.length);
  const heads = chain.slice(regions.length);
  const named = ({ classification }: CaseMeasures) => classification!.predicted !== "none";
  quality.models[name] = {
    truthBoxes: { typeAccuracy: typeAccuracy(truth), ...classificationSummary([...truth, ...random]) as object },
    detectedBoxes: {
      typeAccuracy: typeAccuracy(detected),
      ...classificationSummary([...detected, ...random]) as object,
    },
    hardNegatives: { n: hard.length, ...classificationSummary([...truth, ...hard]) as object },
    chain: {
      segmentation: segmentations[0],
      ...classificationSummary(chain) as object,
      unfamiliarTumors: shareOf(tumors, ({ familiarity }) => familiarity?.unfamiliar === true),
      healthyNamed: shareOf(heads, named),
      healthyNamedUnmarked: shareOf(heads, (one) => named(one) && one.familiarity?.unfamiliar !== true),
      healthyUnfamiliar: shareOf(heads, ({ familiarity }) => familiarity?.unfamiliar === true),
    },
  };
  const { truthBoxes, hardNegatives, chain: whole } = quality.models[name];
  console.log(name, {
    type: truthBoxes.typeAccuracy,
    auc: truthBoxes.tumor.auc,
    hard: hardNegatives.tumor.auc,
    sensitivity: truthBoxes.tumor.recall,
    specificity: truthBoxes.tumor.specificity,
    healthyNamed: whole.healthyNamed,
    unmarked: whole.healthyNamedUnmarked,
  });
}
engine.close();
await Deno.writeTextFile(file, JSON.stringify(withoutCurves(quality), null, 1) + "\n");

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
