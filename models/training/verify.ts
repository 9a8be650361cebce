/**
 * Runs an exported model with onnxruntime and compares the answer with torch's, both from `export.py --check FOLDER`.
 *
 *     deno run --allow-read --allow-env --allow-ffi models/training/verify.ts MODEL.onnx FOLDER
 */
import { env, InferenceSession, Tensor } from "onnxruntime-web";

const BOUND = 1e-5;

interface Values {
  shape: number[];
  values: Float32Array;
}

function readNpy(path: string): Values {
  const bytes = Deno.readFileSync(path);
  const start = 10 + bytes[8] + 256 * bytes[9];
  const header = new TextDecoder().decode(bytes.subarray(10, start));
  const shape = /'shape': \(([^)]*)\)/.exec(header);
  if (!header.includes("'<f4'") || !shape) throw new Error(`${path}: not an array of float32: ${header}`);
  return {
    shape: shape[1].split(",").filter((text) => text.trim()).map(Number),
    values: new Float32Array(bytes.slice(start).buffer),
  };
}

const [model, folder] = Deno.args;
if (!folder) throw new Error("usage: verify.ts MODEL.onnx FOLDER");
const input = readNpy(`${folder}/input.npy`);
const expected = readNpy(`${folder}/expected.npy`);
env.wasm.numThreads = 1;
const session = await InferenceSession.create(Deno.readFileSync(model));
const answers = await session.run({ [session.inputNames[0]]: new Tensor("float32", input.values, input.shape) });
const answer = answers[session.outputNames[0]];
const values = answer.data as Float32Array;
if (String(answer.dims) !== String(expected.shape)) {
  throw new Error(`${model} gives [${answer.dims}], torch [${expected.shape}]`);
}
let difference = 0;
values.forEach((value, at) => difference = Math.max(difference, Math.abs(value - expected.values[at])));
console.log(`${model}: [${input.shape}] to [${answer.dims}], largest difference ${difference.toExponential(1)}`);
if (!(difference <= BOUND)) throw new Error(`above the bound of ${BOUND}`);
