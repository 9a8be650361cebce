/**
 * Writes the table of `models/README.md` from the contracts, the files, `quality.json` and a run of each network here.
 *
 *     deno run -A models/table.ts [--time]
 *
 * Without `--time` the times that the page has stay: they vary from run to run.
 */
import { parseArgs } from "@std/cli";
import { type Engine, openEngine } from "../engine/mod.ts";
import { randomNumbers } from "../shaders/mod.ts";

const root = new URL("./", import.meta.url).pathname;
const order = ["segmentation", "detection", "classification", "denoising"];
const end = "<!-- end of table -->";

interface Contract {
  readonly name: string;
  readonly task: string;
  readonly license: string;
  readonly input: { readonly name: string; readonly size: readonly number[] };
}

// deno-lint-ignore no-explicit-any -- figures by path
type Figures = any;

const { time } = parseArgs(Deno.args, { boolean: ["time"] });
const page = await Deno.readTextFile(`${root}README.md`);
const quality: Figures = JSON.parse(await Deno.readTextFile(`${root}quality.json`));
const engine = await openEngine();
const rows: { readonly order: number; readonly text: string }[] = [];
for (const { name, isDirectory } of Deno.readDirSync(root)) {
  const contract = isDirectory ? await contractOf(name) : undefined;
  if (contract === undefined) continue;
  const { size } = await Deno.stat(`${root}${name}/model.onnx`);
  const cells = [
    `[\`${name}\`](${name}/README.md)`,
    contract.task,
    qualityOf(name),
    `${(size / 1e6).toFixed(1)} MB`,
    ...await costOf(engine, name, contract),
    contract.license,
  ];
  rows.push({ order: order.indexOf(contract.task), text: `| ${cells.join(" | ")} |` });
}
rows.sort((a, b) => a.order - b.order || (a.text < b.text ? -1 : 1));
const table = [
  "| model | task | quality on `split = val` (95 % interval) | size | MACs | time here | license |",
  "| --- | --- | --- | --- | --- | --- | --- |",
  ...rows.map(({ text }) => text),
  "",
  (time ? undefined : page.match(/^Time: .*$/m)?.[0]) ??
    `Time: median of 5 runs on ${engine.info.adapter} for one image, including readback.`,
].join("\n");
engine.close();
await put("table", table);
await put("unfamiliar", unfamiliarTable());
await put("noise", noiseTable());

/** Puts text between the comment of a name and the next end in `models/README.md`. */
async function put(name: string, text: string): Promise<void> {
  const path = `${root}README.md`;
  const page = await Deno.readTextFile(path);
  const begin = `<!-- ${name}: written by models/table.ts -->`;
  const head = page.indexOf(begin);
  const tail = page.indexOf(end, head);
  if (head < 0 || tail < 0) throw new Error(`${path} lacks ${begin} or ${end}`);
  await Deno.writeTextFile(path, `${page.slice(0, head)}${begin}\n\n${text}\n\n${page.slice(tail)}`);
}

/** How well each network tells images of other kinds: shares that it calls unfamiliar, and what the chain makes of them. */
function unfamiliarTable(): string {
  const regions = Object.entries(quality.models as Figures).filter(([, one]) => (one as Figures).foreign);
  const chains = Object.entries(quality.models as Figures).filter(([, one]) => (one as Figures).chain?.foreign);
  const kinds = Object.keys((chains[0]?.[1] as Figures)?.chain.foreign ?? {}).sort();
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const row = (kind: string, count: number, ofRegion: (one: Figures) => number, ofChain: (one: Figures) => Figures) =>
    `| ${
      [
        kind,
        count,
        ...regions.map(([, one]) => percent(ofRegion(one))),
        ...chains.map(([, one]) => {
          const { unfamiliar, named, namedUnmarked } = ofChain(one);
          return [unfamiliar, named, namedUnmarked].map(percent).join(", ");
        }),
      ].join(" | ")
    } |`;
  const heads = [
    "images",
    "n",
    ...regions.map(([name]) => `\`${name}\``),
    ...chains.map(([name]) => `chain, \`${name}\``),
  ];
  return [
    `| ${heads.join(" | ")} |`,
    `| ${heads.map(() => "---").join(" | ")} |`,
    row(
      "validation tumors",
      quality.data.slices,
      ({ unfamiliarTumors }) => unfamiliarTumors.share,
      ({ chain }) => ({ unfamiliar: chain.unfamiliarTumors.share, named: chain.sensitivity.share, namedUnmarked: NaN }),
    ).replaceAll(", NaN %", ""),
    row(
      "held-back healthy heads",
      quality.data.healthySlices,
      ({ healthy }) => healthy.unfamiliar.share,
      ({ chain }) => chain.healthy,
    ),
    ...kinds.map((kind) =>
      row(
        kind.replaceAll("_", " ").trim(),
        (chains[0][1] as Figures).chain.foreign[kind].n,
        ({ foreign }) => foreign[kind].share,
        ({ chain }) => chain.foreign[kind],
      )
    ),
  ].join("\n");
}

