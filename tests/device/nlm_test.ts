import { assert } from "@std/assert";
import { openDevice } from "../../engine/device/mod.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";
import { filters } from "../../shaders/mod.ts";
import { hostArray, relativeError } from "../operations.ts";

Deno.test("non-local means of a volume beyond one binding goes by slabs, in each form", async () => {
  const { device, facts } = await openDevice();
  const volume = randomTensor([2, 17, 12, 30], { seed: 5 });
  const options = { patchRadius: 1, searchRadius: 2, sigma: 0.1, h: 0.3, patchWeights: "gauss" } as const;
  const [expected] = filters.nlm.twin([volume], filters.nlm.options.parse(options));
  for (const form of ["fast", "definition"]) {
    // Neither textures of so many layers nor buffers of more than some twelve.
    const runtime = new Runtime(
      device,
      { ...facts, maxTextureLayers: 1 },
      { maxBindingBytes: 2 ** 15, maxBufferBytes: 2 ** 28 },
      { memoryBudget: 2 ** 28, debug: true, forms: { nlm: form } },
    );
    using input = runtime.tensor(hostArray(volume), volume.shape);
    using result = runtime.run((r) => filters.nlm(r, input, options));
    const [values] = await runtime.read([result]);
    assert(relativeError(values, expected) <= filters.nlm.bound);
    assert(runtime.stats().dispatches > 8, "there are several slabs");
  }
});

Deno.test("non-local means takes all positions of a row at once as it takes them by chunks", async () => {
  const { device, facts } = await openDevice();
  const image = randomTensor([1, 27, 34], { seed: 6 });
  const limits = { maxBindingBytes: 2 ** 27, maxBufferBytes: 2 ** 28 };
  const forms = { nlm: "fast ROWS=8 POSITIONS=11" };
  const runtime = new Runtime(device, facts, limits, { memoryBudget: 2 ** 28, debug: true, forms });
  using input = runtime.tensor(hostArray(image), image.shape);
  for (const options of [{ searchRadius: 5 }, { searchRadius: [2, 4], searchWindow: "mirror" }] as const) {
    const all = { ...options, patchRadius: 2, sigma: 0.1, h: 0.3 } as const;
    const [expected] = filters.nlm.twin([image], filters.nlm.options.parse(all));
    using result = runtime.run((r) => filters.nlm(r, input, all));
    const [values] = await runtime.read([result]);
    assert(relativeError(values, expected) <= filters.nlm.bound);
  }
  const recorded = Object.keys(runtime.stats().forms);
  const wanted = facts.adapter === "lavapipe" ? forms.nlm : "nlm/fast";
  assert(recorded.every((form) => form.includes(wanted)), String(recorded));
});
