import { assert, assertThrows } from "@std/assert";
import { filters, type HostTensor } from "../../../shaders/mod.ts";
import { filledTensor, randomNumbers, randomTensor, tensorOf } from "../../../shaders/cases.ts";
import type { AnisotropicOptions } from "../../../shaders/filters/mod.ts";

const image = randomTensor([1, 24, 31], { seed: 2 });
const volume = randomTensor([1, 7, 12, 13], { seed: 3 });

function twin(input: HostTensor, options: Partial<AnisotropicOptions>): Float64Array {
  return filters.anisotropic.twin([input], filters.anisotropic.options.parse({ sigma: 0.1, ...options }))[0].data;
}

const outputs = (input: HostTensor, options: Partial<AnisotropicOptions>) =>
  filters.anisotropic.outputs([input], filters.anisotropic.options.parse(options));

Deno.test("anisotropic refuses a time step above the stable one and names both", () => {
  const refused = (input: HostTensor, options: Partial<AnisotropicOptions>, message: string) =>
    assertThrows(() => outputs(input, { kappa: 1, ...options }), RangeError, message);
  refused(image, { dt: 0.26 }, "dt is 0.26, but peronaMalik with spacing [1, 1] is stable up to 0.25");
  refused(volume, { dt: 0.2 }, "dt is 0.2, but peronaMalik with spacing [1, 1, 1] is stable up to 0.166667");
  refused(
    image,
    { dt: 0.2, equation: "curvature" },
    "dt is 0.2, but curvature with spacing [1, 1] is stable up to 0.125",
  );
  refused(volume, { dt: 0.07, equation: "curvature" }, "stable up to 0.0680414");
  refused(volume, { dt: 0.2, spacing: [2.5, 1, 0.8] }, "stable up to 0.183655");
  outputs(volume, { kappa: 1, dt: 0.166667 });
  outputs(volume, { kappa: 1, dt: 0.25, slicewise: true });
});

Deno.test("anisotropic keeps every pixel within the range of its neighbors at the greatest stable step", () => {
  for (const equation of ["peronaMalik", "curvature"] as const) {
    for (const [input, spacing] of [[image, [1, 1]], [image, [0.5, 3]], [volume, [2.5, 1, 0.8]]] as const) {
      const squares = spacing.reduce((sum, h) => sum + 2 / h ** 2, 0);
      const dt = 1 /
        (equation === "curvature" ? Math.sqrt(squares) * spacing.reduce((sum, h) => sum + 2 / h, 0) : squares);
      for (const kappa of [0.1, 100]) {
        const result = twin(input, { equation, kappa, dt, spacing, steps: 30 });
        const [least, greatest] = [Math.min(...input.data), Math.max(...input.data)];
        assert(result.every((value) => value >= least - 1e-12 && value <= greatest + 1e-12), `${equation}, ${kappa}`);
      }
    }
  }
});

Deno.test("peronaMalik keeps the mean, and curvature leaves straight edges where they are", () => {
  const mean = (data: Float64Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
  const smooth = twin(volume, { kappa: 0.4, steps: 20, spacing: [2.5, 1, 0.8] });
  assert(Math.abs(mean(smooth) - mean(volume.data)) < 1e-12);
  const ramp = { ...image, data: image.data.map((_, index) => (index % 31) / 31) };
  const kept = twin(ramp, { equation: "curvature", kappa: 1, steps: 1 });
  // Inside, where the gradient has one length.
  assert(kept.every((value, index) => index % 31 < 2 || index % 31 > 28 || Math.abs(value - ramp.data[index]) < 1e-12));
});

Deno.test("with uniform spacing, a strength means the same in any unit", () => {
  for (const equation of ["peronaMalik", "curvature"] as const) {
    const [pixels, millimeters] = [twin(image, { equation }), twin(image, { equation, spacing: [0.25, 0.25] })];
    assert(pixels.every((value, index) => Math.abs(value - millimeters[index]) < 1e-12));
  }
});

Deno.test("steps that stop at the noise level come within 1 dB of the best number of them", () => {
  const next = randomNumbers(4);
  const clean = tensorOf([1, 48, 60], (index) => Math.floor((index % 60) / 14) % 2 + Math.sin(index / 400));
  const noisy = tensorOf(clean.shape, (index) => {
    const normal = Math.sqrt(3) * (next() + next() + next() + next() - 2);
    return clean.data[index] + 0.15 * normal;
  });
  const psnr = (data: Float64Array) => 10 * Math.log10(data.length / distance(data, clean.data));
  const distance = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, at) => sum + (value - b[at]) ** 2, 0);
  for (const [equation, strength] of [["peronaMalik", 1.5], ["curvature", 3]] as const) {
    const denoise = (steps: number | "auto") => psnr(twin(noisy, { equation, strength, sigma: 0.15, steps }));
    const best = Math.max(...[1, 2, 4, 6, 8, 12, 16, 32].map(denoise));
    const stopped = denoise("auto");
    assert(best > psnr(noisy.data) + 4 && stopped > best - 1, `${equation}: ${stopped} dB instead of ${best}`);
  }
});

Deno.test("anisotropic takes kappa or strength, and says which options don't fit", () => {
  const parse = (options: Partial<AnisotropicOptions>) => filters.anisotropic.options.parse(options);
  assertThrows(() => parse({ kappa: 1, strength: 2 }), RangeError, "either kappa or strength");
  assertThrows(() => parse({ kappa: -1 }), RangeError, "kappa is -1");
  assertThrows(() => parse({ steps: 1001 }), RangeError, "steps is 1001");
  assertThrows(() => parse({ conductance: "tukey" as never }), RangeError, "conductance");
  assertThrows(() => outputs(image, { kappa: 1, spacing: [1, 1, 1] }), RangeError, "spacing has 3 numbers");
  assertThrows(
    () => filters.anisotropic.outputs([image, filledTensor([2], 1)], parse({})),
    RangeError,
    "anisotropic takes sigma as f32 [1]",
  );
});

Deno.test("masks have as many grids as their stride allows", () => {
  const { options, outputs } = filters.maskPixels;
  outputs([image], options.parse({ stride: 3, offset: 8 }));
  assertThrows(
    () => outputs([image], options.parse({ stride: 3, offset: 9 })),
    RangeError,
    "maskPixels got offset 9, but 2 axes with stride 3 have 9 grids: take 0 to 8",
  );
});
