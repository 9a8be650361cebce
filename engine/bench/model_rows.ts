/** Rows of whole networks: models of ours and ONNX files of the user's. */

import { UnsupportedError } from "../errors.ts";
import type { Engine, Net, Tensor, ValueInfo } from "../mod.ts";
import { closedShape, noise } from "./noise.ts";
import type { BenchRow, Prepared } from "./rows.ts";

/**
 * The row of a network: a folder with `model.json` or an `.onnx` file. It is fed with noise; open sizes are 1 for the first
 * axis and 224 for the others. A network that reads values back in between is timed by the clock until its answer is there.
 */
export function modelRow(source: string, file: string): BenchRow {
  const name = source.replace(/[\\/]+$/, "").replace(/^.*[\\/]/, "").replace(/\.onnx$/, "");
  return {
    name: `models/${name}`,
    work: `the network of ${name}, one image of noise`,
    peers: [{ kind: "model", file }],
    prepare: (engine) => prepare(engine, source),
  };
}

async function prepare(engine: Engine, source: string): Promise<Prepared> {
  const begin = performance.now();
  const net = await engine.loadModel(source);
  const feeds = Object.fromEntries(net.inputs.map((input, index) => [input.name, feedOf(engine, input, index)]));
  const dispose = () => {
    Object.values(feeds).forEach((tensor) => tensor.dispose());
    net.close();
    return Promise.resolve();
  };
  const outputs = await net.run(feeds);
  const bytes = byteCount(Object.values(feeds)) + byteCount(Object.values(outputs));
  await engine.read(Object.values(outputs));
  const coldMs = performance.now() - begin;
  Object.values(outputs).forEach((tensor) => tensor.dispose());
  const { macs, plan } = net.report();
  const cost = () => ({ bytes: bytes + plan.constantBytes, flops: 2 * macs });
  const shared = { coldMs, cost, [Symbol.asyncDispose]: dispose };
  return isStatic(engine, net, feeds)
    ? {
      ...shared,
      record: (r) => Object.values(net.record(r, feeds))[0],
      replay: async () => Object.values(await net.run(feeds)),
    }
    : { ...shared, run: () => runOnce(engine, net, feeds) };
}

/** Whether the network can be recorded as a whole: its shapes depend on no elements. */
function isStatic(engine: Engine, net: Net, feeds: Readonly<Record<string, Tensor>>): boolean {
  try {
    const outputs = engine.run((r) => net.record(r, feeds));
    Object.values(outputs).forEach((tensor) => tensor.dispose());
    return true;
  } catch (error) {
    if (error instanceof UnsupportedError) return false;
    throw error;
  }
}

async function runOnce(engine: Engine, net: Net, feeds: Readonly<Record<string, Tensor>>): Promise<void> {
  const outputs = Object.values(await net.run(feeds));
  await engine.read(outputs);
  outputs.forEach((tensor) => tensor.dispose());
}

function feedOf(engine: Engine, { shape, dtype }: ValueInfo, index: number): Tensor {
  const sizes = closedShape(shape);
  const values = noise(sizes, index + 1);
  return engine.tensor(values, sizes, { dtype: dtype as Tensor["dtype"] });
}

function byteCount(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape }) => sum + 4 * shape.reduce((product, size) => product * size, 1), 0);
}

/** The networks in the folder `models/` of this program. */
export async function shippedModels(): Promise<BenchRow[]> {
  const root = new URL("../../models/", import.meta.url);
  const rows: BenchRow[] = [];
  for await (const { name, isDirectory } of Deno.readDir(root)) {
    if (!isDirectory) continue;
    const folder = new URL(`${name}/`, root);
    try {
      const { file } = JSON.parse(await Deno.readTextFile(new URL("model.json", folder)));
      rows.push(modelRow(decodeURIComponent(folder.pathname), decodeURIComponent(new URL(file, folder).pathname)));
    } catch (error) {
      // Recipes of training stand there too.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return rows.sort((a, b) => a.name < b.name ? -1 : 1);
}
