/** Whole networks on the device beside onnxruntime-web: max|a - b| / max(1e-6, max|b|) is at most 1e-4. */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ModelError, UnsupportedError } from "../../engine/errors.ts";
import { loadModel, type Net } from "../../engine/graph/mod.ts";
import { type HostArray, openEngine, type Tensor } from "../../engine/mod.ts";
import { readNpy } from "../npy.ts";
import { buildModel, floats, ints, type ModelText, type NodeText } from "../onnx_builder.ts";
import { missing, testData } from "../test_data.ts";

const bound = 1e-4;
const engine = await openEngine();

/** The same numbers each time, of about unit variance over `fan` of them. */
function noise(seed: number, count: number, fan = 1): Float32Array {
  let state = seed * 2654435761 >>> 0;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * Math.sqrt(3 / fan);
  });
}

function relativeError(got: ArrayLike<number | bigint>, want: ArrayLike<number | bigint>): number {
  let greatest = 0;
  let scale = 1e-6;
  for (let i = 0; i < want.length; i++) {
    greatest = Math.max(greatest, Math.abs(Number(got[i]) - Number(want[i])));
    scale = Math.max(scale, Math.abs(Number(want[i])));
  }
  return greatest / scale;
}

async function outputsOf(net: Net, feeds: Record<string, Tensor>): Promise<Record<string, HostArray>> {
  const results = await net.run(feeds);
  const names = Object.keys(results);
  const arrays = await engine.read(names.map((name) => results[name]));
  for (const tensor of Object.values(results)) tensor.dispose();
  return Object.fromEntries(names.map((name, i) => [name, arrays[i]]));
}

async function assertSameAsOnnxruntime(source: Uint8Array | string, feeds: Record<string, Tensor>): Promise<void> {
  using ours = await loadModel(engine, source);
  using theirs = await loadModel(engine, source, { backend: "wasm" });
  const [got, want] = [await outputsOf(ours, feeds), await outputsOf(theirs, feeds)];
  assertEquals(Object.keys(got), Object.keys(want));
  for (const [name, values] of Object.entries(want)) {
    assertEquals(got[name].length, values.length, name);
    const error = relativeError(got[name], values);
    assert(error <= bound, `${name}: the error is ${error}`);
  }
  for (const tensor of Object.values(feeds)) tensor.dispose();
}

/** Builds networks layer by layer with seeded weights. */
class Builder {
  readonly constants: Record<string, ReturnType<typeof floats>> = {};
  readonly nodes: NodeText[] = [];
  #count = 0;

