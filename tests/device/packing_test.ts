/** Weights that the host packs, beside the pages that pack those of tensors. */
import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../engine/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";
import { nn, type Recorder, type Value } from "../../shaders/mod.ts";
import type { ConvolutionOptions } from "../../shaders/nn/convolution/convolution.ts";

const engine = await openEngine();

/** Results of work with weights of a shape as a tensor and as weights of a network, and how many dispatches the latter saved. */
async function both(shape: readonly number[], work: (r: Recorder, weights: Value) => Value) {
  const { data } = randomTensor(shape, { seed: 7 });
  const elements = Float32Array.from(data);
  using tensor = engine.tensor(elements, [elements.length]);
  using weights = engine.weights(elements, "f32");
  const dispatches = [engine.stats().dispatches];
  const results = [tensor, weights].map((one) => {
    const result = engine.run((r) => work(r, r.reshape(one, shape)));
    dispatches.push(engine.stats().dispatches);
    return result;
  });
  const [byPage, byHost] = await engine.read(results) as Float32Array[];
  results.forEach((result) => result.dispose());
  return { byPage, byHost, saved: 2 * dispatches[1] - dispatches[0] - dispatches[2] };
}

const convolutions: [x: number[], weights: number[], options?: Partial<ConvolutionOptions>, isWinograd?: true][] = [
  [[1, 5, 9, 7], [6, 5, 1, 1]],
  [[1, 17, 8, 8], [33, 17, 3, 3], { strides: [2, 2] }],
  [[2, 16, 12, 12], [70, 16, 1, 1]],
  [[1, 9, 11, 6], [5, 9, 3, 2]],
  [[1, 35, 18, 20], [38, 35, 3, 3], { padsBegin: [1, 1], padsEnd: [1, 1] }, true],
  [[1, 19, 9, 8], [134, 19, 3, 3], { padsBegin: [1, 1], padsEnd: [1, 1] }, true],
  [[1, 12, 8, 9, 8], [10, 12, 3, 3, 3], { padsBegin: [1, 1, 1], padsEnd: [1, 1, 1] }, true],
  [[1, 6, 4, 4], [6, 3, 2, 2], { groups: 2 }],
];

Deno.test("convolutions give the same with weights that the host packed", async (test) => {
  for (const [shape, weightShape, options = {}, isWinograd] of convolutions) {
    await test.step(`${shape} by ${weightShape}`, async () => {
      using x = engine.tensor(Float32Array.from(randomTensor(shape).data), shape);
      const work = (r: Recorder, weights: Value) => r.apply(nn.convolution, [x, weights], options)[0];
      const { byPage, byHost } = await both(weightShape, work);
      if (isWinograd) assertAlmostSame(byHost, byPage);
      else assertEquals(byHost, byPage);
    });
  }
});

/** Winograd's transform is rounded once on the host, and after each operation in the page. */
function assertAlmostSame(byHost: Float32Array, byPage: Float32Array): void {
  const scale = Math.max(...byPage.map(Math.abs));
  const error = Math.max(...byPage.map((value, i) => Math.abs(value - byHost[i])));
  assert(error <= 2e-6 * scale, `${error} of ${scale}`);
}

Deno.test("convolutions of doubled maps give the same with weights that the host packed", async () => {
  const maps = [{ doublings: 1, normalized: false }, { doublings: 0, normalized: false }];
  for (const [height, width] of [[5, 6], [20, 22]]) {
    using small = engine.tensor(Float32Array.from(randomTensor([1, 24, height, width]).data), [1, 24, height, width]);
    const shape = [1, 14, 2 * height, 2 * width];
    using large = engine.tensor(Float32Array.from(randomTensor(shape).data), shape);
    const { byPage, byHost } = await both([70, 38, 3, 3], (r, weights) => {
      return r.apply(nn.joinedConvolution, [small, large, weights], { padsBegin: [1, 1], padsEnd: [1, 1], maps })[0];
    });
    assertAlmostSame(byHost, byPage);
  }
});

Deno.test("transposed convolutions and products, too, and nothing is left for the device to pack", async () => {
  using x = engine.tensor(Float32Array.from(randomTensor([1, 8, 5, 6]).data), [1, 8, 5, 6]);
  const up = await both([8, 12, 2, 2], (r, weights) => {
    return r.apply(nn.convolutionTranspose, [x, weights], { strides: [2, 2] })[0];
  });
  assertEquals(up.byHost, up.byPage);
  const sides: [depth: number, columns: number][] = [[130, 200], [64, 128], [77, 36]];
  for (const [depth, columns] of sides) {
    using a = engine.tensor(Float32Array.from(randomTensor([40, depth]).data), [40, depth]);
    for (const transposeB of [false, true]) {
      const shape = transposeB ? [columns, depth] : [depth, columns];
      const product = await both(shape, (r, b) => r.apply(nn.gemm, [a, b], { transposeB })[0]);
      assertEquals(product.byHost, product.byPage, `${depth} x ${columns}, transposed: ${transposeB}`);
    }
  }
  using wide = engine.tensor(Float32Array.from(randomTensor([1, 16, 12, 12]).data), [1, 16, 12, 12]);
  const { saved } = await both([70, 16, 1, 1], (r, weights) => r.apply(nn.convolution, [wide, weights], {})[0]);
  assertEquals(saved, 1);
});
