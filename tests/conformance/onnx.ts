/** The ONNX half of `conformance`: test folders as onnx/onnx has them. */
import { UnsupportedError } from "../../engine/errors.ts";
import { type HostValue, loadModel, type Model, readModel, readTensorFile } from "../../engine/graph/mod.ts";
import type { Engine, HostArray, Tensor } from "../../engine/mod.ts";
import { sizeOf } from "../../shaders/mod.ts";
import { type Contents, contentsOf } from "./onnx_contents.ts";
import { skipRules } from "./onnx_skips.ts";
import type { ConformanceCase, Outcome } from "./result.ts";

/** ONNX compares as numpy's `assert_allclose` does: |got - want| <= atol + rtol |want|. */
const relativeTolerance = 1e-3;
const absoluteTolerance = 1e-7;

/** Tests for which ONNX itself states another relative tolerance. */
const statedTolerances: Readonly<Record<string, number>> = { light_densenet121: 2e-3 };

/** Operators for whose tests ONNX itself states another absolute tolerance. */
const statedAbsoluteTolerances: Readonly<Record<string, number>> = { DFT: 1e-6 };

/** One test on disk: a model with files of what goes in and what must come out, in the order of the graph. */
interface OnnxCase {
  readonly name: string;
  readonly model: string;
  /** Folders of inputs and outputs, or the one file of outputs where the input is ONNX's ramp. */
  readonly sets: readonly string[] | { readonly output: string };
}

/** Every ONNX test below a folder. */
export async function* findOnnxCases(path: string): AsyncIterable<ConformanceCase> {
  for await (const test of findTests(path.replace(/\/+$/, ""))) {
    const group = await groupOf(test, contentsOf(await Deno.readFile(test.model)));
    yield { group, name: test.name, run: async (engine) => await runCase(await engine(), test, group) };
  }
}

async function* findTests(folder: string): AsyncIterable<OnnxCase> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  const names = new Set(entries.map(({ name }) => name));
  const sets = entries.filter((entry) => entry.isDirectory && entry.name.startsWith("test_data_set_"));
  if (names.has("model.onnx") && sets.length > 0) {
    const name = folder.split("/").at(-1)!;
    yield { name, model: `${folder}/model.onnx`, sets: sets.map((set) => `${folder}/${set.name}`) };
  }
  for (const entry of entries) {
    const stem = entry.name.replace(/\.onnx$/, "");
    if (names.has(`${stem}_output_0.pb`) && stem !== entry.name) {
      yield { name: stem, model: `${folder}/${entry.name}`, sets: { output: `${folder}/${stem}_output_0.pb` } };
    }
    if (entry.isDirectory && !entry.name.startsWith("test_data_set_")) yield* findTests(`${folder}/${entry.name}`);
  }
}

/** A test that a rule covers must not pass; one that none covers must. */
async function runCase(engine: Engine, test: OnnxCase, group: string): Promise<Outcome> {
  const { name } = test;
  const bytes = await Deno.readFile(test.model);
  const contents = contentsOf(bytes);
  const tolerance = statedTolerances[name] ?? relativeTolerance;
  const offset = (statedAbsoluteTolerances[group] ?? absoluteTolerance) / tolerance;
  const rule = skipRules.find(({ covers }) => covers(contents));
  try {
    const error = await runModel(engine, bytes, readModel(bytes, name), test, offset);
    const passes = error <= tolerance;
    if (rule === undefined) {
      return { status: passes ? "passed" : "failed", ...describeError(error, tolerance) };
    }
    if (!passes) return { status: "skipped", reason: rule.reason };
    return { status: "failed", reason: `it passes, though it is to be skipped: ${rule.reason}` };
  } catch (error) {
    if (rule !== undefined) return { status: "skipped", reason: rule.reason };
    const reason = error instanceof Error ? error.message : String(error);
    return { status: "failed", reason: reason.split("\n")[0] };
  }
}

function describeError(error: number, tolerance: number): Omit<Outcome, "status"> {
  if (error <= tolerance) return { error, tolerance };
  return { error, tolerance, reason: `the error is ${error.toPrecision(3)}, at most ${tolerance} is allowed` };
}

/** A test counts for its operator; a function body for the operator of the test whose name it extends. */
async function groupOf(test: OnnxCase, own: Contents): Promise<string> {
  const expanded = test.name.indexOf("_expanded");
  if (expanded < 0) return own.group;
  try {
    return contentsOf(await Deno.readFile(test.model.replace(test.name, test.name.slice(0, expanded)))).group;
  } catch {
    return "function bodies";
  }
}

/**
 * The greatest |got - want| / (offset + |want|), where the offset is atol / rtol, over all outputs of all sets: at most rtol
 * passes.
 */
async function runModel(
  engine: Engine,
  bytes: Uint8Array,
  model: Model,
  test: OnnxCase,
  offset: number,
): Promise<number> {
  using net = await loadModel(engine, bytes);
  let greatest = 0;
  for (const set of Array.isArray(test.sets) ? test.sets : [undefined]) {
    const inputs = set === undefined ? model.inputs.map(ramp) : await readTensors(set, "input", model.inputs.length);
    const wanted = set === undefined
      ? [await readTensorFile((test.sets as { output: string }).output)]
      : await readTensors(set, "output", model.outputs.length);
    const feeds: Record<string, Tensor> = {};
    let results: Record<string, Tensor> = {};
    try {
      for (const [i, { name }] of model.inputs.entries()) {
        feeds[name] = engine.tensor(inputs[i].data as HostArray, inputs[i].shape, { dtype: feedType(inputs[i]) });
      }
      results = await net.run(feeds);
      const outputs = model.outputs.map(({ name }) => results[name]);
      const arrays = await engine.read(outputs);
      for (const [i, want] of wanted.entries()) {
        greatest = Math.max(greatest, compare(outputs[i], arrays[i], want, offset));
      }
    } finally {
      for (const tensor of [...Object.values(feeds), ...Object.values(results)]) tensor.dispose();
    }
  }
  return greatest;
}

function feedType({ dtype }: HostValue): Tensor["dtype"] {
  if (dtype === "bf16") {
    throw new UnsupportedError(`element type ${dtype} is not supported on the device`);
  }
  return dtype;
}

/** The input that ONNX gives to networks without a stored one: 0 to 1, row-major. */
function ramp({ shape }: { readonly shape: readonly (number | string)[] }): HostValue {
  const extents = shape.map((extent) => typeof extent === "number" ? extent : 1);
  const count = sizeOf(extents);
  return { dtype: "f32", shape: extents, data: Float32Array.from({ length: count }, (_, i) => i / count) };
}

function readTensors(set: string, kind: "input" | "output", count: number): Promise<HostValue[]> {
  return Promise.all(Array.from({ length: count }, (_, i) => readTensorFile(`${set}/${kind}_${i}.pb`)));
}

function compare(got: Tensor, data: HostArray, want: HostValue, offset: number): number {
  if (got.dtype !== want.dtype || String(got.shape) !== String(want.shape)) {
    throw new TypeError(`the output is ${got.dtype} [${got.shape}], it must be ${want.dtype} [${want.shape}]`);
  }
  let greatest = 0;
  for (let i = 0; i < data.length; i++) {
    const a = Number(data[i]);
    const b = Number(want.data[i]);
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const error = Math.abs(a - b) / (offset + Math.abs(b));
    greatest = Math.max(greatest, Number.isFinite(error) ? error : Infinity);
  }
  return greatest;
}
