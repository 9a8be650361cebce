/** Loads and runs mutated models: each gives a result or one typed error that names the file. */
import { type Engine, MemoryError, ModelError, openEngine } from "isocenter";
import { modelMutants } from "./model_mutants.ts";

/** What is wrong with how mutants are taken, one line each. */
export async function faultsOfMutants(seed: number, count: number): Promise<string[]> {
  await using engine = await openEngine({ memoryBudget: 2 ** 28 });
  const folder = await Deno.makeTempDir();
  const faults: string[] = [];
  try {
    await Deno.symlink("/etc/hostname", `${folder}/link`);
    for (const { name, bytes } of modelMutants(seed, count)) {
      const file = `${folder}/mutant.onnx`;
      await Deno.writeFile(file, bytes);
      const begin = performance.now();
      const fault = await tryModel(engine, file);
      const seconds = (performance.now() - begin) / 1e3;
      if (fault !== undefined) faults.push(`${name}: ${fault}`);
      if (seconds > 20) faults.push(`${name}: took ${seconds.toFixed(0)} s`);
      const { rss } = Deno.memoryUsage();
      if (rss > 2 ** 31) return [...faults, `${name}: ${(rss / 2 ** 30).toFixed(1)} GiB of memory are in use`];
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return faults;
}

async function tryModel(engine: Engine, file: string): Promise<string | undefined> {
  try {
    using net = await engine.loadModel(file);
    const feeds = Object.fromEntries(net.inputs.map(({ name, dtype, shape }) => {
      const sizes = shape.map((extent) => typeof extent === "number" ? extent : 3);
      const count = sizes.reduce((product, extent) => product * extent, 1);
      const data = count < 1e6 ? new Float32Array(count).map((_, i) => i % 5 - 1) : new Float32Array(0);
      return [name, engine.tensor(count < 1e6 ? data : [0], count < 1e6 ? sizes : [1], { dtype: dtype as "f32" })];
    }));
    const results = Object.values(await net.run(feeds));
    await engine.read(results);
    for (const tensor of [...results, ...Object.values(feeds)]) tensor.dispose();
    return undefined;
  } catch (error) {
    const { name, message, stack } = error as Error;
    if (!(error instanceof ModelError || error instanceof MemoryError)) return `${name}: ${message} ${stack}`;
    return message.includes(file) && !/undefined|not a function|Maximum call/.test(message) ? undefined : message;
  }
}
