/** Weights of networks: on the device once, while they are needed, and refused before anything is there. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryError } from "../../engine/errors.ts";
import { openEngine } from "../../engine/mod.ts";
import { nn, type Recorder, type Value } from "../../shaders/mod.ts";
import { buildModel, floats } from "../onnx_builder.ts";

const mebibyte = 2 ** 20;
const side = 512;
/** Two products of 1 MiB of weights each, so small that sums are exact. */
const matrix = (factor: number) => Array.from({ length: side * side }, (_, i) => (i * factor % 5 - 2) / 64);
const [first, second] = [matrix(7), matrix(11)];
const model = buildModel({
  inputs: { x: ["n", side] },
  outputs: ["y"],
  constants: { a: floats([side, side], first), b: floats([side, side], second) },
  nodes: [["MatMul", ["x", "a"], ["h"]], ["MatMul", ["h", "b"], ["y"]]],
});

const product = (row: readonly number[], weights: readonly number[]) =>
  row.map((_, column) => row.reduce((sum, value, k) => sum + value * weights[k * side + column], 0));
const row = Array.from({ length: side }, (_, i) => (i % 3 - 1) / 2);
const wanted = product(product(row, first), second);

Deno.test("packed weights take their memory once, and other shapes find them", async () => {
  for (const worker of [false, true]) {
    await using engine = await openEngine({ worker });
    using net = await engine.loadModel(model);
    assert(engine.stats().bytes.lent < mebibyte, "nothing is needed yet");
    for (const n of [4, 16, 4, 130, 1]) {
      using x = engine.tensor(Float32Array.from({ length: n * side }, (_, i) => row[i % side]), [n, side]);
      const results = await net.run({ x });
      using y = results.y;
      const values = await y.read();
      for (const column of [0, 100, side - 1]) assertAlmostEquals(Number(values[column]), wanted[column], 1e-4);
      await engine.idle();
      const { lent } = engine.stats().bytes;
      // Each form packs for itself; what no form reads is not there.
      assert(lent < 4 * mebibyte, `${lent} bytes with ${n} rows`);
      if (n === 4) assert(lent < 3 * mebibyte, `${lent} bytes with one form`);
    }
  }
});

Deno.test("weights that rest are brought back where a page reads them as they are", async () => {
  await using engine = await openEngine();
  using weights = engine.weights(Float32Array.from({ length: 64 }, (_, i) => i), "f32");
  using x = engine.tensor(new Float32Array(64).fill(1), [64]);
  const packed = (r: Recorder): Value =>
    r.derived(weights, "twice", (source) => r.apply(nn.binary, [source, x], { op: "add" })[0]);
  const sum = (r: Recorder) => r.apply(nn.binary, [packed(r), packed(r)], { op: "add" })[0];
  for (let turn = 0; turn < 2; turn++) {
    using twice = engine.run(sum);
    // Once they were read as they are they stay.
    assertEquals(weights.holding?.isAsleep, turn === 0);
    using plain = engine.run((r) => r.apply(nn.binary, [weights, x], { op: "subtract" })[0]);
    const [a, b] = await engine.read([twice, plain]);
    assertEquals([a[3], b[3]], [8, 2]);
  }
  const [own] = await engine.read([weights]);
  assertEquals(own[63], 63);
});

Deno.test("a model whose weights or results exceed the budget is refused before anything is allocated", async () => {
  await using small = await openEngine({ memoryBudget: mebibyte });
  await assertRejects(() => small.loadModel(model), MemoryError, "its weights take 2.00 MiB on the device");
  assertEquals(small.stats().bytes.peak, 0);
  await using engine = await openEngine({ memoryBudget: 8 * mebibyte });
  using net = await engine.loadModel(model);
  using x = engine.tensor(new Float32Array(1500 * side), [1500, side]);
  const { peak } = engine.stats().bytes;
  await assertRejects(() => net.run({ x }), MemoryError, "Cannot run the model");
  assertThrows(() => engine.run((r) => net.record(r, { x })), MemoryError);
  // Nothing but two small tables of the plan, which is compiled before it is given the input.
  assert(engine.stats().bytes.peak <= peak + 512);
});
