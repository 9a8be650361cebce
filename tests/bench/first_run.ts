/**
 * How long the first run of a network takes in a new process, with the driver's cache empty and filled, on lavapipe:
 * `deno run -A tests/bench/first_run.ts MODEL.onnx [ROUNDS]` prints milliseconds of each step, a round of each in turn. `total` is
 * from the file to the first result, on an engine that is open.
 */
import { openEngine } from "../../engine/mod.ts";

const [model, rounds = "3"] = Deno.args;

/** Runs a network for the first time in this process; gives milliseconds by step. */
async function firstRun(): Promise<Record<string, number>> {
  let last = performance.now();
  const begin = last;
  const steps: Record<string, number> = {};
  const step = (name: string) => {
    const now = performance.now();
    steps[name] = Math.round(now - last);
    last = now;
  };
  await using engine = await openEngine({ adapter: "lavapipe" });
  step("open");
  using net = await engine.loadModel(model);
  step("load");
  const feeds = Object.fromEntries(net.inputs.map(({ name, dtype, shape }) => {
    const extents = shape.map((extent) => typeof extent === "number" ? extent : 1);
    const values = new Float32Array(extents.reduce((all, extent) => all * extent, 1)).fill(0.5);
    return [name, engine.tensor(values, extents, { dtype: dtype as "f32" })];
  }));
  for (const name of ["first", "second"]) {
    const results = Object.values(await net.run(feeds));
    await engine.read(results);
    results.forEach((result) => result.dispose());
    step(name);
  }
  steps.total = Math.round(last - begin) - steps.open - steps.second;
  steps.pipelines = engine.stats().pipelines;
  return steps;
}

async function inChild(cache: string): Promise<void> {
  const args = ["run", "-A", import.meta.filename!, model];
  const env = { MESA_SHADER_CACHE_DIR: cache, FIRST_RUN: "child" };
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, env, stderr: "inherit" }).output();
  console.log(new TextDecoder().decode(stdout).trimEnd());
}

if (Deno.env.get("FIRST_RUN") === "child") {
  console.log(Object.entries(await firstRun()).map(([name, value]) => `${name} ${value}`).join("  "));
  Deno.exit(0);
}
for (let round = 0; round < Number(rounds); round++) {
  const cache = await Deno.makeTempDir({ prefix: "isocenter-driver-" });
  for (const kind of ["empty ", "filled"]) {
    await Deno.stdout.write(new TextEncoder().encode(`${kind}  `));
    await inChild(cache);
  }
  await Deno.remove(cache, { recursive: true });
}