/** What denoising is worth before the networks. */
function noiseTable(): string {
  const { rows, slices, kind, segmentation, classification }: Figures = quality.noise;
  const levels = [...new Set((rows as Figures[]).map(({ level }) => level))].filter((level) => level > 0);
  const treatments = [...new Set((rows as Figures[]).map(({ treatment }) => treatment))];
  const cell = (level: number, treatment: string) => {
    const { dice, typeNamed } = (rows as Figures[]).find((one) => one.level === level && one.treatment === treatment);
    return `${figure(dice)}, ${figure(typeNamed)}`;
  };
  return [
    `Mean Dice of \`${segmentation}\`, share of types named right by \`${classification}\` after it, on ${slices} validation ` +
    `slices (${cell(0, "nothing")} without noise); the noise is ${kind}, in percent of the range.`,
    "",
    `| before the networks | ${levels.map((level) => `noise of ${100 * level} %`).join(" | ")} |`,
    `| --- | ${levels.map(() => "---").join(" | ")} |`,
    ...treatments.map((one) => `| ${one} | ${levels.map((level) => cell(level, one)).join(" | ")} |`),
  ].join("\n");
}

async function contractOf(name: string): Promise<Contract | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${root}${name}/model.json`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function qualityOf(name: string): string {
  const found: Figures = quality.models?.[name];
  if (found?.segmentation) {
    const { dice, intervals, byClass } = found.segmentation;
    const types = Object.entries(byClass as Record<string, Figures>).map(([type, one]) =>
      `${type} ${figure(one.dice.mean)}`
    );
    return `mean Dice ${figure(dice.mean)}${interval(intervals.dice)}; ${types.join(", ")}`;
  }
  if (found?.truthBoxes) {
    const { typeAccuracy, tumor } = found.truthBoxes;
    return `type ${figure(typeAccuracy)}; tumor or not AUC ${figure(tumor.auc)}${interval(tumor.intervals.auc)}, ` +
      `${figure(found.hardNegatives.tumor.auc)} on hard negatives; sensitivity ${figure(tumor.recall)}, ` +
      `specificity ${figure(tumor.specificity)}`;
  }
  if (found?.detection) {
    const { ap50, recallAtOne } = found.detection;
    return `AP50 ${figure(ap50)}; recall ${figure(recallAtOne)} at 1 false positive per image`;
  }
  if (name === "denoise_autoencoder" && quality.denoising) {
    const ahead = (quality.denoising.rows as Figures[]).map((row) =>
      `${row.noise} ${100 * row.level} %: ${row.autoencoder} (${row.ahead > 0 ? "+" : ""}${row.ahead})`
    );
    return `PSNR in dB, and its gain over the best of nine filters: ${ahead.join("; ")}`;
  }
  return "not measured";
}

/** MACs and time, of an image of noise. */
async function costOf(engine: Engine, name: string, { input, task }: Contract): Promise<[string, string]> {
  using net = await engine.loadModel(`${root}${name}`);
  const size = task === "denoising" ? [256, 256] : input.size;
  const next = randomNumbers(1);
  using image = engine.tensor(Float32Array.from({ length: size[0] * size[1] }, () => 4 * next() - 2), [1, 1, ...size]);
  const before = time ? undefined : page.match(new RegExp(`^\\| \\[\`${name}\`\\].*\\| +(\\d+ ms) `, "m"))?.[1];
  const times: number[] = [];
  for (let turn = 0; turn < (before ? 1 : 6); turn++) {
    const start = performance.now();
    const outputs = await net.run({ [input.name]: image });
    await engine.read(Object.values(outputs));
    for (const tensor of Object.values(outputs)) tensor.dispose();
    if (turn > 0) times.push(performance.now() - start);
  }
  times.sort((a, b) => a - b);
  return [`${(net.report().macs / 1e6).toFixed(0)} M`, before ?? `${times[2].toFixed(0)} ms`];
}

function figure(value: number): string {
  return value.toFixed(3);
}

function interval(given?: readonly [number, number]): string {
  return given ? ` (${figure(given[0])} – ${figure(given[1])})` : "";
}
