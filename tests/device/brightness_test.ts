/** A denoiser does not depend on the mean: f(x + c) = f(x) + c. Noise is estimated without what is constant. */
import { assert } from "@std/assert";
import { calibrate } from "../../engine/calibrate.ts";
import { openEngine } from "../../engine/mod.ts";
import { denoisers } from "../../plugins/denoise/denoisers.ts";
import { randomNumbers } from "../../shaders/cases.ts";
import { filters } from "../../shaders/mod.ts";

const engine = await openEngine();

/** Waves and an edge, with noise of 20. */
function noisyImage(shape: readonly number[], seed: number): Float32Array {
  const next = randomNumbers(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const [height, width] = shape.slice(-2);
  return Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width) % height];
    return 100 * Math.sin(x / 9) + (x + y > width ? 150 : 0) + 20 * normal();
  });
}

/** Options besides the defaults: what a filter can't be called without, or what keeps a volume small. */
function optionsOf(name: string, axes: number): Record<string, unknown> {
  if (name === "gaussian") return { sigmaPx: 1 };
  // The border `reflect` continues each axis by 32 pixels, which makes this small volume 40 times larger.
  return name === "gabor" && axes === 3 ? { border: "wrap" } : {};
}

/** The first two values of each option, which is enough to choose from. */
function few(grid: Readonly<Record<string, readonly number[]>>): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(grid).map(([name, values]) => [name, values.slice(0, 2)]));
}

for (const [name, { filter, grid, presumed }] of Object.entries(denoisers)) {
  Deno.test(`${name} does not depend on the mean brightness, in 2-D and 3-D, calibrated or not`, async () => {
    for (const shape of [[1, 45, 50], [1, 9, 20, 22]]) {
      const pixels = noisyImage(shape, 7);
      const axes = shape.length - 1;
      const given = optionsOf(name, axes);
      const denoised = async (offset: number, calibrated: boolean) => {
        using image = engine.tensor(pixels.map((pixel) => pixel + offset), shape);
        const tried = few(grid(axes));
        const fixed = Object.entries({ ...given, ...presumed?.({}) }).filter(([option]) => !(option in tried));
        const choose = () => calibrate(engine, filter, image, { grid: tried, options: Object.fromEntries(fixed) });
        const options = calibrated ? (await choose()).options : given;
        using clean = engine.run((r) => filter(r, image, options));
        return await clean.read() as Float32Array;
      };
      for (const calibrated of [false, true]) {
        const plain = await denoised(0, calibrated);
        for (const offset of calibrated ? [axes === 2 ? 1000 : -1000] : [-1000, -7.3, 1000]) {
          const found = await denoised(offset, calibrated);
          const error = found.reduce((most, pixel, at) => Math.max(most, Math.abs(pixel - offset - plain[at])), 0);
          assert(error <= 0.05, `[${shape}], + ${offset}, calibrated ${calibrated}: off by ${error}`);
        }
      }
    }
  });
}

/** A square image in the middle of a larger one of one gray value. */
function padded(pixels: Float32Array, size: number, margin: number, gray: number): Float32Array {
  const side = size + 2 * margin;
  return Float32Array.from({ length: side * side }, (_, at) => {
    const [x, y] = [at % side - margin, Math.floor(at / side) - margin];
    return Math.min(x, y) >= 0 && Math.max(x, y) < size ? pixels[y * size + x] : gray;
  });
}

Deno.test("the noise of 8-bit steps, and of an image padded with -1,024, is that of the image", async () => {
  const estimate = async (values: Float32Array) => {
    const side = Math.sqrt(values.length);
    using image = engine.tensor(values, [1, side, side]);
    using sigma = engine.run((r) => filters.estimateSigma(r, image));
    return Number((await sigma.read())[0]);
  };
  for (const [size, margin] of [[128, 100], [256, 100]]) {
    const pixels = noisyImage([1, size, size], 8);
    const plain = await estimate(pixels);
    const steps = pixels.map(Math.round);
    const variants = {
      "8-bit steps": steps,
      "8-bit steps in units of 255": steps.map((pixel) => pixel / 255),
      "padded with -1,024": padded(pixels, size, margin, -1024),
      "padded with 0.3": padded(pixels, size, margin, 0.3),
      "8-bit steps, padded": padded(steps, size, margin, -1024),
    };
    for (const [name, values] of Object.entries(variants)) {
      const found = await estimate(values) * (name.endsWith("255") ? 255 : 1);
      assert(Math.abs(found - plain) <= 0.02 * plain, `${size} px, ${name}: ${found}, the image's is ${plain}`);
    }
  }
});

for (const wavelet of ["db2", "sym4", "bior4.4", "coif2"] as const) {
  Deno.test(`thresholds of ${wavelet} take no rounding of a padding for noise`, async () => {
    const size = 128, margin = 64, side = size + 2 * margin;
    const pixels = noisyImage([1, size, size], 9);
    const denoised = async (values: Float32Array, side: number) => {
      using image = engine.tensor(values, [1, side, side]);
      using clean = engine.run((r) => filters.wavelet(r, image, { wavelet, levels: 3, method: "VisuShrink" }));
      return await clean.read() as Float32Array;
    };
    const plain = await denoised(pixels, size);
    const found = await denoised(padded(pixels, size, margin, -1024), side);
    // What is taken away in the middle, far from the padding's edge.
    let ours = 0, theirs = 0;
    for (let y = size / 4; y < 3 * size / 4; y++) {
      for (let x = size / 4; x < 3 * size / 4; x++) {
        const pixel = pixels[y * size + x];
        theirs += (plain[y * size + x] - pixel) ** 2;
        ours += (found[(y + margin) * side + x + margin] - pixel) ** 2;
      }
    }
    const ratio = Math.sqrt(ours / theirs);
    assert(ratio > 0.9 && ratio < 1.15, `${ratio} of what is taken away without a padding`);
  });
}
