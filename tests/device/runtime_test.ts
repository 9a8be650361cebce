import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { MemoryError } from "../../engine/errors.ts";
import { Runtime, type RuntimeOptions } from "../../engine/kernel/mod.ts";
import { type Binding, definePage, type Layout, type Recorder, type Value } from "../../shaders/contract.ts";

const device = await openDevice();
const { maxBufferSize, maxStorageBufferBindingSize } = device.info.limits;

function runtime(
  options: Partial<RuntimeOptions> & { maxBindingBytes?: number; maxBufferBytes?: number; maxTextureSize?: number } =
    {},
): Runtime {
  const facts = { ...device.facts, maxTextureSize: options.maxTextureSize ?? device.facts.maxTextureSize };
  const maxBindingBytes = options.maxBindingBytes ?? maxStorageBufferBindingSize;
  const limits = { maxBindingBytes, maxBufferBytes: options.maxBufferBytes ?? maxBufferSize };
  return new Runtime(device.device, facts, limits, { memoryBudget: 2 ** 28, ...options });
}

function bindings(layout: Layout): Binding[] {
  return [{ name: "image", access: "read", layout }, { name: "result", access: "write", layout }];
}

// result = image of the layer before (at the first layer: itself) + by, layer by layer, so that slabs need a halo of 1.
const shift = (layout: Layout) =>
  definePage({
    name: "shift",
    file: "shift.wgsl",
    text: `struct Params { by: f32 }
      @compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
        let at = vec3i(id) + vec3i(0, 0, slab_begin());
        if (any(at >= vec3i(size_result().xy, slab_end()))) { return; }
        store_result(at.x, at.y, at.z, load_image(at.x, at.y, max(at.z - 1, 0)) + params.by);
      }`,
    bindings: bindings(layout),
  });

function addShift(r: Recorder, image: Value, layout: Layout, layers: number): Value {
  const result = r.temporary(image);
  const groups = (count: number) => [8, 8, count] as [number, number, number];
  const call = { params: { by: 1 }, groups: groups(layers), iterations: 0, slab: { layers, halo: 1, groups } };
  r.dispatch(shift(layout), { ...call, bind: { image, result } });
  return result;
}

const counting = (length: number) => Float32Array.from({ length }, (_, index) => index);

Deno.test("a run gives the same in textures, in buffers, and in slabs of buffers", async () => {
  const shape = [3, 5, 6, 7];
  const data = counting(630);
  const read = async (runtime: Runtime, layout: Layout, layers: number) => {
    using image = runtime.tensor(data, shape);
    using result = runtime.run((r) => addShift(r, image, layout, layers));
    return await result.read();
  };
  const expected = data.map((_, index) => Math.max(index - 42, index % 42) + 1);
  assertEquals(await read(runtime(), "rows4", 15), expected);
  assertEquals(await read(runtime({ maxTextureSize: 0 }), "rows4", 15), expected);
  const inSlabs = runtime({ maxTextureSize: 0, maxBindingBytes: 192 * 12 });
  assertEquals(await read(inSlabs, "rows4", 15), expected);
  assert(inSlabs.stats().dispatches > 3, "more dispatches than conversions and one pass");
});

Deno.test("a run in parts gives the same, tells its progress, and can be ended", async () => {
  const core = runtime({ memoryBudget: 2 ** 28 });
  const shape = [3, 700, 2, 7];
  using image = core.tensor(counting(3 * 700 * 14), shape);
  const work = (r: Recorder) => addShift(r, addShift(r, image, "rows4", 2100), "rows4", 2100);
  const shares: number[] = [];
  const before = core.stats().submits;
  using atOnce = core.run(work);
  using parts = await core.runInParts(work, { onProgress: (share) => shares.push(share) });
  const [expected, found] = await core.read([atOnce, parts]);
  assertEquals(found, expected);
  assert(core.stats().submits - before > 3, "several parts");
  assert(shares.every((share, index) => share > (shares[index - 1] ?? 0)), `${shares} grows`);
  assertEquals(shares.at(-1), 1);

  const lent = core.stats().bytes.lent;
  const ending = new AbortController();
  const ended = core.runInParts(work, { signal: ending.signal, onProgress: () => ending.abort(new Error("enough")) });
  await assertRejects(() => ended, Error, "enough");
  assertEquals(core.stats().bytes.lent, lent, "what the run held is given back");
});

/** Copies an image texel by texel in a layout. */
function sameIn(r: Recorder, image: Value, layout: "rows4" | "channels4"): Value {
  const page = definePage({
    name: "same",
    file: "same.wgsl",
    text: `@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      let at = vec3i(id);
      if (any(at >= size_result())) { return; }
      store_result(at.x, at.y, at.z, load_image(at.x, at.y, at.z));
    }`,
    bindings: bindings(layout),
  });
  const result = r.temporary(image);
  r.dispatch(page, { bind: { image, result }, groups: [1, 8, 32], iterations: 0 });
  return result;
}

Deno.test("every layout takes a tensor there and back", async () => {
  const core = runtime();
  for (const shape of [[1], [7], [3, 5], [2, 3, 4], [2, 5, 3, 6], [1, 4, 2, 8], [2, 5, 2, 3, 7]]) {
    const count = shape.reduce((a, b) => a * b);
    using tensor = core.tensor(counting(count), shape);
    for (const way of [["rows4"], ["channels4"], ["channels4", "rows4"], ["rows4", "channels4"]] as const) {
      using result = core.run((r) => way.reduce<Value>((value, layout) => sameIn(r, value, layout), tensor));
      assertEquals(await result.read(), counting(count));
    }
  }
});

