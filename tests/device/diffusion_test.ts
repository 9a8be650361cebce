/** Diffusion and masks of volumes in buffers of which only some layers can be bound: the same bytes as in textures. */
import { assertEquals } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import { filters, type Recorder, type Value } from "../../shaders/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";

const device = await openDevice();

function runtime(maxTextureLayers: number, maxBindingBytes: number): Runtime {
  const limits = { maxBindingBytes, maxBufferBytes: device.info.limits.maxBufferSize };
  const facts = { ...device.facts, maxTextureLayers };
  return new Runtime(device.device, facts, limits, { memoryBudget: 2 ** 28, debug: true });
}

const image = randomTensor([2, 14, 16, 18], { seed: 12 });

const works: Readonly<Record<string, (r: Recorder, image: Value) => Value>> = {
  peronaMalik: (r, image) => filters.anisotropic(r, image, { kappa: 0.3, steps: 3 }),
  curvature: (r, image) => filters.anisotropic(r, image, { equation: "curvature", kappa: 0.3, steps: 3 }),
  "until the noise is removed": (r, image) =>
    filters.anisotropic(r, image, { kappa: 0.3, sigma: 0.05, steps: "auto", maxSteps: 6 }),
  maskPixels: (r, image) => filters.maskPixels(r, image),
  maskedError: (r, image) => filters.maskedError(r, filters.maskPixels(r, image), image),
};

for (const [name, work] of Object.entries(works)) {
  Deno.test(`${name} of a volume that is bound in slabs`, async () => {
    const results = [];
    // A layer has 1,280 bytes: slabs of a few layers.
    for (const core of [runtime(2048, 2 ** 27), runtime(8, 9000)]) {
      const tensor = core.tensor(Float32Array.from(image.data), image.shape);
      results.push(await core.run((r) => work(r, tensor)).read());
    }
    assertEquals(results[1], results[0]);
  });
}
