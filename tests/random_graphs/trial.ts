/**
 * One random network: on the device with all passes, with none and with some of them, beside the twins, which compute in
 * f64; and the twins beside onnxruntime, which knows nothing of our lowering.
 */
import { assertEquals } from "@std/assert";
import { GpuNet } from "../../engine/graph/gpu_net.ts";
import { loadModel, type Net, readModel } from "../../engine/graph/mod.ts";
import { allPasses, type Passes } from "../../engine/graph/passes/mod.ts";
import { splitLargeProducts } from "../../engine/graph/passes/split_large_products.ts";
import { splitLargeTables } from "../../engine/graph/passes/split_large_tables.ts";
import type { Engine, HostArray, Tensor } from "../../engine/mod.ts";
import type { DType } from "../../shaders/mod.ts";
import { chains } from "./chains.ts";
import { elements, type Known, RandomGraph, spreadOf } from "./graph.ts";
import { draws, favorites } from "./operators.ts";

/** What became of a network. */
export interface Trial {
  readonly operators: readonly string[];
  /** A line for each output that differs from the twins: with each set of passes, and onnxruntime's. */
  readonly differences: readonly string[];
}

/** What ONNX allows and onnxruntime refuses: there the twins stand alone. */
const refusals: readonly RegExp[] = [
  /LRN.*NumDimensions\(\) == 4/, // LRN of another rank.
  /padding values must be non-negative/, // SAME with steps wider than the window.
];

/** Convolutions, pooling and normalization of maps without elements it refuses as well, in many words. */
const mayRefuse = (g: RandomGraph, error: unknown): boolean =>
  g.values.some((known) => elements(known).length === 0) || refusals.some((refusal) => refusal.test(String(error)));

const peer = "onnxruntime";

/** How much farther than the disturbed values an output may lie: these were off by one draw of signs. */
const margin = 12;

/** Draws a network of up to ten nodes. */
export function randomGraph(seed: number): RandomGraph {
  const g = new RandomGraph(seed);
  const rank = g.pick([1, 2, 2, 3, 4, 4, 4, 5]);
  const shape = Array.from({ length: rank }, (_, axis) => g.whole(1, axis === 0 ? 2 : rank === 5 ? 4 : 7));
  if (g.chance(0.06)) shape[g.whole(0, rank - 1)] = 0;
  g.input(shape);
  if (g.chance(0.3)) g.input(shape);
  if (g.chance(0.25)) g.input(shape, g.pick(["i64", "i32", "bool"]));
  const names = Object.keys(draws);
  const wanted = g.whole(2, 10);
  for (let tries = 0; g.nodes.length < wanted && tries < 60; tries++) {
    if (g.chance(0.08)) g.pick(chains)(g);
    else draws[g.pick(g.chance(0.4) ? favorites : names)](g);
  }
  return g;
}

/** Runs a network by onnxruntime and with each of some sets of passes and compares with the twins. */
export async function trial(engine: Engine, seed: number, chosen = passesFor): Promise<Trial> {
  const g = randomGraph(seed);
  const operators = g.nodes.map(([operator]) => operator);
  if (g.nodes.length === 0) return { operators, differences: [] };
  const bytes = g.model();
  const programs: Record<string, () => Net | Promise<Net>> = {
    [peer]: () => loadModel(engine, bytes, { backend: "wasm" }),
  };
  for (const [name, passes] of Object.entries(chosen(g))) {
    programs[name] = () => new GpuNet(engine, readModel(bytes, "graph"), passes);
  }
  const differences: string[] = [];
  for (const [name, open] of Object.entries(programs)) {
    try {
      using net = await open();
      const found = await outputsOf(engine, net, g);
      const lines = g.outputs.flatMap((known) => difference(known, found[known.name]));
      differences.push(...lines.map((line) => `seed ${seed}, ${name}: ${line}`));
    } catch (error) {
      if (name === peer && mayRefuse(g, error)) continue;
      differences.push(`seed ${seed}, ${name}: ${error}`);
    }
  }
  return { operators, differences: differences.length === 0 ? [] : [`${operators.join(", ")}`, ...differences] };
}

/** Fails where any of the networks of some seeds differs, or is one that onnxruntime refuses for a reason that isn't known. */
export async function assertSame(engine: Engine, first: number, last: number): Promise<void> {
  const differences: string[] = [];
  for (let seed = first; seed <= last; seed++) differences.push(...(await trial(engine, seed)).differences);
  assertEquals(differences, []);
}

/** Each pass is on and off in half of the networks, all of them on and off in each. */
function passesFor(g: RandomGraph): Record<string, Passes> {
  const [constants, normalization] = allPasses.model;
  const model = [constants, normalization].filter(() => g.chance(0.5));
  const drawn: Passes = {
    model: [...model, (model) => splitLargeProducts(model, 12), (model) => splitLargeTables(model, 12)],
    program: allPasses.program.filter(() => g.chance(0.5)),
  };
  return { "all passes": allPasses, "no passes": { model: [], program: [] }, "some passes": drawn };
}

interface Result {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: HostArray;
}

async function outputsOf(engine: Engine, net: Net, g: RandomGraph): Promise<Record<string, Result>> {
  const inputs = g.values.filter(({ kind, name }) =>
    kind === "input" && net.inputs.some((input) => input.name === name)
  );
  const feeds: Record<string, Tensor> = {};
  for (const { name, value } of inputs) {
    feeds[name] = engine.tensor(value.data as HostArray, value.shape, { dtype: value.dtype as DType });
  }
  const results = await net.run(feeds);
  const names = Object.keys(results);
  const arrays = await engine.read(names.map((name) => results[name]));
  const found = names.map((
    name,
    i,
  ): [string, Result] => [name, { dtype: results[name].dtype, shape: [...results[name].shape], data: arrays[i] }]);
  for (const tensor of [...Object.values(feeds), ...Object.values(results)]) tensor.dispose();
  return Object.fromEntries(found);
}

function difference(known: Known, found: Result): string[] {
  const { dtype, shape } = known.value;
  if (found.dtype !== dtype || String(found.shape) !== String(shape)) {
    return [`${known.name} is ${found.dtype} [${found.shape}], the twins give ${dtype} [${shape}]`];
  }
  const { error, greatest } = spreadOf(known);
  // Where all is exactly 0 (a logarithm of 1), what it was computed from was about 1.
  const allowed = margin * error + 1e-6 * (greatest || 1);
  const results = Array.from(found.data, Number), truths = elements(known);
  const wrong = truths.findIndex((truth, i) => !(Math.abs(results[i] - truth) <= allowed));
  if (wrong < 0) return [];
  return [`${known.name}[${wrong}] is ${results[wrong]}, the twins give ${truths[wrong]} (allowed ${allowed})`];
}
