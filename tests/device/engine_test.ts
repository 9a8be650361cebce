/** What an engine has beyond a runtime: counts of a piece of work, models, many requests at once. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { filters, ModelError, type Net, openEngine, type Recorder, type Value } from "../../mod.ts";
import { nn } from "../../shaders/mod.ts";
import { buildModel, floats } from "../onnx_builder.ts";
import { sequence } from "../soak/requests.ts";

const engine = await openEngine();

const image = (side: number) =>
  engine.tensor(Float32Array.from({ length: side * side }, (_, i) => i % 7), [1, side, side]);

/** A request as a service gets it: some readbacks, one after the other. */
async function request(side: number, readbacks: number): Promise<void> {
  for (let round = 0; round < readbacks; round++) {
    using pixels = image(side);
    using clean = engine.run((r) => filters.mean(r, pixels, { radius: 1 }));
    await engine.read([clean]);
  }
}

Deno.test("readbacks are counted for the work that makes them, whatever else is read meanwhile", async () => {
  const before = engine.stats().readbacks;
  const [three, none, both, rest] = await Promise.all([
    engine.counted(() => request(64, 3)),
    engine.counted(() => Promise.resolve("nothing")),
    engine.counted(async () => {
      await request(16, 1);
      return await engine.counted(() => request(16, 2));
    }),
    request(32, 4),
  ]);
  assertEquals([three.readbacks, three.readbackBytes], [3, 3 * 64 * 256]);
  assertEquals(none, { value: "nothing", readbacks: 0, readbackBytes: 0, pages: [] });
  assertEquals([both.readbacks, both.value.readbacks, both.readbackBytes], [3, 2, 3 * 16 * 256]);
  assertEquals(rest, undefined);
  assertEquals(engine.stats().readbacks - before, 3 + 3 + 4);
  await assertRejects(() => engine.counted(() => Promise.reject(new Error("lost"))), Error, "lost");
});

Deno.test("the pages of a piece of work are those that it runs, whatever ran before it", async () => {
  using slice = image(8);
  using net = await engine.loadModel(small(1, "Relu"));
  using x = engine.tensor(new Float32Array(128), [1, 2, 8, 8]);
  const names = async (work: () => Promise<unknown>) => {
    const { pages } = await engine.counted(work);
    return pages.map(({ name }) => name).sort();
  };
  const run = async () => {
    const { y } = await net.run({ x });
    y.dispose();
  };
  const filter = () => Promise.resolve(engine.run((r) => filters.median(r, slice, { radius: 1 })).dispose());
  const first = await names(run);
  const median = await names(filter);
  assert(first.some((name) => name.startsWith("convolution_")), String(first));
  assert(median.length > 0 && median.every((name) => name.includes("median")), String(median));
  assertEquals(await names(run), first);
  assertEquals(await names(filter), median);
  // What made a value that a tensor keeps counts for all that read it.
  const twice = (r: Recorder) => r.derived(slice, "twice", (one) => r.apply(nn.binary, [one, one], { op: "add" })[0]);
  const derived = () => Promise.resolve(engine.run((r) => filters.median(r, twice(r), { radius: 1 })).dispose());
  const made = await names(derived);
  assert(made.some((name) => name.startsWith("binary")), String(made));
  assertEquals(await names(derived), made);
});

