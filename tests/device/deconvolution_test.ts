/** Deconvolution of scikit-image's own test images, and how good the likeliest balance is beside its sampler's. */
import { assert } from "@std/assert";
import { readNpy } from "../npy.ts";
import { filters, openEngine } from "../../mod.ts";
import { missing, testData } from "../test_data.ts";

const folder = "expected/scikit-image";
const size = 512;

const load = async (name: string) =>
  Float64Array.from((await readNpy(testData(`${folder}/${name}.npy`))).data as Float32Array);

/** Peak signal-to-noise ratio in decibels, for values to 1. */
function psnr(image: ArrayLike<number>, clean: Float64Array): number {
  const squares = clean.reduce((sum, value, at) => sum + (value - image[at]) ** 2, 0);
  return -10 * Math.log10(squares / clean.length);
}

async function deconvolved(name: string, balance: number | "auto"): Promise<Float32Array> {
  await using engine = await openEngine();
  using image = engine.tensor(Float32Array.from(await load(`${name}_input`)), [1, size, size]);
  using psf = engine.tensor(new Float32Array(25).fill(1 / 25), [5, 5]);
  using result = engine.run((r) => filters.deconvolve(r, image, psf, { balance }));
  return await result.read() as Float32Array;
}

Deno.test({
  name: "deconvolve agrees with scikit-image's camera_wiener to 1e-4",
  ignore: missing(`${folder}/camera_wiener.npy`, `${folder}/camera_wiener_input.npy`),
  fn: async () => {
    const expected = await load("camera_wiener");
    const result = await deconvolved("camera_wiener", 0.05);
    const error = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - result[at])), 0);
    assert(error <= 1e-4, `error ${error}`);
  },
});

Deno.test({
  name: "deconvolve with the likeliest balance is at least as good as scikit-image's camera_unsup",
  ignore: missing(`${folder}/camera.npy`, `${folder}/camera_unsup.npy`, `${folder}/camera_unsup_input.npy`),
  fn: async () => {
    const clean = (await load("camera")).map((value) => value / 255);
    const reference = psnr(await load("camera_unsup"), clean);
    const ours = psnr(await deconvolved("camera_unsup", "auto"), clean);
    // The reference is one run of a sampler; others of its runs differ by 0.03 dB.
    assert(ours >= reference - 0.3, `${ours} dB beside ${reference} dB`);
  },
});
