/**
 * Compares full-size networks with onnxruntime: `deno run -A tests/networks.ts [--folder FOLDER] [NAME...]`. Networks that
 * aren't in the folder are exported there with random weights by `tests/golden/networks.py` (which needs Debian's
 * python3-torchvision and python3-onnx); files beside them, made by others, are compared as well: NAME.onnx with
 * NAME.inputs.npy. Exit status 1 where one differs by more than 1e-3.
 */
import { parseArgs } from "@std/cli";
import { openEngine, type Tensor } from "isocenter";
import { readNpy } from "./npy.ts";
import type { HostArray } from "../engine/mod.ts";
import { matchDetections } from "./detections.ts";

const bound = 1e-3;

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
  const path = `${folder}/${name}.onnx`;
  const { data, shape } = await readNpy(`${folder}/${name}.inputs.npy`);
  const ours = await run(path, data as Float32Array, shape, "gpu");
  const theirs = await run(path, data as Float32Array, shape, "wasm");
  if (["boxes", "labels", "scores", "masks"].every((output) => output in theirs)) {
    const { matched, error } = matchDetections(ours, theirs);
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
  path: string,
  data: Float32Array,
  shape: readonly number[],
  backend: "gpu" | "wasm",
): Promise<Record<string, HostArray>> {
  using net = await engine.loadModel(path, { backend });
  using input = engine.tensor(data, shape);
  const begin = performance.now();
  const results: Record<string, Tensor> = await net.run({ [net.inputs[0].name]: input });
  const arrays = await engine.read(Object.values(results));
  const { readbacks, macs } = net.report();
  console.log(
    `       ${path.split("/").at(-1)}, ${backend}: ${((performance.now() - begin) / 1e3).toFixed(1)} s` +
      (backend === "gpu" ? `, ${readbacks} readbacks before the results, ${(macs / 1e9).toFixed(1)} GMAC` : ""),
  );
  for (const tensor of Object.values(results)) tensor.dispose();
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
    if (name.endsWith(".onnx")) found.push(name.slice(0, -".onnx".length));
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
