import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { bench } from "../../engine/bench/bench.ts";
import { chromeTrace, traceRow } from "../../engine/bench/trace.ts";
import { benchOperation } from "../../engine/bench/rows.ts";
import { tune, type TunedClass } from "../../engine/bench/tune.ts";
import { addTunedForms, tunedFile } from "../../engine/tuned/tables.ts";
import { writeVectorWidth } from "../../engine/tuned/vector_width.ts";
import { filters, nn } from "../../shaders/mod.ts";
import { kernelRow, moduleRows } from "../../engine/bench/kernel.ts";
import { multiplyAdd, multiplyAddFlops, multiplyAddForms } from "../../shaders/roofline/mod.ts";
import type { BenchRow } from "../../engine/bench/rows.ts";
import { openEngine } from "../../engine/mod.ts";

const engine = await openEngine();
addEventListener("unload", () => engine.close());

const doubling = `struct Params { factor: f32 }
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = vec3i(id);
  if (any(at >= size_result())) { return; }
  store_result(at.x, at.y, at.z, params.factor * load_image(at.x, at.y, at.z));
}`;

Deno.test("a kernel from a file is timed, with its cold start, host time and shares", async () => {
  const file = await Deno.makeTempFile({ suffix: ".wgsl" });
  await Deno.writeTextFile(file, doubling);
  const row = await kernelRow(file, {
    bind: ["image=rows4:64x64", "result=rows4:64x64"],
    groups: "1,64,1",
    params: ["factor=2"],
    work: "flops=4096",
  });
  const roofline = { gigabytesPerSecond: 1e6, gigaflopsPerSecond: 1e6, bandwidth: [], arithmetic: [] };
  const [result] = await bench(engine, [row], { rounds: 3, roofline });
  assertEquals([result.bytes, result.flops, result.ours.samples.length], [2 * 4 * 64 * 64, 4096, 3]);
  assert(result.coldMs > 0 && result.hostMs! > 0 && result.transferMs!.upload > 0 && result.transferMs!.readback > 0);
  assert(result.shareOfBandwidth! < 1 && result.shareOfArithmetic! < 1);
  await Deno.remove(file);
});

Deno.test("rows of a module are checked before they are timed, variants beside them", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  const filters = import.meta.resolve("../../shaders/mod.ts");
  await Deno.writeTextFile(
    file,
    `import { filters } from ${JSON.stringify(filters)};
const row = (name, value) => ({
  name, work: "mean of a constant image",
  prepare: (engine) => {
    const image = engine.tensor(new Float32Array(64).fill(3), [1, 8, 8]);
    return {
      record: (r) => filters.mean(r, image, { radius: 1 }),
      variants: [{ name: "gaussian", record: (r) => filters.gaussian(r, image, { sigmaPx: 1 }) }],
      expected: { values: new Float32Array(64).fill(value), bound: 1e-6 },
      cost: () => ({ bytes: 512, flops: 576 }),
      [Symbol.asyncDispose]: () => Promise.resolve(image.dispose()),
    };
  },
});
export default [row("right", 3), row("wrong", 4)];`,
  );
  const [right, wrong] = await moduleRows(file);
  const [result] = await bench(engine, [right], { rounds: 3 });
  assertEquals(result.variants.map(({ name }) => name), ["gaussian"]);
  assertEquals(result.variants[0].times?.samples.length, 3);
  await assertRejects(() => bench(engine, [wrong], { rounds: 3 }), Error, "element 0 is 3, but 4 is expected");
  await Deno.remove(file);
});

Deno.test("the roofline's pages execute what they count", async () => {
  const forms = multiplyAddForms(engine.facts);
  for (const form of [forms[0], ...forms.filter(({ kind }) => kind !== "registers")]) {
    const { result } = engine.run((r) => ({ result: multiplyAdd(r, form) }));
    const values = await result.read() as Float32Array;
    result.dispose();
    // Each step halves a sum and adds 0.25, so that all end at 0.5: four lanes of each accumulator.
    assert(Math.abs(values[5] - form.accumulators * 2) < 1e-3, `${form.kind} give ${values[5]}`);
    assert(multiplyAddFlops(form) > 5e8);
  }
});

Deno.test("all rows are held against the best ceilings that were seen beside any of them", async () => {
  const row = benchOperation("mean", "3 x 3", filters.mean, [[1, 8, 8]], { radius: 1 });
  let rate = 1;
  const seen: (number | undefined)[] = [];
  const results = await bench(engine, [row, row], {
    rounds: 3,
    roofline: () =>
      Promise.resolve({ gigabytesPerSecond: rate, gigaflopsPerSecond: rate *= 2, bandwidth: [], arithmetic: [] }),
    onResult: ({ shareOfArithmetic }) => void seen.push(shareOfArithmetic),
  });
  const shares = results.map(({ shareOfArithmetic }) => shareOfArithmetic!);
  assertEquals(shares, results.map(({ flops, ours }) => flops / ours.median / 1e6 / 4));
  assertEquals(seen, [shares[0] * 2, shares[1]]);
});

