/** Weights as they are packed, element by element, against the definition in f64. */
import { assert, assertEquals } from "@std/assert";
import { type Engine, openEngine, type Tensor } from "../../engine/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";
import { nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { ConvolutionOptions } from "../../shaders/nn/convolution/convolution.ts";

const engine = await openEngine();
const hasLanes = engine.facts.subgroupSize >= 8;

const engines = new Map<string, Promise<Engine>>();

/** An engine that is forced to a form of convolutions. */
function engineWith(form: string): Promise<Engine> {
  const known = engines.get(form);
  if (known !== undefined) return known;
  const opened = openEngine({ forms: { convolution: form, joinedConvolution: form } });
  engines.set(form, opened);
  return opened;
}

/** An element of the weights in f64; zero beyond either count of channels. */
type Weights = (out: number, channel: number, tap: number) => number;

function weightsOf(
  elements: Float32Array,
  [outs, channels, ...kernel]: readonly number[],
  transposed = false,
): Weights {
  const taps = kernel.reduce((product, extent) => product * extent, 1);
  return (out, channel, tap) => {
    if (out >= outs || channel >= channels) return 0;
    return elements[(transposed ? channel * outs + out : out * channels + channel) * taps + tap];
  };
}

/** What weights of a network keep after work of a form with them. */
async function packedBy(
  elements: Float32Array,
  shape: readonly number[],
  form: string | undefined,
  work: (r: Recorder, weights: Value) => Value,
): Promise<Float32Array> {
  const on = form === undefined ? engine : await engineWith(form);
  using weights: Tensor = on.weights(elements, "f32");
  on.run((r) => work(r, r.reshape(weights, shape))).dispose();
  assertEquals(weights.derived.size, 1);
  return await [...weights.derived.values()][0].read() as Float32Array;
}

function convolutionOf(shape: readonly number[], options: Partial<ConvolutionOptions> = {}) {
  return (r: Recorder, weights: Value): Value => {
    const size = shape.reduce((product, extent) => product * extent, 1);
    return r.apply(nn.convolution, [r.constant(new Float32Array(size), shape), weights], options)[0];
  };
}

const ceil4 = (channels: number) => Math.ceil(channels / 4);

/** Shapes of weights: channels that end within texels, chunks and blocks, and one or two of them. */
const shapes: readonly (readonly [number, number, number, number])[] = [
  [1, 1, 1, 1],
  [6, 5, 1, 1],
  [33, 17, 3, 3],
  [70, 16, 1, 1],
  [5, 9, 3, 2],
];

Deno.test("general packs weights for texels of four output channels", async () => {
  for (const shape of shapes) {
    const [outs, channels, ...kernel] = shape;
    const elements = Float32Array.from(randomTensor(shape, { seed: 7 }).data);
    const weights = weightsOf(elements, shape);
    const packed = await packedBy(elements, shape, "general", convolutionOf([1, channels, 8, 7]));
    const taps = kernel[0] * kernel[1], rows = Math.ceil(ceil4(channels) / 2) * 2;
    assertEquals(packed.length, ceil4(outs) * rows * taps * 16);
    packed.forEach((value, at) => {
      const lane = at % 4, x = (at >> 2) % (taps * 4), y = (at / (taps * 16) | 0) % rows;
      const block = at / (taps * 16 * rows) | 0;
      assertEquals(value, weights(block * 4 + lane, y * 4 + x % 4, x >> 2), `${shape} at ${at}`);
    });
  }
});

Deno.test({
  name: "generalLanes packs weights in the order in which lanes load them",
  ignore: !hasLanes,
  fn: async () => {
    for (const shape of shapes) {
      const [outs, channels, ...kernel] = shape;
      const elements = Float32Array.from(randomTensor(shape, { seed: 7 }).data);
      const weights = weightsOf(elements, shape);
      const packed = await packedBy(elements, shape, "generalLanes", convolutionOf([1, channels, 8, 7]));
      const taps = kernel[0] * kernel[1], chunks = Math.ceil(channels / 8), last = ceil4(outs) - 1;
      const texels = ceil4(outs) >= 4 ? 4 : Math.min(ceil4(outs), 2);
      const width = chunks * 8 * texels;
      assertEquals(packed.length, Math.ceil(ceil4(outs) / texels) * taps * width * 4);
      packed.forEach((value, at) => {
        const x = (at >> 2) % width, tap = (at / (width * 4) | 0) % taps, layer = at / (width * 4 * taps) | 0;
        const block = Math.min(layer * texels + (x >> 3) % texels, last);
        const channel = Math.floor(x / (8 * texels)) * 8 + x % 8;
        assertEquals(value, weights(block * 4 + at % 4, channel, tap), `${shape} at ${at}`);
      });
    }
  },
});

/** The rows of G of F(4,3). */
const g = [[1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6], [
  1 / 24,
  -1 / 12,
  1 / 6,
], [0, 0, 1]];

/** What rounding may make of a point: three sums of three terms and their coefficients, each within 2^-24 of itself. */
const pointBound = 8 * 2 ** -24;

/** Asserts the points of all weights. Lanes are `few` blocks of output channels; where that is 0 blocks lie in fours. */
function assertPoints(packed: Float32Array, weights: Weights, of: {
  shape: readonly number[];
  few: number;
  slices: number;
  doubled?: readonly [number, number];
}): void {
  const { shape: [outs, channels], few, slices, doubled = [0, 0] } = of;
  const chunks = Math.ceil(channels / 8) * slices, across = few > 0 ? 8 * few : 4;
  const blocks = Math.ceil(ceil4(outs) / across) * across;
  assertEquals(packed.length, 36 * blocks * chunks * 32);
  const perPoint = packed.length / 36;
  for (let block = 0; block < blocks; block++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      for (let place = 0; place < 32; place++) {
        const lane = place & 3, out = block * 4 + lane, channel = Math.floor(chunk / slices) * 8 + (place >> 2);
        const isDoubled = channel >= doubled[0] && channel < doubled[1];
        const group = Math.floor(block / across);
        const x = few > 0 ? (place >> 2) * across + block % across : chunk * 32 + block % across * 8 + (place >> 2);
        const at = few > 0
          ? ((group * chunks + chunk) * 8 * across + x) * 4 + lane
          : (group * chunks * 32 + x) * 4 + lane;
        for (let point = 0; point < 36; point++) {
          const rows = [g[Math.floor(point / 6)], g[point % 6]];
          const factor = [Math.floor(point / 6), point % 6].reduce(
            (product, p) => product * (isDoubled ? p === 3 ? 3 : p === 4 ? -1 : 1 : 1),
            1,
          );
          let sum = 0, size = 0;
          for (let tap = 0; tap < 9; tap++) {
            const term = factor * rows[0][Math.floor(tap / 3)] * rows[1][tap % 3] *
              weights(out, channel, chunk % slices * 9 + tap);
            sum += term;
            size += Math.abs(term);
          }
          const value = packed[point * perPoint + at];
          assert(
            Math.abs(value - sum) <= pointBound * size,
            `point ${point} of ${out}, ${channel}: ${value} for ${sum}`,
          );
        }
      }
    }
  }
}

