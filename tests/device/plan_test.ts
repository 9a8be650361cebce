/** Plans, what runs own, and what a failing run leaves alone. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { DeviceError, MemoryError } from "../../engine/errors.ts";
import { Runtime, type RuntimeOptions } from "../../engine/kernel/mod.ts";
import { openEngine, Tensor } from "../../engine/mod.ts";
import { definePage, filters, type Page, type Recorder, type Value } from "../../shaders/mod.ts";

const device = await openDevice();
const { maxBufferSize, maxStorageBufferBindingSize } = device.info.limits;
const limits = { maxBindingBytes: maxStorageBufferBindingSize, maxBufferBytes: maxBufferSize };

function runtime(options: Partial<RuntimeOptions> = {}): Runtime {
  return new Runtime(device.device, device.facts, limits, { memoryBudget: 2 ** 28, ...options });
}

const counting = (length: number) => Float32Array.from({ length }, (_, index) => index % 251);

/** A page that adds a number, layer by layer; `by` is WGSL, so that it may be wrong. */
const addPage = (by: string, file = "add.wgsl"): Page =>
  definePage({
    name: "add",
    file,
    text: `@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
        let at = vec3i(id) + vec3i(0, 0, slab_begin());
        if (any(at >= vec3i(size_result().xy, slab_end()))) { return; }
        store_result(at.x, at.y, at.z, load_image(at.x, at.y, at.z) + ${by});
      }`,
    bindings: [{ name: "image", access: "read", layout: "rows4" }, {
      name: "result",
      access: "write",
      layout: "rows4",
    }],
  });
const addOne = addPage("1.0");

function add(r: Recorder, image: Value, page = addOne): Value {
  const result = r.temporary(image);
  const layers = image.shape.slice(0, -2).reduce((product, size) => product * size, 1);
  const groups = (count: number) => [8, 8, count] as [number, number, number];
  r.dispatch(page, {
    bind: { image, result },
    groups: groups(layers),
    iterations: 0,
    slab: { layers, halo: 0, groups },
  });
  return result;
}

/** Methods of a device that make or upload something, with how often each is called while `work` runs. */
async function calls(gpu: GPUDevice, work: () => unknown): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const undo: (() => void)[] = [];
  const watch = (target: object, names: readonly string[]) => {
    for (const name of names) {
      const original = Reflect.get(target, name) as (...args: unknown[]) => unknown;
      const watched = function (this: unknown, ...args: unknown[]) {
        counts[name] = (counts[name] ?? 0) + 1;
        return original.apply(this, args);
      };
      Object.defineProperty(target, name, { value: watched, configurable: true, writable: true });
      undo.push(() => Object.defineProperty(target, name, { value: original, configurable: true, writable: true }));
    }
  };
  watch(Object.getPrototypeOf(gpu), [
    "createBuffer",
    "createTexture",
    "createSampler",
    "createShaderModule",
    "createComputePipeline",
    "createPipelineLayout",
    "createBindGroupLayout",
    "createBindGroup",
    "createQuerySet",
  ]);
  watch(Object.getPrototypeOf(gpu.queue), ["writeBuffer", "writeTexture"]);
  watch(GPUTexture.prototype, ["createView"]);
  try {
    await work();
  } finally {
    undo.forEach((each) => each());
  }
  return counts;
}

Deno.test("a plan gives what a run of its work gives, for every tensor that it is given", async () => {
  const core = runtime();
  const work = (r: Recorder, image: Value) =>
    filters.median(r, filters.gaussian(r, image, { sigmaPx: 1 }), { radius: 2 });
  using first = core.tensor(counting(37 * 21), [1, 37, 21]);
  using second = core.tensor(counting(37 * 21).reverse(), [1, 37, 21]);
  using plan = await core.compile((r, [image]) => work(r, image), [first]);
  assert(plan.bytes > 0, "its peak is known before it runs");
  for (const image of [first, second, first]) {
    using expected = core.run((r) => work(r, image));
    using found = plan.run([image]);
    const [a, b] = await core.read([expected, found]);
    assertEquals(b, a);
  }
});

