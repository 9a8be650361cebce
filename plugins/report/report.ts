/** One page on a run: pictures, measures, provenance. */
import { z } from "npm:zod@4.6.7";
import {
  type CaseRecord,
  definePlugin,
  defineStage,
  type Finish,
  optionsOf,
  planes,
  type Plugin,
  type Stage,
} from "../../engine/pipeline/mod.ts";
import { bytesOf, enlarged } from "../formats/picture/picture.ts";
import type { CaseMeasures } from "../formats/measures/measures.ts";
import { measuresOf, runOf } from "./content.ts";
import { pageOf, type ShownCase } from "./page.ts";
import { picturesOf, viewsOf } from "./pictures.ts";

/** Options of the stage. */
export interface ReportOptions {
  /** Most cases that get pictures; the others are rows of a table. */
  readonly cases: number;
}

/** The pictures of a case in the order of the page, as files under `report/`. */
const pictures = ["input", "denoised", "overlay", ...planes, "crop", "attention"] as const;
/** Name of one of them. */
export type PictureName = typeof pictures[number];

/** `report`: small pictures of each case, and at the end `report.html`, one page that holds all it shows. */
export const report: Stage = defineStage({
  name: "report",
  description: "Writes report.html: pictures, measures and provenance on one page.",
  needs: ["image"],
  uses: ["original", "mask", "boxes", "crops", "truth", "measures", "classes", "classify.evidence"],
  gives: ["measures"],
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
        const views = viewsOf(current);
        return views === undefined ? {} : { measures: { views } };
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