Deno.test("counted work tells when the device was first given some of it, also where that goes in parts", async () => {
  using pixels = image(16);
  const before = performance.now();
  let prepared = NaN;
  const { submittedAt = NaN } = await engine.counted(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    prepared = performance.now();
    (await engine.runInParts((r) => filters.mean(r, pixels, { radius: 1 }))).dispose();
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  assert(submittedAt >= prepared && submittedAt <= performance.now() - 50, `${submittedAt - before} ms`);
});

/** A network of a convolution and an activation, for images of any size. */
const small = (seed: number, activation: string) =>
  buildModel({
    inputs: { x: [1, 2, "h", "w"] },
    outputs: ["y"],
    constants: { w: floats([3, 2, 3, 3], Float32Array.from({ length: 54 }, (_, i) => Math.sin(seed + i))) },
    nodes: [["Conv", ["x", "w"], ["c"], { pads: [1, 1, 1, 1] }], [activation, ["c"], ["y"]]],
  });

Deno.test("200 requests of two networks and three filters at once, some aborted, give the bytes that each gives alone", async () => {
  using relu = await engine.loadModel(small(1, "Relu"));
  using sigmoid = await engine.loadModel(small(2, "Sigmoid"));
  const next = sequence(3);
  // More shapes than a network keeps plans for, so that plans are evicted while they are used.
  const side = () => 8 + Math.floor(next() * 40);
  const requests = Array.from({ length: 200 }, (_, index) => {
    const [height, width] = [side(), side()];
    const data = Float32Array.from({ length: 2 * height * width }, () => next() - 0.5);
    const image = () => engine.tensor(data, [2, height, width]);
    const filter = (work: (r: Recorder, image: Value) => Value) => async (signal?: AbortSignal) => {
      using given = image();
      using clean = engine.run((r) => work(r, given));
      given.dispose();
      return (await engine.read([clean], { signal }))[0];
    };
    const network = (net: Net) => async (signal?: AbortSignal) => {
      using x = engine.tensor(data, [1, 2, height, width]);
      const running = net.run({ x }, { signal });
      x.dispose();
      const { y } = await running;
      try {
        return (await engine.read([y], { signal }))[0];
      } finally {
        y.dispose();
      }
    };
    const kinds = [
      network(relu),
      network(sigmoid),
      filter((r, image) => filters.gaussian(r, image, { sigmaPx: 1 })),
      filter((r, image) => filters.median(r, image, { radius: 1 })),
      filter((r, image) => filters.bilateral(r, image, { radius: 2, sigmaColor: 0.2 })),
    ];
    return kinds[index % kinds.length];
  });
  await engine.idle();
  const lent = engine.stats().bytes.lent;
  const together = await Promise.all(requests.map(async (request, index) => {
    if (index % 7 !== 3) return await request();
    const ending = new AbortController();
    const asked = request(ending.signal);
    if (index % 2 === 0) ending.abort(new Error("not wanted"));
    else setTimeout(() => ending.abort(new Error("not wanted")), index % 5);
    await assertRejects(() => asked, Error, "not wanted");
    return undefined;
  }));
  for (const [index, request] of requests.entries()) {
    if (together[index] !== undefined) assertEquals(together[index], await request(), `request ${index}`);
  }
  relu.close();
  sigmoid.close();
  await engine.idle();
  assert(engine.stats().bytes.lent <= lent, "nothing is left of them");
});

Deno.test("a feed may be disposed of, and its network be closed, while a run needs them", async () => {
  const model = small(4, "Relu");
  const data = Float32Array.from({ length: 2 * 40 * 30 }, (_, i) => Math.cos(i));
  const run = async (isDisposed: boolean) => {
    const net = await engine.loadModel(model);
    using x = engine.tensor(data, [1, 2, 40, 30]);
    const running = net.run({ x });
    if (isDisposed) {
      x.dispose();
      net.close();
    }
    const { y } = await running;
    for (let junk = 0; junk < 4; junk++) engine.tensor(new Float32Array(data.length).fill(9), [1, 2, 40, 30]).dispose();
    const values = await y.read();
    y.dispose();
    net.close();
    return values;
  };
  assertEquals(await run(true), await run(false));
});

Deno.test("engine.models loads a source once for all, whatever they dispose of, and warms it up", async () => {
  const file = await Deno.makeTempFile({ suffix: ".onnx" });
  await Deno.writeFile(file, small(5, "Relu"));
  try {
    const [first, second] = await Promise.all([engine.models.open(file), engine.models.open(file)]);
    assertEquals(engine.models.sources, [file]);
    await assertRejects(() => first.warm(), ModelError, "give its shape");
    await first.warm({ x: [1, 2, 24, 24] });
    const { pipelines } = engine.stats();
    first.close();
    using x = engine.tensor(new Float32Array(2 * 24 * 24), [1, 2, 24, 24]);
    const { y } = await second.run({ x });
    assertEquals((await y.read()).length, 3 * 24 * 24);
    y.dispose();
    assertEquals(engine.stats().pipelines, pipelines, "the warm-up has compiled all of them");
    engine.models.close(file);
    await engine.idle();
    await assertRejects(() => second.run({ x }), ModelError, "closed");
    const signal = AbortSignal.abort(new Error("enough"));
    await assertRejects(() => engine.models.open(file, { signal }), Error, "enough");
    await assertRejects(() => engine.loadModel(file, { signal }), Error, "enough");
    await assertRejects(() => engine.models.open(`${file}.none`), ModelError, "does not exist");
    assertEquals(engine.models.sources, []);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a plan's warm-up compiles, runs once, and leaves nothing behind", async () => {
  using plan = await engine.compile((r, { image }) => filters.median(r, image, { radius: 2 }), {
    image: { dtype: "f32", shape: [1, 33, 21] },
  });
  const { bytes, dispatches } = engine.stats();
  await plan.warm();
  const after = engine.stats();
  assertEquals(after.bytes.lent, bytes.lent);
  assert(after.dispatches > dispatches, "some drivers compile at the first dispatch");
  assertEquals(after.readbacks, engine.stats().readbacks);
});
