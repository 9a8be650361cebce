/** Metrics of images that go through in several runs, slabs and long reductions. */
import { assert } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import { type HostTensor, metrics, type Operation } from "../../shaders/mod.ts";
import { randomTensor, tensorOf } from "../../shaders/cases.ts";

const device = await openDevice();

/** A runtime whose textures have few layers and whose bindings are small, so that large images' ways are gone. */
function runtime(maxTextureLayers: number, maxBindingBytes: number): Runtime {
  const limits = { maxBindingBytes, maxBufferBytes: device.info.limits.maxBufferSize };
  const facts = { ...device.facts, maxTextureLayers };
  return new Runtime(device.device, facts, limits, { memoryBudget: 2 ** 29, debug: true });
}

/** The relative error of a metric. */
async function errorOf(core: Runtime, operation: Operation<unknown>, inputs: HostTensor[], options = {}) {
  const tensors = inputs.map(({ data, shape }) => core.tensor(Float32Array.from(data), shape));
  const [result] = core.run((r) => r.apply(operation, tensors, options));
  const [[found]] = await core.read([result]) as Float32Array[];
  const [{ data: [expected] }] = operation.twin(inputs, operation.options.parse(options));
  for (const tensor of [...tensors, result]) tensor.dispose();
  return Math.abs(found / expected - 1);
}

function noisyVolume(shape: number[]): HostTensor[] {
  const clean = tensorOf(shape, (index) => 0.5 + 0.4 * Math.sin(index / 9) * Math.cos(index / 120));
  const noise = randomTensor(shape, { seed: 5, min: -0.1, max: 0.1 });
  return [clean, tensorOf(shape, (index) => clean.data[index] + noise.data[index])];
}

const scores = [
  [metrics.meanSquaredError, {}],
  [metrics.normalizedRootMse, { normalization: "minmax" }],
  [metrics.structuralSimilarity, {}],
  [metrics.structuralSimilarity, { window: "gaussian", sigma: 0.8 }],
  [metrics.structuralSimilarity, { slicewise: true }],
] as const;

for (
  const [name, layers, bytes] of [["textures of few layers", 60, 2 ** 27], ["buffers in slabs", 10, 60_000]] as const
) {
  Deno.test(`metrics of volumes go by runs of layers: ${name}`, async () => {
    const core = runtime(layers, bytes);
    const inputs = noisyVolume([2, 23, 15, 22]);
    for (const [operation, options] of scores) {
      const error = await errorOf(core, operation as Operation<unknown>, inputs, options);
      assert(error < 1e-5, `${operation.name} ${JSON.stringify(options)}: ${error}`);
    }
  });
}

Deno.test("metrics of five million pixels are right to 1e-5", async () => {
  const core = runtime(2048, 2 ** 27);
  const size = [1, 5, 1000, 1003];
  const [clean, other] = [3, 4].map((seed) => randomTensor(size, { seed, min: 100, max: 100.3 }));
  for (const [operation, options] of scores.slice(0, 2)) {
    const error = await errorOf(core, operation as Operation<unknown>, [clean, other], options);
    assert(error < 1e-5, `${operation.name}: ${error}`);
  }
});