Deno.test("tuning times the forms of a row, and an engine takes what its table says", async () => {
  const options = { alpha: 0.5 };
  const row = benchOperation("product", "33 x 40 by 40 x 17", nn.gemm, [[33, 40], [40, 17]], options);
  const classes: TunedClass[] = [];
  await tune(engine, [row, row], { rounds: 3, onClass: (result) => void classes.push(result) });
  const [{ name, chosen, best, ms }] = classes;
  assertEquals([classes.length, chosen], [1, "plain"]);
  assert(name.startsWith("gemm 32x32 32x16 {") && best in ms && ms.packed > 0 && ms.plain > 0, name);

  const folder = await Deno.makeTempDir();
  await addTunedForms(tunedFile(folder, engine.info), { [name]: "packed ROWS=8" });
  await using other = await openEngine({ tuned: folder });
  await using prepared = await row.prepare(other);
  const labels: string[] = [];
  if (!("record" in prepared)) throw new Error("the row records nothing");
  const result = await other.runInParts(prepared.record, { onDispatch: ({ label }) => void labels.push(label) });
  result.dispose();
  assert(labels.includes("gemm > gemm_packed"), labels.join());
  await Deno.writeTextFile(tunedFile(folder, engine.info), "[1]");
  await assertRejects(() => openEngine({ tuned: folder }), Error, "is no table of measured forms");
  await Deno.remove(folder, { recursive: true });
});

Deno.test({
  name: "an engine tells lavapipe the width of vectors that was measured, unless the user has",
  ignore: engine.info.adapter !== "lavapipe",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    await writeVectorWidth(folder, 128, { 128: 0.9, 256: 1 });
    // Mesa takes the width from the first adapter of a process.
    const nameIn = async (env: Record<string, string>) => {
      const script = `import { openEngine } from ${JSON.stringify(import.meta.resolve("../../engine/mod.ts"))};
await using engine = await openEngine({ adapter: "lavapipe", tuned: ${JSON.stringify(folder)} });
console.log(engine.info.name);`;
      const file = `${folder}/open.ts`;
      await Deno.writeTextFile(file, script);
      const args = ["run", "-A", "--no-check", "--config", fileURLToPath(import.meta.resolve("../../deno.json")), file];
      const { stdout } = await new Deno.Command(Deno.execPath(), { args, env }).output();
      return new TextDecoder().decode(stdout);
    };
    assertStringIncludes(await nameIn({}), "128 bits");
    assertStringIncludes(await nameIn({ LP_NATIVE_VECTOR_WIDTH: "512" }), "512 bits");
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("a row that ends by its signal gives the signal's reason", async () => {
  const row: BenchRow = { name: "none", work: "nothing", prepare: () => Promise.reject(new Error("prepared")) };
  await assertRejects(() => bench(engine, [row], { signal: AbortSignal.abort(new Error("enough")) }), Error, "enough");
});

Deno.test("a trace has each dispatch of a row, one after the other", async () => {
  const row = benchOperation("median", "7 x 7", filters.median, [[1, 64, 64]], { radius: 3 });
  const { dispatches } = await traceRow(engine, row);
  assert(dispatches.length > 0 && dispatches.every(({ label }) => label.startsWith("median > ")));
  assert(dispatches.every(({ durationMs }) => durationMs > 0));
  const [name, ...events] = JSON.parse(chromeTrace([{ name: "median", dispatches }])).traceEvents;
  assertEquals([name.ph, name.args.name, events.length], ["M", "median", dispatches.length]);
  for (let i = 1; i < events.length; i++) assert(events[i].ts >= events[i - 1].ts + events[i - 1].dur);
});

Deno.test("a network that takes long is not run a hundred times to time the host", async () => {
  let replays = 0;
  const slow: BenchRow = {
    name: "slow",
    work: "a run that keeps the device busy",
    prepare: (engine) => {
      const image = engine.tensor(new Float32Array(64), [1, 8, 8]);
      return Promise.resolve({
        record: (r) => filters.mean(r, image, { radius: 1 }),
        replay: async () => {
          replays++;
          await new Promise((resolve) => setTimeout(resolve, 400));
          return [engine.run((r) => filters.mean(r, image, { radius: 1 }))];
        },
        cost: () => ({ bytes: 512, flops: 576 }),
        [Symbol.asyncDispose]: () => Promise.resolve(image.dispose()),
      });
    },
  };
  const [result] = await bench(engine, [slow], { rounds: 3 });
  assert(replays >= 5 && replays < 10, `${replays} replays`);
  assert(result.hostMs! >= 400);
});
