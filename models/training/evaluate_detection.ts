/**
 * Measures the detector on the validation slices, placed and mapped back as the stage `crop` does it but run by onnxruntime,
 * and writes `maskrcnn_tumor` of `models/quality.json`.
 *
 *     deno run -A models/training/evaluate_detection.ts
 */
import { openEngine } from "../../engine/mod.ts";
import { geometryOfSpacing } from "../../engine/pipeline/mod.ts";
import { detectionContract, detections, surest } from "../../plugins/crop/detector.ts";
import { type Box, boxOf, side, type Slice, validationSlices } from "./evaluate_data.ts";
import { changeQuality, root } from "./evaluate_stages.ts";
import { regionPicture, sheet } from "./failures.ts";

const data = Deno.env.get("TEST_DATA") ?? new URL("../../../shared/data", import.meta.url).pathname;
const geometry = geometryOfSpacing([0.98, 0.98]);

/** One detection: how sure, and whether it overlaps a tumor by half that no surer one has taken. */
interface Row {
  readonly score: number;
  readonly hit: boolean;
}

/** The area under the envelope of precision, and the recall at one false positive an image (all tumors have one box). */
function summary(rows: readonly Row[], tumors: number, images: number): { ap50: number; recallAtOne: number } {
  const sorted = rows.toSorted((a, b) => b.score - a.score);
  let [hits, recallAtOne] = [0, 0];
  const points = sorted.map(({ hit }, at) => {
    if (hit) hits++;
    if (at + 1 - hits <= images) recallAtOne = hits / tumors;
    return { recall: hits / tumors, precision: hits / (at + 1) };
  });
  let [ap50, envelope] = [0, 0];
  for (let at = points.length - 1; at >= 0; at--) {
    envelope = Math.max(envelope, points[at].precision);
    ap50 += envelope * (points[at].recall - (points[at - 1]?.recall ?? 0));
  }
  return { ap50, recallAtOne };
}

function overlap(a: Box, b: Box): number {
  const width = Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0]));
  const height = Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const area = (box: Box) => (box[2] - box[0]) * (box[3] - box[1]);
  return width * height / (area(a) + area(b) - width * height);
}

const engine = await openEngine();
using net = await engine.loadModel(`${root}maskrcnn_tumor`, { backend: "wasm" });
const contract = detectionContract.parse(JSON.parse(await Deno.readTextFile(`${root}maskrcnn_tumor/model.json`)));
const slices = await validationSlices(`${data}/brain_tumor_t1c`);
const rows: Row[] = [];
const overlaps: { slice: Slice; box: Box | undefined; overlap: number }[] = [];
for (const slice of slices) {
  const { pixels, mask } = slice;
  using tensor = engine.tensor(pixels, [1, side, side]);
  const found = await detections(engine, net, contract, { tensor, geometry });
  const truth = boxOf(mask)!;
  const best = surest(found)?.box as Box | undefined;
  overlaps.push({ slice, box: best, overlap: best ? overlap(best, truth) : 0 });
  let taken = false;
  for (const { score, box } of found.toSorted((a, b) => b.score - a.score)) {
    const hit: boolean = !taken && overlap(box as unknown as Box, truth) >= 0.5;
    taken ||= hit;
    rows.push({ score, hit });
  }
}
engine.close();
const measured = summary(rows, slices.length, slices.length);
const detection = {
  by: "onnxruntime",
  slices: slices.length,
  ap50: Number(measured.ap50.toFixed(4)),
  recallAtOne: Number(measured.recallAtOne.toFixed(4)),
};
console.log(detection);
await changeQuality((quality) => {
  quality.models ??= {};
  quality.models.maskrcnn_tumor = { detection };
});
const worst = ["meningioma", "glioma", "pituitary"].flatMap((type) =>
  overlaps.filter(({ slice }) => slice.label === type).toSorted((a, b) => a.overlap - b.overlap).slice(0, 6)
);
await Deno.writeFile(
  `${root}maskrcnn_tumor/failures.png`,
  sheet(worst.map(({ slice, box }) => regionPicture(slice, filled(box)))),
);

/** A box as a mask. */
function filled(box: Box | undefined): Float32Array {
  const [x0, y0, x1, y1] = box ?? [0, 0, 0, 0];
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side, Math.floor(at / side)];
    return x >= x0 && x < x1 && y >= y0 && y < y1 ? 1 : 0;
  });
}
