/** What the conformance of the image operations doesn't show: long ways in a component, small parts of a result. */
import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { image as ops, nn, type Operation, type Recorder } from "../../shaders/mod.ts";
import { recordComponents } from "../../shaders/image/components/components.ts";
import { hostTensor, randomTensor } from "../../shaders/cases.ts";
import { spiral } from "../../shaders/image/components/components_cases.ts";

const engine = await openEngine();

Deno.test("components follow a line of half a million pixels", async () => {
  const mask = spiral(1001);
  const pixels = mask.data.reduce((sum, value) => sum + value, 0);
  assert(pixels > 500_000, `the spiral has ${pixels} pixels`);
  using tensor = engine.tensor(Float32Array.from(mask.data), mask.shape);
  using labels = engine.run((r) => ops.components(r, tensor, { connectivity: 1 }));
  const found = await labels.read();
  assert(mask.data.every((value, i) => Number(found[i]) === value), "a pixel of the spiral has another label than 1");
});

/** The rounds of `components` with another bound. */
const short = (steps: number): Operation<Record<string, never>> => ({
  ...(ops.components as unknown as Operation<Record<string, never>>),
  name: `components of ${steps} steps`,
  record: (r, [mask]) => recordComponents(r, mask, 1, steps),
});

Deno.test("components say whether they were followed to their end", async () => {
  const mask = spiral(129);
  using tensor = engine.tensor(Float32Array.from(mask.data), mask.shape);
  for (const [steps, isFinished] of [[3, false], [7000, true]] as const) {
    const tensors = engine.run((r) => [...r.apply(short(steps), [tensor], {})]);
    const [labels, flags] = await engine.read(tensors);
    assertEquals(Number(flags.at(-1)) === 0, isFinished, `${steps} steps: ${flags}`);
    // Luck may finish what met its bound, but never the other way around.
    if (isFinished) assert(mask.data.every((value, i) => Number(labels[i]) === value), "a label is wrong");
    for (const tensor of tensors) tensor.dispose();
  }
});

Deno.test("each of the statistics is right by itself", async () => {
  // The harness measures the error beside the largest of the five, the count.
  const image = randomTensor([1, 150, 333], { seed: 60, min: -20, max: 100 });
  using tensor = engine.tensor(Float32Array.from(image.data), image.shape);
  for (const foreground of [undefined, 0.02, 0.7]) {
    using result = engine.run((r) => ops.statistics(r, tensor, { foreground }));
    const found = Array.from(await result.read(), Number);
    const [expected] = ops.statistics.twin([image], { foreground });
    expected.data.forEach((value, i) => {
      assert(Math.abs(found[i] - value) <= 1e-6 * Math.abs(value), `${i}: ${found[i]} instead of ${value}`);
    });
  }
});

Deno.test("fitting to another size and back keeps what both have", async () => {
  const image = randomTensor([1, 7, 10], { seed: 61 });
  using tensor = engine.tensor(Float32Array.from(image.data), image.shape);
  for (const size of [[8, 11], [12, 14], [7, 17]]) {
    using back = engine.run((r) => ops.fit(r, ops.fit(r, tensor, { size }), { size: [7, 10] }));
    assertEquals(Array.from(await back.read(), Number), Array.from(image.data));
  }
});

Deno.test("a patch that was cut out whole goes back where it was", async () => {
  const image = randomTensor([2, 20, 24], { seed: 62 });
  const box = hostTensor([3, 5, 11, 15], [1, 4]);
  using tensor = engine.tensor(Float32Array.from(image.data), image.shape);
  using boxes = engine.tensor(Float32Array.from(box.data), box.shape);
  using back = engine.run((r) => ops.paste(r, tensor, ops.crop(r, tensor, boxes, { size: [10, 8] }), boxes));
  assertEquals(Array.from(await back.read(), Number), Array.from(image.data));
});

Deno.test("labels of blended windows are the same where the maps are there in parts only", async () => {
  const [side, size] = [[4, 6, 5], [11, 9, 8]] as [[number, number, number], [number, number, number]];
  const starts = size.map((length, axis) => ops.windowStarts(length, side[axis], 0.5)) as [
    number[],
    number[],
    number[],
  ];
  const made: string[] = [];
  const make = (r: Recorder) => ([z, y, x]: readonly [number, number, number]) => {
    made.push([z, y, x].join());
    const window = randomTensor([1, 3, ...side], { seed: 100 * z + 10 * y + x, min: -1 });
    return r.constant(Float32Array.from(window.data), window.shape);
  };
  for (
    const settings of [
      { sizes: [23, 14, 19], dtype: "f32" },
      { sizes: [6, 9, 8], dtype: "f32", threshold: 0.1 },
      { sizes: [17, 9, 8], fitted: [9, 9, 8], dtype: "f32" },
      { sizes: [20, 9, 8], fitted: [14, 9, 8], dtype: "f32" },
    ] as const
  ) {
    using all = engine.run((r) => {
      const maps = ops.recordBlending(r, 3, side, { size, starts }, make(r));
      return r.apply(nn.resizeLabels, [maps], settings)[0];
    });
    const windows = made.splice(0).sort();
    for (const most of [1, 3, 5]) {
      using parted = engine.run((r) => {
        const maps = { dtype: "f32", shape: [1, 3, ...size] } as const;
        const parts = nn.labelParts(maps, settings, most);
        assert(parts.length > 1, `${parts.length} parts`);
        const { outputs: [labels], add } = nn.recordLabelParts(r, maps, settings);
        ops.recordBlendingOf(r, 3, side, { size, starts }, parts, make(r), (sum, at) => add(sum, parts[at]));
        return labels;
      });
      assertEquals(made.splice(0).sort(), windows, "each window is made once");
      const [expected, found] = await engine.read([all, parted]);
      assertEquals(found, expected);
      assert(new Set(found as Float32Array).size > 2);
    }
  }
});
