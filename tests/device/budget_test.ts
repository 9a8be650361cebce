/** Device memory that is short: what waits, what goes first, what is refused, and what is kept for reuse. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { DeviceError, MemoryError } from "../../engine/errors.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import type { Tensor } from "../../engine/mod.ts";
import { filters, type Recorder, type Value } from "../../shaders/mod.ts";
import { requestsOfRandomSizes, requestsOfService } from "../soak/requests.ts";

const device = await openDevice();
const { maxBufferSize, maxStorageBufferBindingSize } = device.info.limits;
const limits = { maxBindingBytes: maxStorageBufferBindingSize, maxBufferBytes: maxBufferSize };

/** Bytes of a test's image: 64 KiB. */
const imageBytes = 128 * 128 * 4;
const image = (gray: number) => new Float32Array(128 * 128).fill(gray);

function runtime(images: number, memoryKept?: number): Runtime {
  return new Runtime(device.device, device.facts, limits, { memoryBudget: images * imageBytes, memoryKept });
}

const upload = (core: Runtime, gray: number) => core.tensor(image(gray), [1, 128, 128]);
const median = (r: Recorder, value: Value) => filters.median(r, value, { radius: 1 });
/** One image more. */
const smooth = (core: Runtime, tensor: Tensor) => core.run((r) => median(r, tensor));
/** So many images more. */
const copies = (core: Runtime, tensor: Tensor, count: number) =>
  core.run((r) => Array.from({ length: count }, () => median(r, tensor)));
/** A result that lies on the device for sure; its image is disposed of. */
function smoothOf(core: Runtime, gray: number): Tensor {
  using tensor = upload(core, gray);
  return smooth(core, tensor);
}

/** Device memory is bounded, whatever asks at the same time. */
const within = (core: Runtime, images: number) => {
  const { lent, peak } = core.stats().bytes;
  assertEquals(lent, 0);
  assert(peak <= images * imageBytes, `${peak} bytes at peak`);
};

Deno.test("16 filters of 1,500 x 1,500 at once go through 64 MiB", async () => {
  const core = new Runtime(device.device, device.facts, limits, { memoryBudget: 64 * 2 ** 20 });
  const request = async (gray: number) => {
    using tensor = core.tensor(new Float32Array(1500 * 1500).fill(gray), [1, 1500, 1500]);
    using clean = smooth(core, tensor);
    return (await clean.read())[1_000_000];
  };
  const grays = Array.from({ length: 16 }, (_, index) => index / 16);
  assertEquals(await Promise.all(grays.map(request)), grays);
  const { lent, peak } = core.stats().bytes;
  assertEquals(lent, 0);
  assert(peak <= 64 * 2 ** 20);
});

Deno.test("requests that all upload before any of them runs find room, too", async () => {
  const core = runtime(8);
  const tensors = Array.from({ length: 12 }, (_, index) => upload(core, index));
  assert(core.stats().bytes.lent <= 4 * imageBytes, "uploads leave half of the budget to runs");
  const results = await Promise.all(tensors.map(async (tensor, index) => {
    await Promise.resolve();
    using clean = smooth(core, tensor);
    tensor.dispose();
    using twice = smooth(core, clean);
    return [index, (await twice.read())[500]];
  }));
  for (const [index, found] of results) assertEquals(found, index);
  within(core, 8);
});

Deno.test("a plan, its tables and a run in parts wait for their turn as well", async () => {
  const core = runtime(5);
  const request = async (index: number) => {
    using tensor = upload(core, index);
    if (index % 2 === 0) {
      using plan = await core.compile((r, [x]) => filters.gaussian(r, x, { sigmaPx: 1 }), [tensor]);
      using result = plan.run([tensor]);
      return (await result.read())[500];
    }
    using result = await core.runInParts((r) => filters.gaussian(r, tensor, { sigmaPx: 1 }));
    return (await result.read())[500];
  };
  const found = await Promise.all(Array.from({ length: 8 }, (_, index) => request(index)));
  found.forEach((value, index) => assert(Math.abs(Number(value) - index) < 1e-5, `${value} is ${index}`));
  within(core, 5);
});

Deno.test("where nothing runs, who fits goes first, as the others may wait for its owner", async () => {
  const core = runtime(5);
  using first = upload(core, 1);
  const second = smooth(core, first);
  const waiting = copies(core, first, 4);
  const third = smooth(core, second);
  assertEquals((await third.read())[500], 1);
  second.dispose();
  third.dispose();
  for (const array of await core.read(waiting)) assertEquals(array[500], 1);
  waiting.forEach((tensor) => tensor.dispose());
  first.dispose();
  within(core, 5);
});

Deno.test("what can never fit is refused at once, and what waits in vain after a while", async () => {
  const core = runtime(5);
  assertThrows(() => core.tensor(new Float32Array(6 * 128 * 128), [6, 128, 128]), MemoryError, "raise memoryBudget");
  const held = [1, 2, 3, 4].map((gray) => smoothOf(core, gray));
  assertThrows(() => core.run((r) => held.map((tensor) => median(r, tensor))), MemoryError, "raise memoryBudget");
  const late = copies(core, held[0], 2);
  const later = smooth(core, late[1]);
  await assertRejects(() => late[0].read(), MemoryError, "nothing is running that would free any");
  await assertRejects(() => later.read(), MemoryError, "nothing is running");
  held.pop()!.dispose();
  const now = smooth(core, held[0]);
  assertEquals((await now.read())[500], 1);
  [...held, ...late, later, now].forEach((tensor) => tensor.dispose());
  within(core, 5);
});

Deno.test("waiting ends with the signal, with what is not wanted any more, and with the engine", async () => {
  const core = runtime(4);
  const held = [1, 2, 3].map((gray) => smoothOf(core, gray));
  const ending = new AbortController();
  const work = (r: Recorder) => [median(r, held[0]), median(r, held[0])];
  const parts = core.runInParts(work, { signal: ending.signal });
  ending.abort(new Error("enough"));
  await assertRejects(() => parts, Error, "enough");
  copies(core, held[0], 2).forEach((tensor) => tensor.dispose());
  using next = smooth(core, held[2]);
  assertEquals((await next.read())[500], 3, "it doesn't wait behind what nobody wants");
  const waiting = copies(core, held[1], 2);
  const reading = core.read(waiting);
  core.fail(new DeviceError("The device was lost"));
  await assertRejects(() => reading, DeviceError, "lost");
  [...held, ...waiting, next].forEach((tensor) => tensor.dispose());
  assertEquals(core.stats().bytes.lent, 0);
});

Deno.test("requests to the README's service get their own answers and take the memory of those under way", async () => {
  const core = runtime(64);
  // A thirtieth of what the soak test does.
  await requestsOfService(core, 64);
  const { lent, peak } = core.stats().bytes;
  assertEquals(lent, 0);
  // Eight at a time, each with an image and a result of 64 x 64, and one table.
  assert(peak <= 8 * 3 * 64 * 64 * 4, `${peak} bytes at peak`);
});

Deno.test("the pool keeps no more than it may, the newest first, and nothing after a trim", async () => {
  const core = runtime(64, 6 * imageBytes);
  // A twentieth of what the soak test does.
  await requestsOfRandomSizes(core, 300, () => {
    assert(core.stats().bytes.kept <= 6 * imageBytes, `${core.stats().bytes.kept} bytes are kept`);
  });
  assert(core.stats().bytes.kept > 0);
  core.trim();
  assertEquals(core.stats().bytes.kept, 0);
});
