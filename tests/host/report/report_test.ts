import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import {
  type CaseRecord,
  counted,
  geometryOfSpacing,
  type HostCopy,
  unknownGeometry,
} from "../../../engine/pipeline/mod.ts";
import { attentionPicture } from "../../../plugins/report/attention.ts";
import { decode } from "../../../plugins/formats/detect.ts";
import { html } from "../../../plugins/formats/html/html.ts";
import { measure, moment, percent, quantity } from "../../../plugins/report/numbers.ts";
import plugin from "../../../plugins/report/report.ts";

const array = (shape: number[], at: (i: number) => number): HostCopy => ({
  dtype: "f32",
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => at(i)),
});

const segmentation = (dice: number | null, fp = 0) => ({
  tp: 1,
  fp,
  fn: 0,
  tn: 0,
  dice,
  iou: dice,
  accuracy: 1,
  precision: 1,
  recall: 1,
  specificity: 1,
  mcc: dice,
});

const placed = (host: Record<string, HostCopy>) =>
  Object.fromEntries(Object.entries(host).map(([name, tensor]) => [name, { tensor, geometry: unknownGeometry(2) }]));

interface Given {
  readonly id: string;
  readonly measures?: CaseRecord["measures"];
  readonly host?: Record<string, HostCopy>;
  readonly error?: string;
  readonly shares?: CaseRecord["shares"];
}

/** The page of some cases, and the files that the stage wrote for them. */
async function reported(
  cases: readonly Given[],
  run: Record<string, unknown> = {},
  options: Record<string, unknown> = {},
) {
  const files = new Map<string, Uint8Array>();
  const [stage] = plugin.stages ?? [];
  const open = await stage.open({} as never, stage.options.parse(options) as never);
  const records: CaseRecord[] = [];
  for (const { id, measures = {}, host, error, shares } of cases) {
    if (!error) {
      await open.run({
        id,
        host: placed({ image: array([1, 8, 8], (i) => i), ...host }),
        write: (name: string, bytes: Uint8Array) => Promise.resolve(void files.set(`cases/${id}/${name}`, bytes)),
      } as never);
    }
    records.push({
      id,
      source: `${id}.png`,
      status: error ? "failed" : "done",
      ...error ? { error: { name: "InputError", message: error } } : {},
      inputs: [],
      stages: [],
      shares,
      measures,
      readbacks: 1,
      readbackBytes: 0,
      warnings: [],
      files: [...files.keys()].filter((name) => name.startsWith(`cases/${id}/`)),
      outputs: [],
    });
  }
  const read = (id: string, name: string) => Promise.resolve(files.get(`cases/${id}/${name}`) ?? new Uint8Array());
  const finished = await open.finish?.({
    cases: records,
    run: { startedAt: "2026-11-23T00:12:00.000Z", ...run } as never,
    read,
  });
  return { page: new TextDecoder().decode(finished?.files?.["report.html"]), files };
}

Deno.test("templates escape everything but HTML", () => {
  const name = `<b>"&'`;
  assertEquals(
    html`<p title="${name}">${[name, html`<i>${1}</i>`, undefined]}</p>`.text,
    '<p title="&lt;b&gt;&quot;&amp;&#39;">&lt;b&gt;&quot;&amp;&#39;<i>1</i></p>',
  );
});

Deno.test("numbers are shown as they are read", () => {
  assertEquals([0, 0.834, 0.996, 0.99999, 1, null].map(measure), ["0.00", "0.83", "0.996", "> 0.9999", "1.00", "–"]);
  assertEquals([0, 0.001, 0.455, 0.999, 1].map(percent), ["0 %", "< 1 %", "46 %", "> 99 %", "100 %"]);
  assertEquals([1160, 4.168, 0].map(quantity), ["1,160", "4.17", "0"]);
  assertEquals([counted(1, "case"), counted(1234, "case")], ["1 case", "1,234 cases"]);
  assertEquals(moment("2026-11-23T00:12:00.000Z"), "23 November 2026, 00:12 UTC");
});