Deno.test("what a run returns belongs to the caller, also where it is an input or the same value twice", async () => {
  const core = runtime();
  using image = core.tensor(counting(12), [3, 4]);
  const { same, twice, other, flat } = core.run((r) => {
    const other = addShift(r, image, "rows4", 1);
    return { same: image, twice: other, other, flat: r.reshape(image, [12]) };
  });
  image.dispose();
  const arrays = await core.read([same, twice, other, flat]);
  assertEquals(arrays[0], counting(12));
  assertEquals(arrays[1], arrays[2]);
  assertEquals(arrays[3], counting(12));
  for (const tensor of [same, twice, other, flat]) tensor.dispose();
  assertEquals(core.stats().bytes.lent, 0);
  assertThrows(() => core.run(() => image), TypeError, "after it was disposed");
});

Deno.test("tensors without elements take part in everything", async () => {
  const core = runtime();
  using empty = core.tensor(new Float32Array(), [0, 4]);
  using result = core.run((r) => addShift(r, empty, "rows4", 1));
  assertEquals(result.shape, [0, 4]);
  assertEquals(await core.read([result, empty]), [new Float32Array(), new Float32Array()]);
});

Deno.test("a derived value is computed once for a tensor and disposed with it", () => {
  const core = runtime();
  const image = core.tensor(counting(12), [3, 4]);
  let made = 0;
  const work = (r: Recorder) =>
    r.derived(image, "shifted", (source) => {
      made++;
      return addShift(r, source, "rows4", 1);
    });
  core.run((r) => [work(r), work(r)]).forEach((tensor) => tensor.dispose());
  core.run(work).dispose();
  assertEquals(made, 1);
  assert(core.stats().bytes.lent > 0);
  image.dispose();
  assertEquals(core.stats().bytes.lent, 0);
});

Deno.test("a run beyond the budget is refused before anything is allocated", () => {
  const core = runtime({ memoryBudget: 3000 });
  using image = core.tensor(counting(256), [16, 16]);
  const before = core.stats();
  assertThrows(
    () => core.run((r) => [addShift(r, image, "rows4", 1), addShift(r, image, "rows4", 1)]),
    MemoryError,
    "raise memoryBudget",
  );
  assertEquals(core.stats(), before);
});

Deno.test("a buffer beyond the adapter's largest is refused, as a tensor, in a run and as a readback", async () => {
  const core = runtime({ maxBufferBytes: 2048, maxTextureSize: 0 });
  assertThrows(() => core.tensor(counting(1024), [1024]), MemoryError, "largest is 0.00 MiB");
  using image = core.tensor(counting(510), [5, 102]);
  assertThrows(() => core.run((r) => addShift(r, image, "rows4", 1)), MemoryError, "needs a buffer of");
  await assertRejects(() => core.read([image, image]), MemoryError, "one by one");
});

Deno.test("a dispatch above the loop bound is refused", () => {
  const core = runtime();
  using image = core.tensor(counting(12), [3, 4]);
  const dispatch = (iterations: number) => (r: Recorder) => {
    const result = r.temporary(image);
    r.dispatch(shift("rows4"), { bind: { image, result }, params: { by: 1 }, groups: [1, 1, 1], iterations });
    return result;
  };
  core.run(dispatch(60_000)).dispose();
  assertThrows(() => core.run(dispatch(60_001)), RangeError, "60001 loop iterations");
});

Deno.test("an error of a page names its file and line", async () => {
  const core = runtime();
  using image = core.tensor(counting(12), [3, 4]);
  const page = definePage({
    name: "wrong",
    file: "wrong.wgsl",
    text: "@compute @workgroup_size(1)\nfn main() {\n  let x: i32 = 1.5;\n}",
    bindings: bindings("rows4"),
  });
  const result = core.run((r) => {
    const result = r.temporary(image);
    r.dispatch(page, { bind: { image, result }, groups: [1, 1, 1], iterations: 0 });
    return result;
  });
  await assertRejects(() => core.read([result]), Error, "wrong.wgsl:3");
});

Deno.test("time tells how long the device was at it", async () => {
  const core = runtime();
  using image = core.tensor(counting(1 << 16), [256, 256]);
  const times = (repeat: number) => (r: Recorder) => {
    let value: Value = image;
    for (let i = 0; i < repeat; i++) value = addShift(r, value, "rows4", 1);
    return value;
  };
  // The shortest of three, as the machine may do other things.
  const shortest = async (work: (r: Recorder) => Value) =>
    Math.min(await core.time(work), await core.time(work), await core.time(work));
  assert(await shortest(times(200)) > 10 * await shortest(times(1)), "two hundred passes take longer than one");
  const repeated = (repeat: number) => (r: Recorder) => {
    for (let i = 1; i < repeat; i++) times(20)(r);
    return times(20)(r);
  };
  const [once, often] = [await shortest(repeated(1)), await shortest(repeated(20))];
  assert(often > 5 * once, `work whose result nobody asks for is timed as well: ${often} and ${once} ms`);
});
