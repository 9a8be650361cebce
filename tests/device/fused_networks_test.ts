/** What passes make of networks beside the same without them and onnxruntime-web, where results are easily lost. */
import { assert, assertEquals } from "@std/assert";
import { GpuNet } from "../../engine/graph/gpu_net.ts";
import { loadModel, type Net, readModel } from "../../engine/graph/mod.ts";
import { openEngine } from "../../engine/mod.ts";
import { randomTensor } from "../../shaders/cases.ts";
import { buildModel, floats, type ModelText } from "../onnx_builder.ts";

const engine = await openEngine();
const none = { model: [], program: [] };

async function outputOf(net: Net, x: Float32Array, shape: readonly number[]): Promise<Float32Array> {
  using input = engine.tensor(x, shape);
  const { y } = await net.run({ x: input });
  using result = y;
  return await result.read() as Float32Array;
}

/** The results with passes, without, and of onnxruntime-web, for each input. */
async function all(text: ModelText, ...inputs: Float32Array[]): Promise<Float32Array[][]> {
  const bytes = buildModel(text);
  const shape = text.inputs.x as number[];
  using fused = new GpuNet(engine, readModel(bytes, "m"));
  using plain = new GpuNet(engine, readModel(bytes, "m"), none);
  using theirs = await loadModel(engine, bytes, { backend: "wasm" });
  const results: Float32Array[][] = [];
  for (const x of inputs) results.push(await Promise.all([fused, plain, theirs].map((net) => outputOf(net, x, shape))));
  return results;
}

const weight = (seed: number, shape: readonly number[]) =>
  floats(shape, randomTensor(shape, { seed, min: -0.5, max: 0.5 }).data);
const noise = (shape: readonly number[]) => Float32Array.from(randomTensor(shape, { seed: 9, min: -1 }).data);

function assertClose(ours: Float32Array, theirs: Float32Array, bound = 1e-5): void {
  assertEquals(ours.length, theirs.length);
  for (const [i, wanted] of theirs.entries()) {
    const same = Object.is(ours[i], wanted) || Math.abs(ours[i] - wanted) <= bound * Math.max(1, Math.abs(wanted));
    assert(same, `element ${i} is ${ours[i]}, not ${wanted}`);
  }
}

Deno.test("NaN and infinity go through fused networks as through plain ones and onnxruntime's", async () => {
  const text: ModelText = {
    inputs: { x: [1, 3, 9, 8] },
    outputs: ["y"],
    constants: {
      w: weight(1, [6, 3, 3, 3]),
      v: weight(2, [6, 6, 1, 1]),
      scale: floats([6], [1, 2, 0.5, 1, 1, 3]),
      shift: floats([6], [0, 1, 0, -1, 0.5, 0]),
      mean: floats([6], [0, 0.1, 0, 0.2, 0, 0]),
      variance: floats([6], [1, 2, 1, 0.5, 1, 1]),
    },
    nodes: [
      ["Conv", ["x", "w"], ["a"], { pads: [1, 1, 1, 1] }],
      ["BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["b"]],
      ["Sigmoid", ["b"], ["c"]],
      ["Mul", ["b", "c"], ["d"]],
      ["Conv", ["d", "v"], ["e"]],
      ["Add", ["e", "d"], ["f"]],
      ["LeakyRelu", ["f"], ["g"], { alpha: 0.1 }],
      ["Softmax", ["g"], ["y"], { axis: 1 }],
    ],
  };
  const values = [NaN, Infinity, -Infinity];
  const results = await all(text, ...values.map((broken) => noise([1, 3, 9, 8]).with(100, broken)));
  for (const [i, [fused, plain, theirs]] of results.entries()) {
    const broken = values[i];
    const isBroken = (values: Float32Array) => Array.from(values, (value) => Number.isNaN(value));
    assertEquals(isBroken(fused), isBroken(plain), `${broken}: fused and plain`);
    assert(isBroken(fused).includes(true) && isBroken(fused).includes(false));
    assertEquals(isBroken(fused), isBroken(theirs), `${broken}: ours and onnxruntime's`);
    assertClose(fused, theirs);
  }
});

Deno.test("transposed convolutions of a stated size split an odd rest as onnxruntime does", async () => {
  for (const auto_pad of ["NOTSET", "SAME_UPPER", "SAME_LOWER"]) {
    for (const size of [[9, 8], [10, 7]]) {
      const text: ModelText = {
        inputs: { x: [1, 2, 4, 4] },
        outputs: ["y"],
        constants: { w: weight(3, [2, 3, 3, 3]), b: floats([3], [1, -1, 0.5]) },
        nodes: [["ConvTranspose", ["x", "w", "b"], ["y"], { output_shape: size, strides: [3, 2], auto_pad }]],
      };
      const [[fused, , theirs]] = await all(text, noise([1, 2, 4, 4]));
      assertClose(fused, theirs);
    }
  }
});

Deno.test("a product without C, beta and all, takes the sum behind it once", async () => {
  const text: ModelText = {
    inputs: { x: [5, 7] },
    outputs: ["y"],
    constants: { w: weight(4, [7, 6]), b: floats([6], [1, 2, 3, 4, 5, 6]) },
    nodes: [
      ["Gemm", ["x", "w"], ["p"], { beta: { float: 0.5 }, alpha: { float: 2 } }],
      ["Add", ["p", "b"], ["q"]],
      ["Relu", ["q"], ["y"]],
    ],
  };
  const [[fused, plain, theirs]] = await all(text, noise([5, 7]));
  assertClose(fused, theirs);
  assertClose(plain, theirs);
});
