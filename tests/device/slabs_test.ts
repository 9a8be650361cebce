/** Filters and copies of volumes in buffers that can be bound in parts only: the same bytes as with all at once. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { MemoryError } from "../../engine/errors.ts";
import { type Forms, Runtime } from "../../engine/kernel/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";
import { filters, image as ops, nn, type Recorder, type Value } from "../../shaders/mod.ts";
import { sizeOf } from "../../shaders/shape.ts";

const device = await openDevice();

/** A runtime without textures that binds at most so many bytes of a buffer. */
function inBuffers(maxBindingBytes: number, forms: Forms = {}): Runtime {
  const limits = { maxBindingBytes, maxBufferBytes: device.info.limits.maxBufferSize - 4 };
  const facts = { ...device.facts, maxTextureSize: 0 };
  return new Runtime(device.device, facts, limits, { memoryBudget: 2 ** 28, debug: true, forms });
}

const shape = [2, 19, 6, 22];
const layerBytes = 6 * 24 * 4;

type Filter = (r: Recorder, image: Value) => Value;

/** Filters with how many layers before and after its own a layer needs. */
const locals: Readonly<Record<string, { halo: number; run: Filter; forms?: Forms }>> = {
  "mean": { halo: 9, run: (r, image) => filters.mean(r, image, { radius: 2 }) },
  "mean, constant": {
    halo: 9,
    run: (r, image) => filters.mean(r, image, { radius: [2, 1, 0], border: "constant", cval: 0.3 }),
  },
  "mean, in blocks": {
    halo: 2,
    run: (r, image) => filters.mean(r, image, { radius: [2, 2, 4] }),
    forms: { mean: "blocks" },
  },
  "mean, in blocks larger than the volume": {
    halo: 14,
    run: (r, image) => filters.mean(r, image, { radius: [14, 0, 0], border: "nearest" }),
  },
  "gaussian": { halo: 11, run: (r, image) => filters.gaussian(r, image, { sigmaPx: 1 }) },
  "gaussian, mirror": { halo: 11, run: (r, image) => filters.gaussian(r, image, { sigmaPx: 1, border: "mirror" }) },
  "gaussian by slices": { halo: 0, run: (r, image) => filters.gaussian(r, image, { sigmaPx: 3, slicewise: true }) },
  "gaussian by slices, wrap": {
    halo: 0,
    run: (r, image) => filters.gaussian(r, image, { sigmaPx: 1, slicewise: true, border: "wrap" }),
  },
  "median": { halo: 1, run: (r, image) => filters.median(r, image, { radius: 1 }) },
  "median, radius 2": { halo: 2, run: (r, image) => filters.median(r, image, { radius: 2 }) },
  "median, one radius per axis": { halo: 2, run: (r, image) => filters.median(r, image, { radius: [2, 1, 0] }) },
  "median by slices": { halo: 0, run: (r, image) => filters.median(r, image, { radius: 2, slicewise: true }) },
  "bilateral": { halo: 2, run: (r, image) => filters.bilateral(r, image, { radius: 2, sigmaColor: 0.3 }) },
  "bilateral, large": {
    halo: 3,
    run: (r, image) => filters.bilateral(r, image, { radius: [3, 5, 5], sigmaColor: 0.3, window: "square" }),
  },
  "gabor, in a slanted direction": {
    halo: 9,
    run: (r, image) => filters.gabor(r, image, { frequency: 0.3, nStds: 2, direction: [1, 1, 2], sigmaPx: [1, 1.5] }),
  },
  "anisotropic": { halo: 1, run: (r, image) => filters.anisotropic(r, image, { kappa: 0.1, steps: 3 }) },
};

const bytes = (values: ArrayBufferView) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

for (const [name, { halo, run, forms }] of Object.entries(locals)) {
  Deno.test(`${name} gives the same bytes in runs of layers`, async () => {
    const data = Float32Array.from(randomTensor(shape, { seed: 41 }).data);
    const uncut = inBuffers(device.info.limits.maxStorageBufferBindingSize, forms);
    using image = uncut.tensor(data, shape);
    using expected = uncut.run((r) => run(r, image));
    const values = bytes((await expected.read()) as Float32Array);
    const before = uncut.stats().dispatches;
    uncut.run((r) => run(r, image)).dispose();
    const least = uncut.stats().dispatches - before;
    // Runs of one and of five layers with their halo; the latter leave a remainder and cross the channels' border.
    for (const count of [1, 5]) {
      const small = inBuffers((count + 2 * halo) * layerBytes + 256, forms);
      using part = small.tensor(data, shape);
      using result = small.run((r) => run(r, part));
      assertEquals(bytes((await result.read()) as Float32Array), values, `runs of ${count}`);
      const isCut = (count + 2 * halo) * layerBytes + 256 < sizeOf(shape.slice(0, 2)) * layerBytes;
      if (isCut) assert(small.stats().dispatches > least, `runs of ${count} take more dispatches`);
    }
  });
}

/** Copies of a tensor of 19 slices of 6 rows of 22, of which the device binds four slices. */
const moves: Readonly<Record<string, Filter>> = {
  "a window": (r, value) => r.apply(nn.slice, [value], { starts: [7, 1, 2], sizes: [9, 4, 17] })[0],
  "every other slice, backward": (r, value) =>
    r.apply(nn.slice, [value], { starts: [18, 5, 0], steps: [-2, -1, 3], sizes: [9, 6, 7] })[0],
  "rows as columns": (r, value) => r.apply(nn.transpose, [value], { permutation: [0, 2, 1] })[0],
  "columns as slices": (r, value) => r.apply(nn.transpose, [value], { permutation: [2, 1, 0] })[0],
  "each slice twice": (r, value) => r.apply(nn.expand, [r.reshape(value, [19, 1, 132])], { shape: [19, 2, 132] })[0],
  "a larger frame": (r, value) => ops.fit(r, value, { size: [26, 5, 29] }),
  "a part of each": (r, value) => ops.fit(r, value, { size: [3, 15] }),
};

for (const [name, run] of Object.entries(moves)) {
  Deno.test(`${name} of a tensor larger than a binding has the same bytes`, async () => {
    const size = [19, 6, 22];
    const data = Float32Array.from(randomTensor(size, { seed: 43 }).data);
    const uncut = inBuffers(device.info.limits.maxStorageBufferBindingSize);
    using whole = uncut.tensor(data, size);
    using expected = uncut.run((r) => run(r, whole));
    const small = inBuffers(4 * 6 * 22 * 4 + 256);
    using value = small.tensor(data, size);
    using result = small.run((r) => run(r, value));
    assertEquals(bytes((await result.read()) as Float32Array), bytes((await expected.read()) as Float32Array));
    assert(small.stats().dispatches > uncut.stats().dispatches);
  });
}

Deno.test("what needs all layers at once is refused beyond a binding, and says so", () => {
  const small = inBuffers(20 * layerBytes);
  using image = small.tensor(new Float32Array(sizeOf(shape)), shape);
  const refused: Filter[] = [
    (r, value) => filters.gaussian(r, value, { sigmaPx: 1, border: "wrap" }),
    (r, value) => filters.bilateral(r, value, { radius: 1, sigmaColor: 0.3, colorDistance: "euclidean" }),
  ];
  for (const run of refused) assertThrows(() => small.run((r) => run(r, image)), MemoryError, "must bind");
});
