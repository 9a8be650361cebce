/** The stages of the pipeline as functions of a slice, for the measurements. */
import type { Engine } from "../../engine/mod.ts";
import {
  type Case,
  geometryOfSpacing,
  type HostCopy,
  type ModelContract,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { squareAbout } from "../../plugins/crop/detector.ts";
import { classOf, segmentationOf } from "../../plugins/evaluate/case_measures.ts";
import { familiarityOf } from "../../plugins/evaluate/familiarity.ts";
import type { CaseMeasures } from "../../plugins/formats/measures/measures.ts";
import { type Box, boxOf, side, type Slice, suspicious } from "./evaluate_data.ts";

/** The folder of the models. */
export const root: string = new URL("../", import.meta.url).pathname;
const geometry = geometryOfSpacing([0.98, 0.98]);

// deno-lint-ignore no-explicit-any -- figures by path
export type Figures = any;

/** `quality.json` of the models. */
export async function readQuality(): Promise<Figures> {
  return JSON.parse(await Deno.readTextFile(`${root}quality.json`).catch(() => "{}"));
}

/** Changes what `quality.json` holds by then: several measurements may run at the same time. */
export async function changeQuality(change: (quality: Figures) => void): Promise<void> {
  const quality = await readQuality();
  change(quality);
  await Deno.writeTextFile(`${root}quality.json`, JSON.stringify(quality, null, 2) + "\n");
}

/** A stage that is open: a function from values to what it gives, read to the host, and how its model wants crops cut. */
export interface Open {
  readonly run: (values: Record<string, unknown>) => Promise<Record<string, Record<string, HostCopy>>>;
  readonly crop?: { readonly margin: number; readonly minSidePx: number };
}

/** Opens a stage with a model of `root`. */
export async function openStage(engine: Engine, stage: Stage, name: string): Promise<Open> {
  const contract: ModelContract = JSON.parse(await Deno.readTextFile(`${root}${name}/model.json`));
  const net = await engine.loadModel(`${root}${name}`);
  const context = { engine, signal: AbortSignal.timeout(2 ** 31 - 1), loadModel: () => ({ net, contract, folds: [] }) };
  const open = await stage.open(context as never, stage.options.parse({ model: name }) as never);
  const run: Open["run"] = async (values) => {
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
  return { run, crop: contract.input.crop as Open["crop"] };
}

function isTensor(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "tensor";
}

/** What a segmentation finds in a slice. */
export interface Found {
  readonly slice: Slice;
  readonly measures: CaseMeasures;
  readonly mask: Float32Array;
  readonly box: Box | undefined;
  readonly suspicious: Box | undefined;
}

/** What a segmentation finds in a slice, and how well. */
export async function segmented(engine: Engine, { run }: Open, slice: Slice): Promise<Found> {
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
export async function classified(
  engine: Engine,
  { run, crop }: Open,
  slice: Slice,
  box: Box | undefined,
  label: string,
): Promise<CaseMeasures> {
  const image = engine.tensor(slice.pixels, [1, side, side]);
  const boxes = engine.tensor(squareAbout(box, crop!.margin, crop!.minSidePx, [1, 1]), [1, 4]);
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
