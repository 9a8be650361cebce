/** Filters of large volumes: within a budget, in parts, with progress, and equal to their twins where these are asked. */
import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { filters, type HostTensor, type Operation } from "../../shaders/mod.ts";

await using probe = await openEngine();
const { adapter } = probe.info;
probe.close();

/** SwiftShader takes ten times as long. */
const shape = adapter === "swiftshader" ? [1, 64, 64, 64] : [1, 200, 512, 512];
const memoryBudget = 2 ** 30;

interface Work {
  // deno-lint-ignore no-explicit-any -- operations differ in their options
  readonly filter: Operation<any>;
  readonly options: Record<string, unknown>;
  /** How far a pixel's window reaches. */
  readonly reach: number;
}

const works: readonly Work[] = [
  { filter: filters.gaussian, options: { sigmaPx: 1.5 }, reach: 6 },
  { filter: filters.median, options: { radius: 1 }, reach: 1 },
  { filter: filters.bilateral, options: { radius: 2, sigmaColor: 0.1, sigmaSpacePx: 1.5 }, reach: 2 },
  { filter: filters.nlm, options: { patchRadius: 1, searchRadius: 2, sigma: 0.05, h: 0.05 }, reach: 3 },
];

/** First pixels of the blocks that are compared: two corners, the middle, and a place of no meaning. */
const [, depth, height, width] = shape;
const block = [4, 6, 9];
const places = [
  [0, 0, 0],
  [depth - block[0], height - block[1], width - block[2]],
  [depth / 2, height / 2, width / 2],
  [Math.floor(depth / 3) + 1, Math.floor(height / 5) + 2, Math.floor(width / 7) + 3],
];

/** Waves with noise of about 5 %, by a hash of the index. */
function volume(): Float32Array {
  const pixels = new Float32Array(depth * height * width);
  for (let at = 0; at < pixels.length; at++) {
    let mixed = Math.imul(at ^ (at >>> 16), 0x45d9f3b);
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
    const z = Math.floor(at / (height * width));
    pixels[at] = 0.5 + ((at + z * 7) % 37 < 18 ? 0.2 : -0.1) + ((mixed & 0xffff) / 65536 - 0.5) * 0.17;
  }
  return pixels;
}

/** The part of a volume from `first` (inclusive) to `last` (exclusive) along z, y and x. */
function partOf(pixels: Float32Array, first: readonly number[], last: readonly number[]): HostTensor {
  const size = last.map((end, axis) => end - first[axis]);
  const data = new Float64Array(size[0] * size[1] * size[2]);
  let to = 0;
  for (let z = first[0]; z < last[0]; z++) {
    for (let y = first[1]; y < last[1]; y++) {
      for (let x = first[2]; x < last[2]; x++) data[to++] = pixels[(z * height + y) * width + x];
    }
  }
  return { dtype: "f32", shape: [1, ...size], data };
}

Deno.test(`a volume of ${shape.join(" x ")} goes through the filters within 1 GiB, with progress`, async () => {
  const pixels = volume();
  await using engine = await openEngine({ memoryBudget });
  using image = engine.tensor(pixels, shape);
  for (const { filter, options, reach } of works) {
    const shares: number[] = [];
    const parts = { onProgress: (share: number) => shares.push(share) };
    const start = performance.now();
    using filtered = await engine.runInParts((r) => r.apply(filter, [image], options)[0], parts);
    const seconds = (performance.now() - start) / 1000;
    assertEquals(shares.at(-1), 1);
    assert(shares.length > 3 || seconds < 1, `${filter.name} told its progress ${shares.length} times in ${seconds} s`);
    assert(engine.stats().bytes.peak <= memoryBudget, `${filter.name} took ${engine.stats().bytes.peak} bytes`);
    const [values] = await engine.read([filtered]) as [Float32Array];
    for (const place of places) {
      const end = place.map((at, axis) => at + block[axis]);
      const first = place.map((at) => Math.max(0, at - reach));
      const last = end.map((at, axis) => Math.min(shape[axis + 1], at + reach));
      const [twin] = filter.twin([partOf(pixels, first, last)], filter.options.parse(options));
      const sizes = last.map((at, axis) => at - first[axis]);
      const found = partOf(values, place, end).data;
      found.forEach((value, index) => {
        const [z, y, x] = [
          Math.floor(index / (block[1] * block[2])),
          Math.floor(index / block[2]) % block[1],
          index % block[2],
        ]
          .map((at, axis) => at + place[axis] - first[axis]);
        const expected = twin.data[(z * sizes[1] + y) * sizes[2] + x];
        assert(
          Math.abs(value - expected) <= filter.bound,
          `${filter.name} at ${place}: ${value} instead of ${expected}`,
        );
      });
    }
  }
});