const padded = { padsBegin: [1, 1], padsEnd: [1, 1] };

Deno.test({
  name: "winograd packs G g G' of each slice, for many tiles, few tiles and taps along z",
  ignore: !hasLanes,
  fn: async () => {
    const cases: [x: number[], weights: number[], few: number, options: Partial<ConvolutionOptions>][] = [
      [[1, 1, 34, 30], [1, 1, 3, 3], 0, padded],
      [[1, 35, 34, 30], [38, 35, 3, 3], 0, padded],
      [[1, 19, 9, 8], [134, 19, 3, 3], 4, padded],
      [[1, 9, 9, 8], [70, 9, 3, 3], 2, padded],
      [[1, 12, 8, 9, 8], [10, 12, 3, 3, 3], 0, { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] }],
    ];
    for (const [x, shape, few, options] of cases) {
      const elements = Float32Array.from(randomTensor(shape, { seed: 7 }).data);
      const packed = await packedBy(elements, shape, "winograd", convolutionOf(x, options));
      assertPoints(packed, weightsOf(elements, shape), { shape, few, slices: shape.length === 5 ? 3 : 1 });
    }
  },
});

Deno.test({
  name: "winograd packs weights of doubled maps for their 16 points",
  ignore: !hasLanes,
  fn: async () => {
    const maps = [{ doublings: 1, normalized: false }, { doublings: 0, normalized: false }];
    const shape = [70, 38, 3, 3];
    const elements = Float32Array.from(randomTensor(shape, { seed: 7 }).data);
    const packed = await packedBy(elements, shape, "winograd", (r, weights) => {
      const small = r.constant(new Float32Array(24 * 400), [1, 24, 20, 20]);
      const large = r.constant(new Float32Array(14 * 1600), [1, 14, 40, 40]);
      return r.apply(nn.joinedConvolution, [small, large, weights], { ...padded, maps })[0];
    });
    assertPoints(packed, weightsOf(elements, shape), { shape, few: 0, slices: 1, doubled: [0, 24] });
  },
});

