/** One random network: on the device beside onnxruntime, with all passes, with none, and with some of them. */
import { assert, assertEquals } from "@std/assert";
import { GpuNet } from "../../engine/graph/gpu_net.ts";
import { loadModel, type Net, readModel } from "../../engine/graph/mod.ts";
import { allPasses, type Passes } from "../../engine/graph/passes/mod.ts";
import { splitLargeProducts } from "../../engine/graph/passes/split_large_products.ts";
import type { Engine, HostArray, Tensor } from "../../engine/mod.ts";
import type { DType } from "../../shaders/mod.ts";
import { chains } from "./chains.ts";
import { elements, type Known, RandomGraph, spreadOf } from "./graph.ts";
import { draws, favorites } from "./operators.ts";

/** What became of a network. */
export interface Trial {
  readonly operators: readonly string[];
  /** A line for each output and each set of passes that differs. */
  readonly differences: readonly string[];
  /** Why onnxruntime refuses the network, if it does. */
  readonly refusal?: string;
}

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

/** Runs a network with each of some sets of passes and compares. */
export async function trial(engine: Engine, seed: number, chosen = passesFor): Promise<Trial> {
  const g = randomGraph(seed);
  const operators = g.nodes.map(([operator]) => operator);
  if (g.nodes.length === 0) return { operators, differences: [] };
  const bytes = g.model();
  let expected: Record<string, Result>;
  try {
    using net = await loadModel(engine, bytes, { backend: "wasm" });
    expected = await outputsOf(engine, net, g);
  } catch (error) {
    return { operators, differences: [], refusal: (error as Error).message };
  }
  const differences: string[] = [];
  for (const [name, passes] of Object.entries(chosen(g))) {
    try {
      using net = new GpuNet(engine, readModel(bytes, "graph"), passes);
      const found = await outputsOf(engine, net, g);
      differences.push(
        ...g.outputs.flatMap((known) =>
          difference(known, found[known.name], expected[known.name]).map((line) => `seed ${seed}, ${name}: ${line}`)
        ),
      );
    } catch (error) {
      differences.push(`seed ${seed}, ${name}: ${error}`);
    }
  }
  return { operators, differences: differences.length === 0 ? [] : [`${operators.join(", ")}`, ...differences] };
}

/** Fails where any of the networks of some seeds differs, or where onnxruntime refuses more than a few of them. */
export async function assertSame(engine: Engine, first: number, last: number): Promise<void> {
  const differences: string[] = [], refusals: string[] = [];
  for (let seed = first; seed <= last; seed++) {
    const result = await trial(engine, seed);
    differences.push(...result.differences);
    if (result.refusal !== undefined) refusals.push(`seed ${seed}: ${result.refusal}`);
  }
  assertEquals(differences, []);
  assert(refusals.length <= (last - first + 1) / 5, refusals.join("\n"));
}

/** Each pass is on and off in half of the networks, all of them on and off in each. */
function passesFor(g: RandomGraph): Record<string, Passes> {
  const [constants, normalization] = allPasses.model;
  const model = [constants, normalization].filter(() => g.chance(0.5));
  const drawn: Passes = {
    model: [...model, (model) => splitLargeProducts(model, 12)],
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

function difference(known: Known, found: Result, expected: Result): string[] {
  if (found.dtype !== expected.dtype || String(found.shape) !== String(expected.shape)) {
    return [
      `${known.name} is ${found.dtype} [${found.shape}], onnxruntime gives ${expected.dtype} [${expected.shape}]`,
    ];
  }
  const { error, greatest } = spreadOf(known);
  // Where all is exactly 0 (a logarithm of 1), what it was computed from was about 1.
  const allowed = margin * error + 1e-6 * (greatest || 1);
  const ours = Array.from(found.data, Number), theirs = Array.from(expected.data, Number);
  const wrong = theirs.findIndex((value, i) => !(Math.abs(ours[i] - value) <= allowed || Object.is(ours[i], value)));
  if (wrong < 0) return [];
  return [
    `${known.name}[${wrong}] is ${ours[wrong]}, onnxruntime gives ${theirs[wrong]}, the twins ${
      elements(known)[wrong]
    } (allowed ${allowed})`,
  ];
}
