/**
 * Compares full-size networks with onnxruntime: `deno run -A tests/networks.ts [--folder FOLDER] [NAME...]`. Networks that
 * aren't in the folder are exported there with random weights by `tests/golden/networks.py` (which needs Debian's
 * python3-torchvision and python3-onnx); files beside them, made by others, are compared as well: NAME.onnx with
 * NAME.inputs.npy. Exit status 1 where one differs by more than 1e-3.
 */
import { parseArgs } from "@std/cli";
import { openEngine, type Tensor } from "isocenter";
import { type FloatArray, readFloats } from "./npy.ts";
import type { HostArray } from "../engine/mod.ts";
import { matchBoxes, matchDetections } from "./detections.ts";

const bound = 1e-3;
const mostReadbacks = 12;

const options = parseArgs(Deno.args, { string: ["folder"] });
const folder = options.folder === undefined ? `${cacheFolder()}/isocenter/networks` : String(options.folder);
const names = options._.map(String);
await Deno.mkdir(folder, { recursive: true });
for (const name of names) if (!await exists(`${folder}/${name}.onnx`)) await exportNetwork(name);
if (names.length === 0 && !await hasNetworks()) await exportNetwork();

await using engine = await openEngine({ memoryBudget: 8 * 2 ** 30 });
let failed = 0;
for (const name of names.length > 0 ? names : await networks()) {
  try {
    const error = await compare(name);
    console.log(`${error <= bound ? "ok    " : "FAILED"} ${name}: the greatest error is ${error.toExponential(1)}`);
    if (!(error <= bound)) failed++;
  } catch (error) {
    console.log(`FAILED ${name}: ${(error as Error).message}`);
    failed++;
  }
}
Deno.exitCode = failed === 0 ? 0 : 1;

/** Runs a network here and on onnxruntime, one after the other, and gives the greatest error of its outputs. */
async function compare(name: string): Promise<number> {
  const feeds = [await readFloats(`${folder}/${name}.inputs.npy`)];
  const whole = await error(`${name}.onnx`, feeds);
  if (!await exists(`${folder}/${name}.first.onnx`)) return whole;
  // A detector once more in halves: up to the proposals, and what follows from those of onnxruntime.
  const first = await results(`${name}.first.onnx`, feeds);
  const [proposals] = Object.values(first.theirs);
  const { matched, error: ofBoxes } = matchBoxes(Object.values(first.ours)[0], proposals);
  console.log(`       ${proposals.length / 4} proposals, ${(100 * matched).toFixed(1)} % found again`);
  if (matched < 0.98) throw new Error(`${(100 * matched).toFixed(1)} % of the proposals are found again`);
  const given = { shape: [proposals.length / 4, 4], data: proposals as Float32Array };
  const second = await error(`${name}.second.onnx`, [...feeds, given]);
  return Math.max(whole, ofBoxes, second);
}

interface Results {
  readonly ours: Record<string, HostArray>;
  readonly theirs: Record<string, HostArray>;
}

async function error(file: string, feeds: readonly FloatArray[]): Promise<number> {
  return differenceOf(await results(file, feeds));
}

async function results(file: string, feeds: readonly FloatArray[]): Promise<Results> {
  return { ours: await run(file, feeds, "gpu"), theirs: await run(file, feeds, "wasm") };
}

function differenceOf({ ours, theirs }: Results): number {
  if (["boxes", "labels", "scores", "masks"].every((output) => output in theirs)) {
    const { matched, error } = matchDetections(ours, theirs);
    console.log(`       ${theirs.labels.length} detections, ${(100 * matched).toFixed(1)} % found again`);
    if (matched < 0.98) throw new Error(`${(100 * matched).toFixed(1)} % of the detections are found again`);
    return error;
  }
  let greatest = 0;
  for (const [output, wanted] of Object.entries(theirs)) {
    greatest = Math.max(greatest, relativeError(ours[output], wanted));
    if (wanted.length > 1) checkGreatest(output, ours[output], wanted);
  }
  return greatest;
}

async function run(
  file: string,
  feeds: readonly FloatArray[],
  backend: "gpu" | "wasm",
): Promise<Record<string, HostArray>> {
  using net = await engine.loadModel(`${folder}/${file}`, { backend });
  const inputs = feeds.map(({ data, shape }) => engine.tensor(data, shape));
  const begin = performance.now();
  const results: Record<string, Tensor> = await net.run(
    Object.fromEntries(net.inputs.map(({ name }, i) => [name, inputs[i]])),
  );
  const arrays = await engine.read(Object.values(results));
  const { readbacks, reads, macs } = net.report();
  const bytes = reads.map((read) => read.bytes);
  console.log(
    `       ${file}, ${backend}: ${((performance.now() - begin) / 1e3).toFixed(1)} s` +
      (backend === "gpu"
        ? `, ${readbacks} readbacks before the results (of ${bytes.join(", ") || "no"} bytes), ${
          (macs / 1e9).toFixed(1)
        } GMAC`
        : ""),
  );
  for (const tensor of [...inputs, ...Object.values(results)]) tensor.dispose();
  if (backend === "gpu" && readbacks > mostReadbacks) throw new Error(`${file} reads ${readbacks} times`);
  return Object.fromEntries(Object.keys(results).map((output, i) => [output, arrays[i]]));
}

function relativeError(got: HostArray, want: HostArray): number {
  if (got.length !== want.length) throw new Error(`an output has ${got.length} elements, not ${want.length}`);
  let error = 0, scale = 1e-6;
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(Number(got[i]) - Number(want[i]));
    error = Number.isNaN(difference) ? Infinity : Math.max(error, difference);
    scale = Math.max(scale, Math.abs(Number(want[i])));
  }
  return error / scale;
}

/** The greatest element stands at the same place, unless two are closer than the bound. */
function checkGreatest(output: string, got: HostArray, want: HostArray): void {
  const best = greatestOf(got);
  const gap = Number(want[greatestOf(want)]) - Number(want[best]);
  if (gap <= bound * Math.abs(Number(want[best]))) return;
  throw new Error(`the greatest element of ${output} is another one`);
}

function greatestOf(values: HostArray): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

async function exportNetwork(...which: string[]): Promise<void> {
  const script = new URL("./golden/networks.py", import.meta.url).pathname;
  const { code } = await new Deno.Command("/usr/bin/python3", { args: [script, folder, ...which] }).spawn().status;
  if (code !== 0) throw new Error(`networks.py ended with ${code}: install python3-torchvision and python3-onnx`);
}

async function networks(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (/^[^.]+\.onnx$/.test(name)) found.push(name.slice(0, -".onnx".length));
  }
  return found.sort();
}

async function hasNetworks(): Promise<boolean> {
  return (await networks()).length > 0;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
}