Deno.test("transposed convolutions pack weights by input channels", async () => {
  const shape = [8, 12, 2, 2];
  const elements = Float32Array.from(randomTensor(shape, { seed: 7 }).data);
  const packed = await packedBy(elements, shape, undefined, (r, weights) => {
    const x = r.constant(new Float32Array(8 * 30), [1, 8, 5, 6]);
    return r.apply(nn.convolutionTranspose, [x, weights], { strides: [2, 2] })[0];
  });
  const weights = weightsOf(elements, [12, 8, 2, 2], true);
  // Blocks of output channels beyond the last may repeat it.
  const wanted = new Set([0]);
  for (let out = 0; out < 12; out++) {
    for (let channel = 0; channel < 8; channel++) {
      for (let tap = 0; tap < 4; tap++) wanted.add(weights(out, channel, tap));
    }
  }
  assertEquals(new Set([...packed, 0].sort()), new Set([...wanted].sort()));
});

Deno.test("products give the same with columns that the host packed, and nothing is left for the device to pack", async () => {
  const sides: [depth: number, columns: number][] = [[130, 200], [64, 128], [77, 36]];
  for (const [depth, columns] of sides) {
    using a = engine.tensor(Float32Array.from(randomTensor([40, depth]).data), [40, depth]);
    const elements = Float32Array.from(randomTensor([depth, columns], { seed: 7 }).data);
    using tensor = engine.tensor(elements, [elements.length]);
    using other = engine.tensor(elements, [elements.length]);
    using weights = engine.weights(elements, "f32");
    for (const transposeB of [false, true]) {
      const shape = transposeB ? [columns, depth] : [depth, columns];
      const dispatches: number[] = [];
      // The first packs the left matrix for all.
      const results = [other, tensor, weights].map((one) => {
        const result = engine.run((r) => r.apply(nn.gemm, [a, r.reshape(one, shape)], { transposeB })[0]);
        dispatches.push(engine.stats().dispatches);
        return result;
      });
      const [, byPage, byHost] = await engine.read(results);
      results.forEach((result) => result.dispose());
      assertEquals(byHost, byPage, `${depth} x ${columns}, transposed: ${transposeB}`);
      const [first, second, third] = dispatches;
      const isPacked = 40 * depth * columns >= 2 ** 18;
      assertEquals(second - first - (third - second), isPacked ? 1 : 0, `${depth} x ${columns}: dispatches saved`);
    }
  }
});