Deno.test("a plan takes its inputs by name, in every layout, and gives records and inputs back as copies", async () => {
  const core = runtime();
  using plan = await core.compile((r, { image, other }) => ({ sum: add(r, image), same: other }), {
    image: { dtype: "f32", shape: [2, 3, 5] },
    other: { dtype: "i32", shape: [3] },
  });
  using image = core.tensor(counting(30), [2, 3, 5]);
  using linear = core.run((r) => r.reshape(r.reshape(image, [30]), [2, 3, 5]));
  const other = core.tensor(new Int32Array([4, 5, 6]), [3]);
  const expected = counting(30).map((value) => value + 1);
  assertEquals(linear.layout, "linear", "another layout than an upload has");
  for (const each of [image, linear]) {
    const { sum, same } = plan.run({ image: each, other });
    const arrays = await core.read([sum, same]);
    assertEquals(arrays, [expected, new Int32Array([4, 5, 6])]);
    sum.dispose();
    same.dispose();
  }
  assertThrows(
    () => plan.run({ image: other, other }),
    TypeError,
    'takes f32 [2, 3, 5] as its input "image", but i32 [3]',
  );
  other.dispose();
  assertThrows(() => plan.run({ image, other }), TypeError, "after it was disposed");
  plan.dispose();
  assertThrows(() => plan.run({ image, other: image }), TypeError, "A plan is run after it was disposed of");
});

Deno.test("a warm run of a plan records nothing, uploads nothing and creates at most bind groups", async () => {
  const core = runtime();
  let recorded = 0;
  // Large enough for stores by way of a buffer, where these pay.
  using image = core.tensor(counting(160 * 200), [1, 160, 200]);
  using kernel = core.tensor(Float32Array.of(0, 1, 0, 1, 2, 1, 0, 1, 0), [3, 3]);
  using plan = await core.compile((r, [image]) => {
    recorded++;
    // Tables of the host, packed weights, several passes.
    const spectrum = filters.wavelet(r, filters.gaussian(r, image, { sigmaPx: 2 }), {});
    return r.apply(filters.convolve, [spectrum, kernel], {})[0];
  }, [image]);
  for (let round = 0; round < 2; round++) {
    using _ = plan.run([image]);
  }
  const { pipelines } = core.stats();
  const counts = await calls(device.device, () => {
    using result = plan.run([image]);
    assertEquals(result.shape, [1, 160, 200]);
  });
  assertEquals(counts, {}, "where the storages are those of the run before, not even bind groups");
  using held = plan.run([image]);
  const others = await calls(device.device, () => {
    using _ = plan.run([image]);
  });
  assertEquals(Object.keys(others).filter((name) => !/^create(BindGroup|Texture|View|Buffer)$/.test(name)), []);
  assertEquals(recorded, 1);
  assertEquals(core.stats().pipelines, pipelines);
  held.dispose();
});

Deno.test("a plan beyond the budget is refused before anything is allocated", async () => {
  const core = runtime({ memoryBudget: 3000 });
  const shape = [16, 16];
  const before = core.stats();
  const compile = () =>
    core.compile((r, [image]) => [add(r, image), add(r, image), add(r, image)], [{ dtype: "f32", shape }]);
  await assertRejects(compile, MemoryError, "raise memoryBudget");
  assertEquals(core.stats(), before);
});