Deno.test("the page holds what it shows and needs no script", async () => {
  const boxes = array([1, 4], (i) => [1, 1, 6, 6][i]);
  const host = {
    original: array([1, 8, 8], (i) => 64 - i),
    mask: array([8, 8], (i) => i % 3 ? 0 : 1),
    boxes,
    crops: array([1, 1, 4, 4], (i) => i),
  };
  const { page, files } = await reported([{ id: "a", host }]);
  assertEquals([...files.keys()], ["input", "denoised", "overlay", "crop"].map((name) => `cases/a/report/${name}.jpg`));
  assertEquals(page.match(/<img src="data:image\/jpeg;base64,[A-Za-z0-9+/=]+" alt="[^"]+"/g)?.length, 4);
  assert(!/<script|<link|https?:\/\//.test(page), "something comes from outside");
  assertMatch(page, /<html lang="en">/);
  assertMatch(page, /Not a medical device/);
  assert(!page.includes("phantom"), "the images are taken for a phantom");
});

Deno.test("the page says that the demonstration is a phantom", async () => {
  const { page } = await reported([{ id: "a" }], { study: "demonstration" });
  assertMatch(page, /The images are a phantom/);
});

Deno.test("a volume is shown by its best slices in three planes, in millimeters", async () => {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const [stage] = plugin.stages ?? [];
  const open = await stage.open({} as never, stage.options.parse({}) as never);
  const geometry = geometryOfSpacing([5, 1, 1]);
  const image = { tensor: array([1, 20, 60, 80], (i) => i % 80), geometry };
  const mask = { tensor: array([20, 60, 80], (i) => i % 7 && Math.floor(i / 80) % 60 !== 3 ? 0 : 1), geometry };
  const given = await open.run({
    host: { image, original: image, mask },
    write: (name: string, bytes: Uint8Array) => Promise.resolve(void files.set(name, new Uint8Array(bytes))),
  } as never);
  const sizes = await Promise.all([...files].map(async ([name, bytes]) => {
    return [name, (await decode(bytes, name)).shape.slice(1)];
  }));
  // 80 x 60 x 100 mm.
  assertEquals(sizes, [
    ["report/input.jpg", [60, 80]],
    ["report/axial.jpg", [60, 80]],
    ["report/coronal.jpg", [100, 80]],
    ["report/sagittal.jpg", [100, 60]],
  ]);
  const { measures } = given as Required<Pick<CaseRecord, "measures">>;
  assertEquals(measures.views, {
    input: { slice: 1, of: 20 },
    denoised: { slice: 1, of: 20 },
    axial: { slice: 1, of: 20 },
    coronal: { slice: 4, of: 60 },
    sagittal: { slice: 1, of: 80 },
  });
  const { page } = await reported([{ id: "a", measures }]);
  assertMatch(page, /Input, slice 1 of 20 of a/);
});

Deno.test("labels have a row and a color each", async () => {
  const labels = {
    "white <matter>": { pixels: 10, volumeMm3: 4200, mean: 71.5, deviation: 3 },
    gray: { pixels: 0, volumeMm3: 0, color: "#123456" },
  };
  const { page } = await reported([{ id: "a", measures: { labels } }]);
  assertMatch(page, /white &lt;matter&gt;<\/th>\s*<td class="number">4.2 cm³<\/td>\s*<td class="number">71.5<\/td>/);
  assertMatch(page, /background: #123456"><\/span>gray/);
  assertMatch(page, /background: #ff4533"><\/span>white/);
});

Deno.test("the report draws how long host and device had to do with a case", async () => {
  const shares = { host: { seconds: 0.05 }, device: { seconds: 0.2 }, waiting: { seconds: 0.15 } };
  const { page } = await reported([{ id: "a", shares }, { id: "b", shares: { ...shares, host: { seconds: 0.15 } } }]);
  assertMatch(
    page,
    /Host at work<\/th>\s*<td><span class="bar" style="--share: 50.0%"><\/span><span\s+class="share">0.100/,
  );
  assertMatch(page, /Device has work of the case<\/th>\s*<td><span class="bar" style="--share: 100.0%">/);
  assert(!(await reported([{ id: "a" }])).page.includes("Host at work"));
});

Deno.test("a case shows only pictures that it has", async () => {
  const image = array([1, 8, 8], (i) => i);
  const { files } = await reported([{
    id: "a",
    host: { image, original: image, boxes: array([1, 4], () => 0), crops: array([1, 1, 4, 4], () => 0) },
  }]);
  assertEquals([...files.keys()], ["cases/a/report/input.jpg"]);
});

Deno.test("the worst cases come first, and the others as rows", async () => {
  const wrong = { truth: "glioma", predicted: "none", correct: false };
  const { page } = await reported(
    [
      { id: "good", measures: { segmentation: segmentation(0.9) } },
      { id: "bad", measures: { segmentation: segmentation(0.2) } },
      { id: "false", measures: { segmentation: segmentation(null, 9) } },
      { id: "empty", measures: { segmentation: segmentation(null) } },
      { id: "confused", measures: { segmentation: segmentation(0.95), classification: wrong } },
    ],
    {},
    { cases: 3 },
  );
  const order = [...page.matchAll(/<h3[^>]*>([^<]*)<|<tr>\s*<th scope="row">(\w+)</g)].map((match) =>
    match[1] ?? match[2]
  );
  const known = order.filter((name) => ["good", "bad", "false", "empty", "confused"].includes(name));
  assertEquals(known, ["confused", "false", "bad", "good", "empty"]);
  assertEquals(page.match(/<article/g)?.length, 3);
});

Deno.test("tables that scroll can be reached by keys, and found stands over all columns", async () => {
  const style = await Deno.readTextFile(new URL("../../../plugins/report/style.css", import.meta.url));
  assertMatch(style, /scope="colgroup"\] {\s*text-align: center/);
  const { page } = await reported([{ id: "a" }, { id: "b" }, { id: "c", error: "bad" }], {}, { cases: 1 });
  const areas = [...page.matchAll(/<div class="scroll"([^>]*)>/g)].map(([, attributes]) => attributes);
  assert(areas.length >= 3, `${areas.length} areas`);
  for (const attributes of areas) assertMatch(attributes, / role="region" tabindex="0" aria-label="[^"]+"/);
  assertEquals(page.match(/<main>/g)?.length, 1);
});

Deno.test("names and reasons are escaped", async () => {
  const { page } = await reported([
    { id: "a<script>", measures: { class: { label: "<i>", probabilities: { "<i>": 1 } } } },
    { id: "b", error: "Cannot open <b>" },
  ]);
  assert(!/<script>|<i>|<b>/.test(page));
  assertMatch(page, /a&lt;script&gt;/);
  assertMatch(page, /Cannot open &lt;b&gt;/);
});

Deno.test("the page shows the summary, the pipeline and the models", async () => {
  const value = { mean: 0.75, median: 0.8, n: 3 };
  const { page } = await reported([{ id: "a" }], {
    isocenter: "1.2.3",
    adapter: { kind: "lavapipe" },
    pipeline: { stages: [{ stage: "denoise", options: { filter: "median" } }] },
    models: [{ path: "models/unet", sha256: "ab".repeat(32) }],
    summary: {
      segmentation: {
        dice: { ...value, nEmpty: 2 },
        iou: 0.6,
        accuracy: 0.99,
        precision: 0.7,
        recall: 0.8,
        specificity: null,
        mcc: 0.7,
        hd95Mm: { mean: 4.5, n: 3 },
        intervals: { dice: [0.6, 0.9], hd95Mm: [2, 7] },
        histogram: [1, 0, 0, 2],
        cases: { tp: 3, fp: 1, fn: 0, tn: 1 },
        byClass: { glioma: { dice: value, iou: 0.6 } },
      },
      classification: {
        n: 2,
        accuracy: 0.5,
        labels: ["glioma", "none"],
        confusion: [[1, 1], [0, 0]],
        intervals: { accuracy: [0.25, 0.75] },
        calibration: { bins: [[0.9, 0.5, 2]], error: 0.4 },
        tumor: {
          ...{ tp: 2, fp: 1, fn: 0, tn: 0, accuracy: 0.66, precision: 0.66, recall: 1, specificity: 0, f1: 0.8 },
          ...{ mcc: 0, auc: 0.75, intervals: { auc: [0.5, 0.9] }, roc: [[0, 0], [0, 0.5], [1, 1]] },
          precisionRecall: [[0.5, 1], [1, 0.66]],
        },
        perClass: { glioma: { n: 2, precision: 1, recall: 0.5, specificity: null, f1: 0.67, mcc: null, auc: null } },
      },
    },
  });
  for (
    const text of [
      "Isocenter 1.2.3",
      "lavapipe",
      "median",
      "models/unet",
      "abab",
      "0.75",
      "leave out 2 images",
      "Confusion of classes",
      "0.60 – 0.90",
      "95 % Hausdorff distance in mm",
      "2 – 7",
      "Accuracy 0.50 (0.25 – 0.75) of 2 cases, expected calibration error 0.40",
      "2 true positive, 0 true negative, 1 false positive, 0 false negative",
      'aria-label="Dice of the cases"',
      'aria-label="ROC: tumor or not"',
      'aria-label="Precision and recall: tumor or not"',
      'aria-label="Calibration of the class named"',
      'points="34.0,208.0 34.0,108.0 234.0,8.0"',
    ]
  ) {
    assert(page.includes(text), `the page lacks ${text}`);
  }
  assertMatch(page, /<th scope="row">Specificity of pixels<\/th>\s*<td class="number">–</);
});

Deno.test("a case shows where its classifier looked, and that its image is unfamiliar", async () => {
  const crop = array([1, 1, 8, 8], () => 0.5);
  const classes = { labels: ["glioma", "none"], probabilities: array([1, 2], (i) => [0.9, 0.1][i]) };
  // The map of the class that was found speaks for the right half only.
  const attention = array([1, 2, 1, 2], (i) => [0, 4, 9, 9][i]);
  const gray = { dtype: "f32" as const, shape: [1, 8, 8], data: Float64Array.from(crop.data, Number) };
  const looked = attentionPicture(gray, classes, { model: "m", limit: null, attention });
  assertEquals(looked?.shape, [3, 8, 8]);
  const [red, blue] = [0, 2].map((channel) => looked!.data.slice(channel * 64, channel * 64 + 64));
  assertEquals([red[0], blue[0]], [0.5, 0.5]);
  assertAlmostEquals(red[7], 0.3 * 0.5 + 0.7);
  assertAlmostEquals(blue[7], 0.3 * 0.5 + 0.7 * 0.1);
  assertEquals(attentionPicture(gray, classes, { model: "m", limit: null }), undefined);
  const measures = { familiarity: { model: "m", score: 5, threshold: 2, unfamiliar: true }, presence: 0.25 };
  const { page } = await reported([{ id: "a", measures }]);
  assertMatch(page, /unfamiliar image/);
  assertMatch(page, /5 \(2 at most\)/);
});
