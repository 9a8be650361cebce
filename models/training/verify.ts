/**
 * Runs an exported model with onnxruntime and compares its answers with torch's, both from `export.py --check FOLDER`.
 *
 *     deno run --allow-read --allow-env --allow-ffi models/training/verify.ts MODEL.onnx FOLDER
 */
import { env, InferenceSession, Tensor } from "onnxruntime-web";
import { readNpy } from "../../tests/npy.ts";

// The weights of large files are f16, and f32 in torch.
const bound = 2e-3;

const [model, folder] = Deno.args;
if (!folder) throw new Error("usage: verify.ts MODEL.onnx FOLDER");
const read = (name: string) => readNpy(`${folder}/${name}.npy`);
const input = await read("input");
env.wasm.numThreads = 1;
const session = await InferenceSession.create(await Deno.readFile(model));
const answers = await session.run({
  [session.inputNames[0]]: new Tensor(
    "float32",
    Float32Array.from(input.data as Float32Array),
    input.shape as number[],
  ),
});
for (const [name, answer] of Object.entries(answers)) {
  const expected = await read(name);
  if (String(answer.dims) !== String(expected.shape)) {
    throw new Error(`${name} of ${model} is [${answer.dims}], torch's [${expected.shape}]`);
  }
  let [difference, scale] = [0, 1];
  for (const [at, value] of (answer.data as Float32Array).entries()) {
    difference = Math.max(difference, Math.abs(Number(value) - Number(expected.data[at])));
    scale = Math.max(scale, Math.abs(Number(expected.data[at])));
  }
  difference /= scale;
  console.log(`${model}: ${name} [${answer.dims}], largest difference ${difference.toExponential(1)}`);
  if (!(difference <= bound)) throw new Error(`${name} is above the bound of ${bound}`);
}
