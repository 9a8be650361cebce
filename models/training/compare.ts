/**
 * Compares the networks of `models/` on this adapter with onnxruntime, on validation slices and crops of their tumors, and
 * writes `agreement` of `models/quality.json`. Exit status 1 where outputs differ by more than 1e-3 or a class differs.
 *
 *     deno run -A models/training/compare.ts [NAME...] [--again]
 *
 * Every 20 slices it is written how far it got, and a run that was interrupted goes on from there, unless the model is
 * another one by then; `--again` begins with the first slice. The autoencoder, which takes any size, sees the surroundings
 * of the tumor. Detections are matched by their boxes, as close scores may change places.
 */
import { parseArgs } from "@std/cli";
import { type Engine, openEngine, type Tensor } from "../../engine/mod.ts";
import { geometryOfSpacing, type ModelContract, onModelGrid, placementOf } from "../../engine/pipeline/mod.ts";
import { squareAbout } from "../../plugins/crop/detector.ts";
import { image as ops } from "../../shaders/mod.ts";
import { matchDetections } from "../../tests/detections.ts";
import { type Box, boxOf, side, type Slice, validationSlices } from "./evaluate_data.ts";
import { changeQuality, readQuality, root } from "./evaluate_stages.ts";

const bound = 1e-3;
const saveEvery = 20;
/** Side in pixels of what the autoencoder sees: whole slices take SwiftShader most of an hour. */
const cut = 128;
const geometry = geometryOfSpacing([0.98, 0.98]);

/** The square of `cut` pixels about a box, moved into the slice where it would leave it. */
function around([x0, y0, x1, y1]: Box, pixels: Float32Array): Float32Array {
  const [left, top] = [x0 + x1, y0 + y1].map((ends) => Math.min(Math.max(0, (ends - cut) >> 1), side - cut));
  const rows = Array.from({ length: cut }, (_, y) => pixels.subarray((top + y) * side + left).subarray(0, cut));
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** What the network sees of a slice. */
function inputOf(engine: Engine, { pixels, mask }: Slice, contract: ModelContract): Tensor {
  const { size, crop } = contract.input;
  const { foreground } = contract.normalization as { foreground?: number };
  if (contract.task === "denoising") {
    using part = engine.tensor(around(boxOf(mask)!, pixels), [1, cut, cut]);
    return engine.run((r) =>
      r.reshape(ops.standardize(r, part, ops.statistics(r, part, { foreground })), [1, 1, cut, cut])
    );
  }
  using image = engine.tensor(pixels, [1, side, side]);
  if (crop === undefined) {
    const placement = placementOf([side, side], geometry, contract.input);
    return engine.run((r) => r.reshape(onModelGrid(r, image, placement, size, foreground), [1, 1, ...size]));
  }
  const { margin, minSidePx, sampledAt } = crop as { margin: number; minSidePx: number; sampledAt: [number, number] };
  using boxes = engine.tensor(squareAbout(boxOf(mask), margin, minSidePx, [1, 1]), [1, 4]);
  return engine.run((r) => {
    const standardized = ops.standardize(r, image, ops.statistics(r, image, { foreground }));
    return ops.resample(r, ops.crop(r, standardized, boxes, { size: sampledAt }), { size: [...size], method: "area" });
  });
}

/** The greatest difference by the greater of 1 and the output's greatest value, and whether a class differs. */
function compared(ours: Record<string, ArrayLike<number>>, theirs: Record<string, ArrayLike<number>>) {
  let error = 0;
  for (const [name, wanted] of Object.entries(theirs)) {
    let [difference, scale] = [0, 1];
    for (let i = 0; i < wanted.length; i++) {
      difference = Math.max(difference, Math.abs(ours[name][i] - wanted[i]));
      scale = Math.max(scale, Math.abs(wanted[i]));
    }
    error = Math.max(error, difference / scale);
  }
  const best = (row: ArrayLike<number>) => Array.from(row).indexOf(Math.max(...Array.from(row)));
  const [one, two] = [ours.probabilities, theirs.probabilities];
  const differs = one !== undefined && best(one) !== best(two) && two[best(two)] - two[best(one)] > bound;
  return { error, differs };
}

/** The slices so far: the first `n` of them, with the model that they were compared with. */
interface Agreement {
  readonly n: number;
  readonly error: number;
  readonly differ: number;
  readonly sha256: string | undefined;
}

const { _: names, again } = parseArgs(Deno.args, { string: ["_"], boolean: ["again"] });
const data = Deno.env.get("TEST_DATA") ?? new URL("../../../shared/data", import.meta.url).pathname;
const engine = await openEngine();
const { adapter } = engine.info;
const slices = await validationSlices(`${data}/brain_tumor_t1c`);
for (const { name } of [...Deno.readDirSync(root)].toSorted((a, b) => a.name < b.name ? -1 : 1)) {
  const text = await Deno.readTextFile(`${root}${name}/model.json`).catch(() => undefined);
  if (text === undefined || names.length > 0 && !names.includes(name)) continue;
  const contract: ModelContract = JSON.parse(text);
  const { sha256 } = contract;
  const before: Agreement | undefined = (await readQuality()).agreement?.[name]?.[adapter];
  let { n, error, differ } = before?.sha256 === sha256 && !again ? before! : { n: 0, error: 0, differ: 0 };
  using ours = await engine.loadModel(`${root}${name}`);
  using theirs = await engine.loadModel(`${root}${name}`, { backend: "wasm" });
  while (n < slices.length) {
    using input = inputOf(engine, slices[n], contract);
    const outputs: Record<string, ArrayLike<number>>[] = [];
    for (const net of [ours, theirs]) {
      const found = await net.run({ [contract.input.name]: input });
      const arrays = await engine.read(Object.values(found));
      for (const tensor of Object.values(found)) tensor.dispose();
      outputs.push(Object.fromEntries(Object.keys(found).map((key, i) => [key, arrays[i] as ArrayLike<number>])));
    }
    if (contract.task === "detection") {
      const { matched, error: one } = matchDetections(outputs[0] as never, outputs[1] as never);
      [error, differ] = [Math.max(error, one), differ + (matched < 1 ? 1 : 0)];
    } else {
      const one = compared(outputs[0], outputs[1]);
      [error, differ] = [Math.max(error, one.error), differ + (one.differs ? 1 : 0)];
    }
    if (++n % saveEvery !== 0 && n < slices.length) continue;
    const agreement: Agreement = { n, error: Number(error.toPrecision(2)), differ, sha256 };
    await changeQuality((quality) => {
      quality.agreement ??= {};
      quality.agreement[name] = { ...quality.agreement[name], [adapter]: agreement };
    });
  }
  console.log(adapter, name, { n, error, differ });
  if (!(error <= bound) || differ > 0) Deno.exitCode = 1;
}
engine.close();