Deno.test("interleaved runs in parts hold what they read, whatever is disposed, replaced or taken meanwhile", async () => {
  const core = runtime();
  const shape = [64, 40, 36];
  const data = counting(64 * 40 * 36);
  const work = (image: Value, weight: Value) => (r: Recorder) => {
    // A value that the tensor keeps: both runs make it, and the slower one comes second.
    const derived = r.derived(weight, "shifted", (source) => add(r, source));
    let value = image;
    for (let pass = 0; pass < 4; pass++) value = add(r, value);
    return [value, add(r, derived)];
  };
  const alone = async () => {
    using image = core.tensor(data, shape);
    using weight = core.tensor(data, shape);
    const results = core.run(work(image, weight));
    const arrays = await core.read(results);
    results.forEach((tensor) => tensor.dispose());
    return arrays;
  };
  const expected = await alone();
  const lent = core.stats().bytes.lent;
  const junk = () => core.tensor(new Float32Array(data.length).fill(-1), shape).dispose();

  const image = core.tensor(data, shape);
  const weight = core.tensor(data, shape);
  const runs = [1, 2, 3].map(() => core.runInParts(work(image, weight), { onProgress: junk }));
  using plan = await core.compile((r, [image]) => work(image, weight)(r), [image]);
  const replayed = plan.run([image]);
  runs.push(plan.runInParts([image], { onProgress: junk }) as unknown as typeof runs[0]);
  image.dispose();
  weight.dispose();
  plan.dispose();
  for (let round = 0; round < 8; round++) junk();
  core.trim();
  for (const run of [...runs, replayed]) {
    const results = await run;
    assertEquals(await core.read(results), expected);
    results.forEach((tensor) => tensor.dispose());
  }
  assertEquals(core.stats().bytes.lent, lent, "all is given back");
});

Deno.test("a page that doesn't compile fails its run and those that read it, and no other", async () => {
  const core = runtime();
  using image = core.tensor(counting(64), [8, 8]);
  const wrong = addPage("nonsense()", "wrong.wgsl");
  using good = core.run((r) => add(r, image));
  using bad = core.run((r) => add(r, image, wrong));
  using worse = core.run((r) => add(r, bad));
  using also = core.run((r) => add(r, image));
  const expected = counting(64).map((value) => value + 1);
  for (const tensor of [bad, worse]) await assertRejects(() => tensor.read(), DeviceError, "wrong.wgsl:4");
  assertEquals(await core.read([good, also]), [expected, expected]);
  await assertRejects(() => core.runInParts((r) => add(r, image, wrong)), DeviceError, "wrong.wgsl:4");
  await assertRejects(() => core.compile((r) => add(r, image, wrong), []), DeviceError, "wrong.wgsl:4");
  using last = core.run((r) => add(r, image));
  assertEquals(await last.read(), expected);
});

Deno.test("memory that the device hasn't got fails the run that asks for it, and isn't lent again", async () => {
  const core = runtime();
  using image = core.tensor(counting(40 * 24), [40, 24]);
  const original = device.device.createTexture;
  // More than any texture has: what a device that is out of memory answers is an error of the same kind.
  device.device.createTexture = (descriptor) => original.call(device.device, { ...descriptor, size: [1, 1, 1 << 20] });
  const bad = core.run((r) => add(r, image));
  device.device.createTexture = original;
  await assertRejects(() => bad.read(), DeviceError, "The run that begins with add");
  bad.dispose();
  using good = core.run((r) => add(r, image));
  assertEquals(await good.read(), counting(40 * 24).map((value) => value + 1));
});

Deno.test("a derived value whose run failed is made again", async () => {
  const core = runtime();
  using image = core.tensor(counting(40 * 28), [40, 28]);
  const work = (r: Recorder) => add(r, r.derived(image, "shifted", (source) => add(r, source)));
  using plan = await core.compile((r, [image]) => add(r, image), [image]);
  const original = device.device.createTexture;
  device.device.createTexture = (descriptor) => original.call(device.device, { ...descriptor, size: [1, 1, 1 << 20] });
  using bad = core.run(work);
  device.device.createTexture = original;
  await assertRejects(() => bad.read(), DeviceError);
  using good = core.run(work);
  using other = plan.run([image]);
  assertEquals(await core.read([good, other]), [2, 1].map((by) => counting(40 * 28).map((value) => value + by)));
});

