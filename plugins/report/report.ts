/** One page on a run: pictures, measures, provenance. */
import { z } from "npm:zod@4.6.7";
import {
  type Case,
  type CaseRecord,
  definePlugin,
  defineStage,
  type Finish,
  type HostCopy,
  optionsOf,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import {
  bytesOf,
  displayRange,
  enlarged,
  grayOf,
  maskPicture,
  overlayOf,
  type Picture,
  shrunk,
  sliceToShow,
  withOutline,
} from "../formats/picture/picture.ts";
import { attentionPicture } from "./attention.ts";
import { type CaseMeasures, measuresOf, runOf } from "./content.ts";
import { pageOf, type ShownCase } from "./page.ts";

/** Options of the stage. */
export interface ReportOptions {
  /** Most cases that get pictures; the others are rows of a table. */
  readonly cases: number;
}

/** The pictures of a case in the order of the page, as files under `report/`. */
const pictures = ["input", "denoised", "overlay", "crop", "attention"] as const;
/** Name of one of them. */
export type PictureName = typeof pictures[number];

/** Longer side of a picture in pixels. */
const side = 256;
const truthColor: [number, number, number] = [0.2, 0.85, 0.95];

/** `report`: small pictures of each case, and at the end `report.html`, one page that holds all it shows. */
export const report: Stage = defineStage({
  name: "report",
  description: "Writes report.html: pictures, measures and provenance on one page.",
  needs: ["image"],
  uses: ["original", "mask", "boxes", "crops", "truth", "measures", "classes", "classify.evidence"],
  gives: [],
  reads: ["original", "image", "mask", "boxes", "crops", "classes", "classify.evidence"],
  files: ["report.html"],
  options: optionsOf<ReportOptions>(z.strictObject({
    cases: z.int().min(0).max(1000).default(200).describe("Most cases that get pictures"),
  })),
  open: async (_, options) => {
    const { encodeJpeg, leastPixels } = await import("../formats/jpeg/encode.ts");
    return {
      run: async (current) => {
        for (const [name, picture] of picturesOf(current)) {
          const large = enlarged(picture, leastPixels);
          await current.write(fileOf(name), encodeJpeg(bytesOf(large), large.shape));
        }
        return {};
      },
      finish: async (finish) => {
        const done = finish.cases.filter(({ status }) => status === "done");
        const measured = done.map((record) => ({ record, measures: measuresOf(record.measures) }));
        measured.sort((a, b) => scoreOf(a.measures) - scoreOf(b.measures));
        const shown = await Promise.all(measured.slice(0, options.cases).map((one) => withPictures(one, finish)));
        const page = pageOf({
          run: runOf(finish.run),
          cases: finish.cases,
          shown,
          others: measured.slice(options.cases),
          failed: finish.cases.filter(({ status }) => status === "failed"),
        });
        return { files: { "report.html": new TextEncoder().encode(page) } };
      },
    };
  },
});

type ReportCase = Case<
  "image",
  "original" | "mask" | "boxes" | "crops" | "truth" | "classes" | "classify.evidence",
  "original" | "image" | "mask" | "boxes" | "crops" | "classes" | "classify.evidence"
>;

/** The pictures that can be made of a case. */
function picturesOf({ host, truth }: ReportCase): [PictureName, Picture][] {
  const { tensor: image, geometry } = host.image;
  const [mask, boxes, crops] = [host.mask?.tensor, host.boxes?.tensor, host.crops?.tensor];
  const slice = sliceToShow(image.shape, mask);
  const range = displayRange(image, geometry);
  const gray = shrunk(grayOf(image, range, slice), side, geometry.spacing);
  const result: [PictureName, Picture][] = [];
  const { tensor: input, geometry: first } = host.original ?? host.image;
  result.push([
    "input",
    input === image ? gray : shrunk(grayOf(input, displayRange(input, first), slice), side, first.spacing),
  ]);
  if (input !== image) result.push(["denoised", gray]);
  if (mask) {
    const found = overlayOf(gray, shrunk(maskPicture(mask, slice), side, geometry.spacing));
    const isComparable = truth?.mask?.tensor.shape.join() === mask.shape.join();
    result.push([
      "overlay",
      truth?.mask && isComparable
        ? withOutline(found, shrunk(maskPicture(truth.mask.tensor, slice), side, geometry.spacing), truthColor)
        : found,
    ]);
  }
  if (crops && boxes && isFound(boxes)) {
    const cut = shrunk(grayOf(crops, range), side, geometry.spacing);
    result.push(["crop", cut]);
    const looked = attentionPicture(cut, host.classes, host["classify.evidence"]);
    if (looked) result.push(["attention", looked]);
  }
  return result;
}

/** Whether the first box is not empty. */
function isFound({ data, shape }: HostCopy): boolean {
  return shape[0] > 0 && data[2] > data[0] && data[3] > data[1];
}

function fileOf(name: PictureName): string {
  return `report/${name}.jpg`;
}

/** From bad to good: by Dice where there is truth, false positives with the worst; a wrong class counts besides. */
function scoreOf({ segmentation, classification }: CaseMeasures): number {
  const overlap = segmentation ? segmentation.dice ?? (segmentation.fp > 0 ? 0 : 1) : 1;
  return overlap + (classification ? Number(classification.correct) : 1);
}

async function withPictures(
  { record, measures }: { record: CaseRecord; measures: CaseMeasures },
  finish: Finish,
): Promise<ShownCase> {
  const names = pictures.filter((name) => record.files.some((file) => file.endsWith(fileOf(name))));
  const shown = await Promise.all(names.map(async (name) => ({
    name,
    data: (await finish.read(record.id, fileOf(name))).toBase64(),
  })));
  return { record, measures, pictures: shown };
}

const plugin: Plugin = definePlugin({ name: "report", stages: [report] });

export default plugin;
