/** Calibration: the losses of its twins, the choice, one readback, and memory that doesn't grow with the grid. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { calibrate } from "../../engine/mod.ts";
import { openDevice } from "../../engine/device/mod.ts";
import { Runtime } from "../../engine/kernel/mod.ts";
import type { PipelineEngine } from "../../engine/pipeline/mod.ts";
import { filters, type HostTensor, type Operation } from "../../shaders/mod.ts";
import { randomNumbers, tensorOf } from "../../shaders/cases.ts";

const device = await openDevice();

function runtime(): Runtime {
  const { maxStorageBufferBindingSize, maxBufferSize } = device.info.limits;
  const limits = { maxBindingBytes: maxStorageBufferBindingSize, maxBufferBytes: maxBufferSize };
  return new Runtime(device.device, device.facts, limits, { memoryBudget: 2 ** 28, debug: true });
}

/** Smooth waves of a length in pixels with noise that is about normal. */
function noisy(shape: number[], wave: number, sigma: number): HostTensor {
  const next = randomNumbers(8);
  const normal = () => next() + next() + next() + next() - 2;
  const width = shape[shape.length - 1];
  return tensorOf(
    shape,
    (index) =>
      Math.sin((index % width) / wave) * Math.cos(Math.floor(index / width) / wave) + Math.sqrt(3) * sigma * normal(),
  );
}

const uploaded = (core: Runtime, { data, shape }: HostTensor) => core.tensor(Float32Array.from(data), shape);

/** The loss of one candidate by twins. */
function lossOf<O>(filter: Operation<O>, image: HostTensor, options: Partial<O>, slicewise = false): number {
  const [masked] = filters.maskPixels.twin([image], filters.maskPixels.options.parse({ slicewise }));
  const denoised = filter.twin([masked], filter.options.parse(options));
  const [{ data }] = filters.maskedError.twin([denoised[0], image], filters.maskedError.options.parse({ slicewise }));
  return data[0];
}

Deno.test("calibrate gives the losses of all combinations and the least one's options, in one readback", async () => {
  const core = runtime();
  const image = noisy([1, 61, 70], 6, 0.3);
  const found = await calibrate(core, filters.gaussian, uploaded(core, image), {
    grid: { sigmaPx: [0.5, 1, 2, 4], truncate: [2, 4] },
    options: { border: "mirror" },
  });
  assertEquals(found.grid.length, 8);
  assertEquals(found.grid[1], { sigmaPx: 0.5, truncate: 4 });
  for (const [index, candidate] of found.grid.entries()) {
    const expected = lossOf(filters.gaussian, image, { border: "mirror", ...candidate });
    assert(Math.abs(found.losses[index] / expected - 1) < 1e-5, `${JSON.stringify(candidate)}`);
  }
  assertEquals(found.options, { border: "mirror", ...found.grid[found.losses.indexOf(Math.min(...found.losses))] });
  assertEquals(core.stats().readbacks, 1);
});

Deno.test("calibrate smooths more where the image is smoother", async () => {
  const core = runtime();
  const choose = async (wave: number) => {
    using image = uploaded(core, noisy([1, 96, 96], wave, 0.3));
    return (await calibrate(core, filters.gaussian, image, { grid: { sigmaPx: [0.5, 1, 2, 4] } })).options.sigmaPx!;
  };
  assert(Number(await choose(2)) < Number(await choose(12)));
});

Deno.test("calibrate masks volumes in 3-D, or slice by slice as the filter takes them", async () => {
  const core = runtime();
  // As stages see it.
  const engine: Pick<PipelineEngine, "runInParts" | "read"> = core;
  const image = noisy([1, 9, 30, 34], 5, 0.2);
  for (const slicewise of [false, true]) {
    const found = await calibrate(engine, filters.median, uploaded(core, image), {
      grid: { radius: [1, 2] },
      options: { slicewise },
    });
    const expected = [1, 2].map((radius) => lossOf(filters.median, image, { radius, slicewise }, slicewise));
    found.losses.forEach((loss, index) => assert(Math.abs(loss / expected[index] - 1) < 1e-5));
  }
});

Deno.test("the candidates of a calibration take over each other's memory", async () => {
  const peak = async (sigmas: number[]) => {
    const core = runtime();
    using image = core.tensor(new Float32Array(512 * 512).fill(1), [1, 512, 512]);
    await calibrate(core, filters.gaussian, image, { grid: { sigmaPx: sigmas } });
    return core.stats().bytes.peak;
  };
  const [two, many] = [await peak([1, 1.1]), await peak([1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7])];
  assert(many < two + 2 ** 16, `${many} bytes instead of ${two}`);
});

Deno.test("calibrate refuses an empty grid and an image without masked pixels", async () => {
  const core = runtime();
  using image = core.tensor(new Float32Array(4), [1, 2, 2]);
  await assertRejects(
    () => calibrate(core, filters.mean, image, { grid: { radius: [] } }),
    RangeError,
    "mean has no values of radius to try",
  );
  await assertRejects(
    () => calibrate(core, filters.mean, image, { grid: { radius: [1] } }),
    RangeError,
    "no pixel of it is masked",
  );
});
