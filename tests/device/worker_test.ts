/** An engine whose device lies in a Worker: the same face, the same bytes, and a caller's thread that goes on. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DeviceError, MemoryError, UsageError } from "../../engine/errors.ts";
import { type Engine, openEngine } from "../../engine/mod.ts";
import { definePage, filters, type Page, type Recorder, type Value } from "../../shaders/mod.ts";
import { buildModel, floats } from "../onnx_builder.ts";

const here = await openEngine();
const there = await openEngine({ worker: true });

const pixels = (count: number) => Float32Array.from({ length: count }, (_, index) => (index * 37) % 251);
const chain = (r: Recorder, image: Value) =>
  filters.median(r, filters.gaussian(r, image, { sigmaPx: 1 }), { radius: 1 });

/** What the same work gives in both. */
async function both<T>(work: (engine: Engine) => Promise<T>): Promise<[T, T]> {
  return await Promise.all([work(here), work(there)]);
}

Deno.test("filters, plans and runs in parts give the same bytes as in the caller's thread", async () => {
  assertEquals(there.info.adapter, here.info.adapter);
  assertEquals(there.facts, here.facts);
  const [a, b] = await both(async (engine) => {
    using image = engine.tensor(pixels(2 * 70 * 53), [2, 70, 53]);
    using once = engine.run((r) => chain(r, image));
    using plan = await engine.compile((r, [image]) => chain(r, image), [image]);
    using replayed = plan.run([image]);
    const shares: number[] = [];
    using parts = await engine.runInParts((r) => chain(r, image), { onProgress: (share) => shares.push(share) });
    assertEquals(shares.at(-1), 1);
    const { sum, same } = engine.run((r) => ({ sum: chain(r, once), same: image }));
    const arrays = await engine.read([image, once, replayed, parts, sum, same]);
    assertEquals([...arrays[1]], [...arrays[2]]);
    for (const tensor of [sum, same]) tensor.dispose();
    return arrays;
  });
  assertEquals(b, a);
});

Deno.test("integers, empty tensors and a network go through as well", async () => {
  const model = buildModel({
    inputs: { x: [1, 3, "h", "w"] },
    outputs: ["y"],
    constants: { w: floats([5, 3, 3, 3], pixels(135).map((value) => value / 251 - 0.5)) },
    nodes: [["Conv", ["x", "w"], ["c"], { pads: [1, 1, 1, 1] }], ["Relu", ["c"], ["y"]]],
  });
  const [a, b] = await both(async (engine) => {
    using net = await engine.loadModel(model);
    using x = engine.tensor(pixels(3 * 20 * 17), [1, 3, 20, 17]);
    const first = await net.run({ x });
    const second = await net.run({ x });
    using integers = engine.tensor(new BigInt64Array([1n, -2n]), [2]);
    using empty = engine.tensor(new Float32Array(), [0, 4]);
    const arrays = await engine.read([first.y, second.y, integers, empty]);
    for (const { y } of [first, second]) y.dispose();
    return arrays;
  });
  assertEquals(b, a);
  assertEquals(b[2], new BigInt64Array([1n, -2n]));
});

Deno.test("the caller's thread goes on while the device works and compiles", async () => {
  await using engine = await openEngine({ worker: true });
  using image = engine.tensor(pixels(512 * 512), [1, 512, 512]);
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }, 2);
  const start = performance.now();
  try {
    // New pipelines and some work of the device.
    using slow = engine.run((r) => filters.bilateral(r, filters.median(r, image, { radius: 2 }), { radius: 5 }));
    last = performance.now();
    await engine.read([slow]);
  } finally {
    clearInterval(timer);
  }
  const total = performance.now() - start;
  assert(total > 60, `the work takes ${total} ms, which is too short to tell`);
  assert(longest < total / 3, `a timer of 2 ms waited ${longest} of ${total} ms`);
});

const wrongPage: Page = definePage({
  name: "wrong",
  file: "wrong.wgsl",
  text: "@compute @workgroup_size(1)\nfn main() {\n  let x: i32 = 1.5;\n}",
  bindings: [{ name: "image", access: "read", layout: "rows4" }, { name: "result", access: "write", layout: "rows4" }],
});

Deno.test("a run in the Worker fails alone, with the class and the words of its error", async () => {
  using image = there.tensor(pixels(64), [1, 8, 8]);
  const wrong = (r: Recorder) => {
    const result = r.temporary(image);
    r.dispatch(wrongPage, { bind: { image, result }, groups: [1, 1, 1], iterations: 0 });
    return result;
  };
  using bad = there.run(wrong);
  using worse = there.run((r) => filters.median(r, bad, { radius: 1 }));
  using good = there.run((r) => r.reshape(image, [64]));
  for (const tensor of [bad, worse]) await assertRejects(() => tensor.read(), DeviceError, "wrong.wgsl:3");
  await assertRejects(() => there.compile(wrong, []), DeviceError, "wrong.wgsl:3");
  assertEquals(await good.read(), pixels(64));
  using foreign = here.tensor(pixels(64), [1, 8, 8]);
  assertThrows(() => there.run((r) => filters.median(r, foreign, {})), TypeError, "belongs to another engine");
});

Deno.test("the budget, signals and the end of an engine hold in the Worker, too", async () => {
  const engine = await openEngine({ worker: true, memoryBudget: 1 << 20 });
  assertThrows(() => engine.tensor(new Float32Array(1 << 20), [1, 1024, 1024]), MemoryError, "raise memoryBudget");
  const requests = Array.from({ length: 12 }, async (_, gray) => {
    using image = engine.tensor(new Float32Array(128 * 128).fill(gray), [1, 128, 128]);
    using clean = engine.run((r) => filters.median(r, image, { radius: 1 }));
    return (await clean.read())[500];
  });
  assertEquals(await Promise.all(requests), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  await engine.idle();
  assertEquals(engine.stats().bytes.lent, 0);
  assert(engine.stats().bytes.peak <= 1 << 20);
  assertEquals(engine.stats().readbacks, 12);
  assert(engine.pages.some((page) => page.name.includes("median")));

  const image = engine.tensor(pixels(128 * 128), [1, 128, 128]);
  const ending = new AbortController();
  const parts = engine.runInParts((r) => chain(r, image), { signal: ending.signal });
  const reading = engine.read([image], { signal: ending.signal });
  ending.abort(new Error("enough"));
  await assertRejects(() => parts, Error, "enough");
  await assertRejects(() => reading, Error, "enough");
  assertEquals((await image.read()).length, 128 * 128);

  const late = engine.read([image]);
  engine.close();
  await assertRejects(() => late, DeviceError, "was closed");
  assertThrows(() => engine.run((r) => chain(r, image)), DeviceError, "was closed");
  await assertRejects(() => engine.read([image]), DeviceError, "was closed");
  image.dispose();
});

Deno.test("an adapter that there isn't is refused as in the caller's thread", async () => {
  const adapter = "none" as "auto";
  await assertRejects(() => openEngine({ worker: true, adapter }), UsageError, "must be one of");
});

Deno.test("the end of the Worker's engines", () => {
  there.close();
  here.close();
});