Deno.test("a tensor of another engine, or a value of another recording, is refused where it is used", async () => {
  const [core, other] = [runtime(), runtime()];
  using foreign = other.tensor(counting(16), [4, 4]);
  using own = core.tensor(counting(16), [4, 4]);
  let kept: Value = own;
  using good = core.run((r) => kept = add(r, own));
  assertThrows(() => core.run((r) => add(r, foreign)), TypeError, "belongs to another engine");
  assertThrows(() => core.run((r) => add(r, kept)), TypeError, "must come from this recording");
  using plan = await core.compile((r, [image]) => add(r, image), [own]);
  assertThrows(() => plan.run([foreign]), TypeError, "belongs to another engine");
  await assertRejects(() => core.read([foreign]), TypeError, "belongs to another engine");
  assertEquals(await good.read(), counting(16).map((value) => value + 1));
});

Deno.test("pages of one name and one file, but with other text or libs, are different pipelines", async () => {
  const core = runtime();
  using image = core.tensor(counting(16), [4, 4]);
  const withLib = (text: string): Page => ({ ...addPage("more()"), libs: [{ file: "more.wgsl", text }] });
  const pages = [
    addPage("1.0"),
    addPage("5.0"),
    withLib("fn more() -> f32 { return 7.0; }"),
    withLib("fn more() -> f32 { return 9.0; }"),
  ];
  const results = pages.map((page) => core.run((r) => add(r, image, page)));
  const arrays = await core.read(results);
  assertEquals(arrays.map((array) => array[0]), [1, 5, 7, 9]);
  assertEquals(core.stats().pipelines, 4);
  assertEquals(core.pages.length, 4);
  core.run((r) => add(r, image, addPage("5.0"))).dispose();
  assertEquals(core.stats().pipelines, 4, "equal text is the same pipeline, whatever object the page is");
  results.forEach((tensor) => tensor.dispose());
});

Deno.test("what is asked of a closed engine is a DeviceError", async () => {
  const engine = await openEngine();
  const image = engine.tensor(counting(16), [4, 4]);
  const result = engine.run((r) => add(r, image));
  const plan = await engine.compile((r, [image]) => add(r, image), [image]);
  const reading = engine.read([result]);
  engine.close();
  await assertRejects(() => reading, DeviceError, "was closed");
  assertThrows(() => engine.run((r) => add(r, image)), DeviceError, "was closed");
  assertThrows(() => plan.run([image]), DeviceError, "was closed");
  assertThrows(() => engine.tensor(counting(4), [4]), DeviceError, "was closed");
  await assertRejects(() => engine.read([result]), DeviceError, "was closed");
  await assertRejects(() => engine.runInParts((r) => add(r, image)), DeviceError, "was closed");
  await assertRejects(() => engine.compile((r) => add(r, image), []), DeviceError, "was closed");
  for (const each of [image, result, plan]) each[Symbol.dispose]();
});

Deno.test("a device that is destroyed by others is a DeviceError, for what is under way too", async () => {
  const other = await openDevice();
  const core = new Runtime(other.device, other.facts, limits, { memoryBudget: 2 ** 28 });
  other.lost.then((error) => core.fail(error));
  using image = core.tensor(counting(16), [4, 4]);
  using result = core.run((r) => add(r, image));
  other.device.destroy();
  await assertRejects(() => core.read([result]), DeviceError);
  await other.lost;
  assertThrows(() => core.run((r) => add(r, image)), DeviceError, "lost");
  await assertRejects(() => core.read([result]), DeviceError, "lost");
});

Deno.test("waiting calls end with the reason of their signal", async () => {
  const core = runtime();
  using image = core.tensor(counting(16), [4, 4]);
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => core.read([image], { signal }), Error, "enough");
  await assertRejects(() => core.compile((r) => add(r, image), [], { signal }), Error, "enough");
  await assertRejects(() => core.runInParts((r) => add(r, image), { signal }), Error, "enough");
  const ending = new AbortController();
  const reading = core.read([image], { signal: ending.signal });
  ending.abort(new Error("later"));
  await assertRejects(() => reading, Error, "later");
  assert(image instanceof Tensor);
  assertEquals(await image.read(), counting(16));
});
