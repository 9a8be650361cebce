/** Results that are stored by way of a buffer: the same bytes as stored into their textures at once. */
import { assert, assertEquals } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";
import { filters, nn, type Recorder, type Value } from "../../shaders/mod.ts";

const device = await openDevice();

/** A runtime that stores by way of a buffer from so many bytes on, and binds at most so many bytes of it. */
function runtime(stagedFrom: number, maxBindingBytes = 2 ** 27, memoryBudget = 2 ** 28): Runtime {
  const limits = { maxBindingBytes, maxBufferBytes: device.info.limits.maxBufferSize - 4 };
  return new Runtime(device.device, device.facts, limits, { memoryBudget, debug: true, stagedFrom });
}

/** Layers of 6 rows of 6 texels, which 16 texels hold: two of them and a dispatch's alignment fit in 4 KiB. */
const volume = [2, 19, 6, 22];
const layerBytes = 6 * 16 * 16;

const works: Readonly<Record<string, { shapes: number[][]; run: (r: Recorder, inputs: Value[]) => Value[] }>> = {
  "a filter": { shapes: [volume], run: (r, [image]) => [filters.gaussian(r, image, { sigmaPx: 1 })] },
  "filters in turn": {
    shapes: [volume],
    run: (r, [image]) => [filters.median(r, filters.mean(r, image, { radius: 2 }), { radius: 1 })],
  },
  "several outputs": { shapes: [[3, 33, 21]], run: (r, [image]) => r.apply(filters.dwt, [image], {}) },
  "several dispatches into one value": {
    shapes: [[1, 8, 5, 7], [1, 12, 5, 7]],
    run: (r, inputs) =>
      r.apply(nn.concat, inputs.map((input) => r.apply(nn.unary, [input], { op: "abs" })[0]), { axis: 1 }),
  },
};

Deno.test("rows of whole 4 KiB come back as they were written, and after a page", async () => {
  const image = randomTensor([2, 65, 1024], { seed: 9 });
  const uploads = runtime(0);
  const words = Float32Array.from(image.data);
  const tensor = uploads.tensor(words, image.shape);
  assertEquals(await tensor.read(), words);
  const result = uploads.run((r) => r.apply(nn.unary, [tensor], { op: "negative" })[0]);
  assertEquals(await result.read(), words.map((value) => -value));
  [tensor, result].forEach((made) => made.dispose());
});

Deno.test("stores by way of a buffer give the bytes of stores into textures", async () => {
  const direct = runtime(Infinity);
  const runtimes = {
    staged: runtime(0),
    "in runs of layers": runtime(0, 2 * layerBytes + 1024),
    "no room": runtime(0, 2 ** 27, 2 ** 19),
  };
  for (const [name, { shapes, run }] of Object.entries(works)) {
    const data = shapes.map((shape, index) => Float32Array.from(randomTensor(shape, { seed: index + 1 }).data));
    const bytesOf = async (runtime: Runtime, isInParts: boolean) => {
      const inputs = data.map((values, index) => runtime.tensor(values, shapes[index]));
      const work = (r: Recorder) => run(r, inputs);
      const outputs = isInParts ? await runtime.runInParts(work) : runtime.run(work);
      const arrays = await runtime.read(outputs);
      [...inputs, ...outputs].forEach((tensor) => tensor.dispose());
      return arrays;
    };
    const expected = await bytesOf(direct, false);
    for (const [how, staged] of Object.entries(runtimes)) {
      for (const isInParts of [false, true]) {
        assertEquals(await bytesOf(staged, isInParts), expected, `${name}, ${how}, in parts: ${isInParts}`);
      }
    }
  }
});

Deno.test("a small result goes by way of a buffer where a large one of the same page does, and so shares its pipeline", async () => {
  const shapes = { small: [1, 20, 60], large: [3, 40, 60], tiny: [1, 4, 4] };
  const count = async (names: readonly (keyof typeof shapes)[]) => {
    const staged = runtime(2 ** 14);
    const data = names.map((name, seed) => Float32Array.from(randomTensor(shapes[name], { seed }).data));
    const work = (on: Runtime) => {
      const inputs = data.map((values, index) => on.tensor(values, shapes[names[index]]));
      return on.read(on.run((r) => inputs.map((input) => filters.mean(r, input, { radius: 2 }))));
    };
    assertEquals(await work(staged), await work(runtime(Infinity)));
    return staged.stats().pipelines;
  };
  const alone = await count(["large"]);
  assertEquals(await count(["large", "small"]), alone);
  assert(await count(["large", "tiny"]) > alone);
});
