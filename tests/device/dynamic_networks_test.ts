/** Networks whose shapes depend on computed elements, on the device. */
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UnsupportedError } from "../../engine/errors.ts";
import { loadModel } from "../../engine/graph/mod.ts";
import { openEngine } from "../../engine/mod.ts";
import { buildModel, floats, ints } from "../onnx_builder.ts";

const engine = await openEngine();

/** As many ones as the sum of x says, and their cumulative shape. */
const counting = buildModel({
  inputs: { x: [1, 1, 2, 2] },
  outputs: ["y", "c"],
  constants: { w: floats([1, 1, 1, 1], [2]), minus: ints([-1]) },
  nodes: [
    ["Conv", ["x", "w"], ["c"]],
    ["ReduceSum", ["c"], ["s"], { keepdims: 0 }],
    ["Cast", ["s"], ["i"], { to: 7 }],
    ["Reshape", ["i", "minus"], ["n"]],
    ["ConstantOfShape", ["n"], ["ones"], { value: floats([1], [1]) }],
    ["Add", ["ones", "s"], ["y"]],
  ],
});

async function mapsOf<T>(work: () => Promise<T>): Promise<{ result: T; maps: number }> {
  const mapAsync = GPUBuffer.prototype.mapAsync;
  let maps = 0;
  try {
    GPUBuffer.prototype.mapAsync = function (...args) {
      maps++;
      return mapAsync.apply(this, args);
    };
    return { result: await work(), maps };
  } finally {
    GPUBuffer.prototype.mapAsync = mapAsync;
  }
}

const input = (sum: number) => engine.tensor(new Float32Array([sum, 0, 0, 0]), [1, 1, 2, 2]);

Deno.test("a count is read once, and what is computed before it is not computed again", async () => {
  using net = await loadModel(engine, counting);
  for (const sum of [3, 0, 5, 3]) {
    using x = input(sum);
    const { result, maps } = await mapsOf(() => net.run({ x }));
    assertEquals(maps, 1);
    const [y, c] = await engine.read([result.y, result.c]);
    assertEquals([...y], new Array(2 * sum).fill(2 * sum + 1));
    assertEquals([...c], [2 * sum, 0, 0, 0]);
    result.y.dispose();
    result.c.dispose();
  }
  const { readbacks, reads, operations } = net.report();
  assertEquals([readbacks, operations.convolution], [1, 1]);
  assertEquals(reads, [{ nodes: ["ConstantOfShape_ones"], bytes: 4 }]);
});

Deno.test("runs of different counts may overlap, and nothing is left on the device", async () => {
  using net = await loadModel(engine, counting);
  const before = engine.stats().bytes.lent;
  const sums = [1, 2, 3, 4, 5, 6, 1, 2];
  const results = await Promise.all(sums.map(async (sum) => {
    using x = input(sum);
    const { y, c } = await net.run({ x });
    c.dispose();
    const [values] = await engine.read([y]);
    y.dispose();
    return values.length;
  }));
  assertEquals(results, sums.map((sum) => 2 * sum));
  net.close();
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(engine.stats().bytes.lent <= before, true);
});

Deno.test("what can't be recorded says why, and a signal ends a run between its segments", async () => {
  using net = await loadModel(engine, counting);
  using x = input(1);
  const refusal = assertThrows(() => engine.run((r) => net.record(r, { x })), UnsupportedError);
  assertStringIncludes(refusal.message, "values that node ConstantOfShape_ones needs");
  await assertRejects(
    () => net.run({ x }, { signal: AbortSignal.abort(new RangeError("enough")) }),
    RangeError,
    "enough",
  );
  const abort = new AbortController();
  const running = net.run({ x }, { signal: abort.signal });
  abort.abort(new RangeError("enough"));
  await assertRejects(() => running, RangeError, "enough");
});