  weight(shape: readonly number[], fan: number): string {
    const name = `w${++this.#count}`;
    this.constants[name] = floats(shape, noise(this.#count, shape.reduce((a, b) => a * b, 1), fan));
    return name;
  }

  positive(count: number): string {
    const name = `w${++this.#count}`;
    this.constants[name] = floats([count], noise(this.#count, count).map((value) => 0.6 + value ** 2));
    return name;
  }

  node(operator: string, inputs: readonly string[], attributes: NodeText[3] = {}): string {
    const output = `v${++this.#count}`;
    this.nodes.push([operator, inputs, [output], attributes]);
    return output;
  }

  convolution(x: string, from: number, to: number, kernel: readonly number[], attributes: NodeText[3] = {}): string {
    const groups = (attributes.group ?? 1) as number;
    const taps = kernel.reduce((a, b) => a * b, 1);
    const weight = this.weight([to, from / groups, ...kernel], from / groups * taps);
    return this.node("Conv", [x, weight, this.weight([to], 4)], attributes);
  }

  normalization(x: string, channels: number): string {
    const [scale, shift, mean] = [this.positive(channels), this.weight([channels], 4), this.weight([channels], 4)];
    return this.node("BatchNormalization", [x, scale, shift, mean, this.positive(channels)]);
  }

  block(x: string, from: number, to: number, attributes: NodeText[3] = { pads: [1, 1, 1, 1] }): string {
    return this.node("Relu", [this.normalization(this.convolution(x, from, to, [3, 3], attributes), to)]);
  }

  model(text: Omit<ModelText, "nodes" | "constants">): Uint8Array {
    const names = new Map(text.outputs.map((name, i) => [`v${this.#count - text.outputs.length + 1 + i}`, name]));
    const nodes = this.nodes.map(([operator, inputs, outputs, attributes]): NodeText => {
      return [operator, inputs, outputs.map((name) => names.get(name) ?? name), attributes];
    });
    return buildModel({ ...text, nodes, constants: this.constants });
  }
}

const samePad = { pads: [1, 1, 1, 1] };

Deno.test("a U-Net gives what onnxruntime gives", async () => {
  const b = new Builder();
  const top = b.block(b.block("x", 1, 8), 8, 8);
  const low = b.block(b.node("MaxPool", [top], { kernel_shape: [2, 2], strides: [2, 2] }), 8, 16);
  const deep = b.block(b.node("MaxPool", [low], { kernel_shape: [2, 2], strides: [2, 2] }), 16, 32);
  const up = b.node("ConvTranspose", [deep, b.weight([32, 16, 2, 2], 32), b.weight([16], 4)], { strides: [2, 2] });
  const mid = b.block(b.node("Concat", [up, low], { axis: 1 }), 32, 16);
  b.constants.scales = floats([4], [1, 1, 2, 2]);
  const large = b.node("Resize", [mid, "", "scales"], { mode: "linear", coordinate_transformation_mode: "half_pixel" });
  const last = b.block(b.node("Concat", [large, top], { axis: 1 }), 24, 8);
  b.node("Sigmoid", [b.convolution(last, 8, 1, [1, 1])]);
  const model = b.model({ inputs: { x: ["n", 1, "h", "w"] }, outputs: ["mask"] });
  for (const shape of [[1, 1, 64, 64], [2, 1, 36, 52]]) {
    await assertSameAsOnnxruntime(model, { x: engine.tensor(noise(99, shape.reduce((a, b) => a * b)), shape) });
  }
});

Deno.test("a ResNet gives what onnxruntime gives", async () => {
  const b = new Builder();
  const stem = b.node("MaxPool", [b.block("x", 3, 16, { strides: [2, 2], pads: [1, 1, 1, 1] })], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    ...samePad,
  });
  const inner = b.normalization(b.convolution(b.block(stem, 16, 16), 16, 16, [3, 3], samePad), 16);
  const first = b.node("Relu", [b.node("Add", [inner, stem])]);
  const small = b.normalization(
    b.convolution(b.block(first, 16, 32, { strides: [2, 2], ...samePad }), 32, 32, [3, 3], samePad),
    32,
  );
  const skip = b.normalization(b.convolution(first, 16, 32, [1, 1], { strides: [2, 2] }), 32);
  const second = b.node("Relu", [b.node("Add", [small, skip])]);
  const flat = b.node("Flatten", [b.node("GlobalAveragePool", [second])], { axis: 1 });
  const logits = b.node("Gemm", [flat, b.weight([4, 32], 32), b.weight([4], 4)], { transB: 1 });
  b.node("Softmax", [logits], { axis: 1 });
  const model = b.model({ inputs: { x: ["n", 3, 48, 48] }, outputs: ["classes"] });
  await assertSameAsOnnxruntime(model, { x: engine.tensor(noise(5, 2 * 3 * 48 * 48), [2, 3, 48, 48]) });
});

Deno.test("a depthwise network with gates and attention over pixels gives what onnxruntime gives", async () => {
  const b = new Builder();
  const wide = b.convolution("x", 4, 24, [1, 1]);
  const swish = b.node("Mul", [wide, b.node("Sigmoid", [wide])]);
  const deep = b.convolution(swish, 24, 24, [5, 5], { group: 24, pads: [2, 2, 2, 2] });
  const hard = b.node("Mul", [deep, b.node("HardSigmoid", [deep], { alpha: 1 / 6, beta: 0.5 })]);
  const squeezed = b.node("Relu", [b.convolution(b.node("GlobalAveragePool", [hard]), 24, 6, [1, 1])]);
  const gate = b.node("HardSigmoid", [b.convolution(squeezed, 6, 24, [1, 1])]);
  const out = b.convolution(b.node("Mul", [hard, gate]), 24, 4, [1, 1]);
  const sum = b.node("LeakyRelu", [b.node("Add", ["x", out])], { alpha: 0.1 });
  b.constants.shape = ints([0, 4, -1]);
  const rows = b.node("Transpose", [b.node("Reshape", [sum, "shape"])], { perm: [0, 2, 1] });
  const query = b.node("Add", [b.node("MatMul", [rows, b.weight([4, 8], 4)]), b.weight([8], 8)]);
  const key = b.node("Transpose", [b.node("MatMul", [rows, b.weight([4, 8], 4)])], { perm: [0, 2, 1] });
  const weights = b.node("Softmax", [b.node("MatMul", [query, key])], { axis: -1 });
  b.node("MatMul", [weights, rows]);
  const model = b.model({ inputs: { x: [1, 4, "h", "w"] }, outputs: ["y"] });
  await assertSameAsOnnxruntime(model, { x: engine.tensor(noise(7, 4 * 13 * 9), [1, 4, 13, 9]) });
});

Deno.test("a 3-D network with instance normalization gives what onnxruntime gives", async () => {
  const b = new Builder();
  const first = b.convolution("x", 1, 6, [3, 3, 3], { pads: [2, 2, 2, 2, 2, 2], dilations: [2, 2, 2] });
  const norm = b.node("InstanceNormalization", [first, b.positive(6), b.weight([6], 4)]);
  const pooled = b.node("AveragePool", [b.node("LeakyRelu", [norm])], { kernel_shape: [2, 2, 2], strides: [2, 2, 2] });
  const up = b.node("ConvTranspose", [pooled, b.weight([6, 3, 2, 2, 2], 12)], { strides: [2, 2, 2], group: 1 });
  b.node("Softmax", [up], { axis: 1 });
  const model = b.model({ inputs: { x: [1, 1, 8, 12, 10] }, outputs: ["y"] });
  await assertSameAsOnnxruntime(model, { x: engine.tensor(noise(3, 8 * 12 * 10), [1, 1, 8, 12, 10]) });
});

Deno.test("a 1-D network with auto_pad and shape chains gives what onnxruntime gives", async () => {
  const b = new Builder();
  const conv = b.convolution("x", 2, 8, [5], { auto_pad: "SAME_UPPER", strides: [2] });
  b.constants.one = ints([1], []);
  b.constants.minus = ints([-1]);
  const batch = b.node("Unsqueeze", [b.node("Gather", [b.node("Shape", ["x"]), "zero"]), "axes"]);
  b.constants.zero = ints([0], []);
  b.constants.axes = ints([0]);
  const flat = b.node("Reshape", [conv, b.node("Concat", [batch, "minus"], { axis: 0 })]);
  b.node("Tanh", [b.node("ReduceMean", [flat], { axes: [1], keepdims: 0 })]);
  const model = b.model({ inputs: { x: ["n", 2, "t"] }, outputs: ["y"] });
  await assertSameAsOnnxruntime(model, { x: engine.tensor(noise(11, 3 * 2 * 37), [3, 2, 37]) });
});

Deno.test("a network is one run with one readback, and calls may overlap", async () => {
  const b = new Builder();
  b.node("Relu", [b.convolution("x", 1, 4, [3, 3], samePad)]);
  using net = await loadModel(engine, b.model({ inputs: { x: [1, 1, 16, 16] }, outputs: ["y"] }));
  assertEquals(net.report().readbacks, 0);
  assertEquals(net.report().operations, { convolution: 1 });
  assertEquals(net.report().macs, 16 * 16 * 9 * 4);
  const inputs = [1, 2, 3, 4].map((seed) => engine.tensor(noise(seed, 256), [1, 1, 16, 16]));
  const before = engine.stats().readbacks;
  const alone = await outputsOf(net, { x: inputs[2] });
  assertEquals(engine.stats().readbacks, before + 1);
  const together = await Promise.all(inputs.map((x) => outputsOf(net, { x })));
  assertEquals(together[2].y, alone.y);
  const recorded = engine.run((r) => net.record(r, { x: inputs[2] }));
  assertEquals((await engine.read([recorded.y]))[0], alone.y);
  for (const tensor of [...inputs, recorded.y]) tensor.dispose();
});

Deno.test("shapes that depend on elements of inputs cost one readback and can't be recorded", async () => {
  const model = buildModel({
    inputs: { x: [2, 6], shape: [2] },
    types: { shape: "i64" },
    outputs: ["y"],
    nodes: [["Reshape", ["x", "shape"], ["y"]]],
  });
  using net = await loadModel(engine, model);
  using x = engine.tensor(noise(1, 12), [2, 6]);
  using shape = engine.tensor(new BigInt64Array([3n, -1n]), [2]);
  const error = assertThrows(() => engine.run((r) => net.record(r, { x, shape })), UnsupportedError);
  assertStringIncludes(error.message, "net.run");
  const { y } = await net.run({ x, shape });
  assertEquals([...y.shape], [3, 4]);
  assertEquals(net.report().readbacks, 1);
  y.dispose();
});

Deno.test("unsupported nodes are listed all at once, and wrong feeds are refused", async () => {
  const model = buildModel({
    inputs: { x: [2, 6] },
    outputs: ["y"],
    nodes: [["Foo", ["x"], ["a"]], ["Foo", ["a"], ["b"]], ["Bar", ["b"], ["y"]]],
  });
  const error = await assertRejects(() => loadModel(engine, model), UnsupportedError);
  assertStringIncludes(error.message, "2 x Foo");
  assertStringIncludes(error.message, "first at Foo_a");
  assertStringIncludes(error.message, "1 x Bar");

  using net = await loadModel(
    engine,
    buildModel({ inputs: { x: [2, "n"] }, outputs: ["y"], nodes: [["Relu", ["x"], ["y"]]] }),
  );
  using wrong = engine.tensor(noise(1, 12), [3, 4]);
  const refusal = await assertRejects(() => net.run({ x: wrong }), ModelError);
  assertStringIncludes(refusal.message, 'takes f32 [2,n] as its input "x", but f32 [3,4] is given');
  await assertRejects(() => net.run({}), ModelError);
});

interface Trained {
  readonly name: string;
  readonly model: string;
  readonly inputs: readonly { name: string; file?: string; map?: string }[];
  readonly outputs?: readonly { name: string; file: string }[];
}

for (
  const name of ["mnist_two", "mnist_three", "super_resolution", "ppocr_cls", "yunet", "ultraface_rfb320", "silero_vad"]
) {
  Deno.test({
    name: `the trained network ${name} gives its expected outputs`,
    ignore: missing("trained_onnx/index.json", `expected/trained_onnx/${name}`),
    fn: async () => {
      const index: Trained[] = JSON.parse(await Deno.readTextFile(testData("trained_onnx/index.json")));
      const { model, inputs, outputs = [] } = index.find((entry) => entry.name === name)!;
      using net = await loadModel(engine, testData(`trained_onnx/${model}`));
      const feeds: Record<string, Tensor> = {};
      for (const input of inputs) {
        const { shape, data } = await readNpy(testData(`expected/trained_onnx/${input.file}`));
        feeds[input.name] = engine.tensor(input.map === "x" ? Float32Array.from(data as Uint8Array) : data, shape);
      }
      const got = await outputsOf(net, feeds);
      for (const output of outputs) {
        const { data } = await readNpy(testData(`expected/trained_onnx/${output.file}`));
        const error = relativeError(got[output.name], data);
        assert(error <= bound, `${output.name}: the error is ${error}`);
      }
      for (const tensor of Object.values(feeds)) tensor.dispose();
    },
  });
}

Deno.test({
  name: "the trained network meshnet30_64 labels a block of a head as expected",
  ignore: missing("trained_onnx/meshnet30_64.onnx", "expected/trained_onnx/meshnet30_64"),
  fn: async () => {
    const expected = (name: string) => readNpy(testData(`expected/trained_onnx/meshnet30_64/${name}`));
    const { shape, data } = await expected("input_0.npy");
    using net = await loadModel(engine, testData("trained_onnx/meshnet30_64.onnx"));
    using input = engine.tensor(Float32Array.from(data as Uint8Array, (value) => value / 255), shape);
    const logits = (await outputsOf(net, { input })).output as Float32Array;
    const labels = (await expected("labels.npy.gz")).data as Uint8Array;
    const count = labels.length;
    for (let at = 0; at < count; at++) {
      const own = [0, 1, 2].map((label) => logits[label * count + at]);
      const gap = Math.max(...own) - own[labels[at]];
      assert(gap < 1e-3, `voxel ${at} is not ${labels[at]} by ${gap}`);
    }
    const plane = 64 * 64;
    const part = (await expected("logits_plane32.npy")).data as Float32Array;
    const found = part.map((_, at) => logits[Math.floor(at / plane) * count + 32 * plane + at % plane]);
    assert(relativeError(found, part) <= bound);
  },
});
