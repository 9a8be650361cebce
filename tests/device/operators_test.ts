/** ONNX operators with attributes that the conformance tests don't try, beside onnxruntime-web. */
import { assert, assertEquals } from "@std/assert";
import { loadModel } from "../../engine/graph/mod.ts";
import { openEngine, type Tensor } from "../../engine/mod.ts";
import { randomNumbers } from "../../shaders/cases.ts";
import { type AttributeValue, buildModel, floats, ints } from "../onnx_builder.ts";

const engine = await openEngine();

type Shape = readonly number[];
type Feed = {
  readonly shape: Shape;
  readonly data: Float32Array | BigInt64Array | Uint8Array | Int8Array | Int32Array;
};

const types = new Map<unknown, "f32" | "i64" | "u8" | "i8" | "i32">([
  [Float32Array, "f32"],
  [BigInt64Array, "i64"],
  [Uint8Array, "u8"],
  [Int32Array, "i32"],
]);

interface NodeCase {
  readonly operator: string;
  readonly feeds: readonly Feed[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Inputs behind the feeds; text is the name of a missing one. */
  readonly constants?: readonly (ReturnType<typeof floats> | undefined)[];
  readonly outputs?: readonly ("f32" | "i64" | "u8" | "i32" | "bool")[];
  readonly opset?: number;
}

const size = (shape: Shape) => shape.reduce((product, extent) => product * extent, 1);

/** Floats from -1 to 1, the same each time. */
function random(seed: number, ...shape: number[]): Feed {
  const next = randomNumbers(seed);
  return { shape, data: Float32Array.from({ length: size(shape) }, () => 2 * next() - 1) };
}

function integers(seed: number, most: number, ...shape: number[]): Feed {
  const next = randomNumbers(seed);
  return { shape, data: BigInt64Array.from({ length: size(shape) }, () => BigInt(Math.floor(next() * (most + 1)))) };
}

const bytes = (seed: number, ...shape: number[]): Feed => {
  const next = randomNumbers(seed);
  return { shape, data: Uint8Array.from({ length: size(shape) }, () => Math.floor(next() * 256)) };
};

const f = (shape: Shape, values: readonly number[]) => floats(shape, values);

const recurrent = (
  kind: "LSTM" | "GRU" | "RNN",
  attributes: Record<string, AttributeValue>,
  lengths?: number[],
): NodeCase => {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[kind];
  const directions = attributes.direction === "bidirectional" ? 2 : 1;
  const [steps, batch, input, hidden] = [4, 3, 2, 5];
  return {
    operator: kind,
    feeds: [
      random(1, steps, batch, input),
      random(2, directions, gates * hidden, input),
      random(3, directions, gates * hidden, hidden),
      random(4, directions, 2 * gates * hidden),
      ...lengths ? [{ shape: [batch], data: Int32Array.from(lengths) }] : [],
    ],
    attributes: { hidden_size: hidden, ...attributes },
    outputs: kind === "LSTM" ? ["f32", "f32", "f32"] : ["f32", "f32"],
    opset: 14,
  };
};

const image = random(1, 1, 3, 7, 9);

const cases: Readonly<Record<string, NodeCase>> = {
  "LSTM both ways": recurrent("LSTM", { direction: "bidirectional" }, [4, 2, 1]),
  "LSTM in reverse, clipped": recurrent("LSTM", { direction: "reverse", clip: 0.3 }),
  "GRU both ways, reset after": recurrent("GRU", { direction: "bidirectional", linear_before_reset: 1 }, [1, 4, 3]),
  "GRU in reverse": recurrent("GRU", { direction: "reverse" }),
  "RNN both ways": recurrent("RNN", { direction: "bidirectional" }, [2, 3, 4]),
  "MaxPool with indices": {
    operator: "MaxPool",
    feeds: [image],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1], ceil_mode: 1 },
    outputs: ["f32", "i64"],
  },
  "MaxPool with dilated windows": {
    operator: "MaxPool",
    feeds: [image],
    attributes: { kernel_shape: [2, 2], dilations: [2, 3], pads: [1, 0, 0, 1], storage_order: 1 },
    outputs: ["f32", "i64"],
  },
  "AveragePool beyond the end": {
    operator: "AveragePool",
    feeds: [image],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 },
    opset: 19,
  },
  "LpPool of third powers": {
    operator: "LpPool",
    feeds: [image],
    attributes: { kernel_shape: [2, 3], strides: [2, 1], p: 3, pads: [0, 1, 1, 0] },
  },
  "GlobalLpPool": { operator: "GlobalLpPool", feeds: [image], attributes: { p: 1 } },
  "ConvTranspose with a stated size": {
    operator: "ConvTranspose",
    feeds: [random(1, 1, 2, 4, 5), random(2, 2, 3, 3, 3)],
    attributes: { strides: [2, 3], output_shape: [8, 16] },
  },
  "GridSample by cubics": {
    operator: "GridSample",
    feeds: [image, random(2, 1, 4, 5, 2)],
    attributes: { mode: "bicubic", padding_mode: "reflection" },
    opset: 16,
  },
  "Resize by cubics, without what is outside": {
    operator: "Resize",
    feeds: [image],
    constants: [undefined, f([4], [1, 1, 1.7, 0.6])],
    attributes: { mode: "cubic", exclude_outside: 1, cubic_coeff_a: -0.5 },
    opset: 13,
  },
  "Resize with antialias": {
    operator: "Resize",
    feeds: [random(3, 1, 1, 16, 12)],
    constants: [undefined, undefined, ints([1, 1, 7, 5])],
    attributes: { mode: "linear", antialias: 1 },
    opset: 18,
  },
  "Einsum with an ellipsis": {
    operator: "Einsum",
    feeds: [random(1, 2, 3, 4), random(2, 2, 4, 5)],
    attributes: { equation: "...ij,...jk->...ki" },
  },
  "Einsum of a diagonal and an outer product": {
    operator: "Einsum",
    feeds: [random(1, 4, 4), random(2, 3)],
    attributes: { equation: "ii,k->ki" },
  },
  "Einsum that says no result": {
    operator: "Einsum",
    feeds: [random(1, 2, 3), random(2, 3, 2), random(3, 2)],
    attributes: { equation: "ab,bc,c" },
  },
  "CumSum in reverse, exclusive": {
    operator: "CumSum",
    feeds: [random(1, 3, 700)],
    constants: [ints([1], [])],
    attributes: { exclusive: 1, reverse: 1 },
  },
  "OneHot before the others": {
    operator: "OneHot",
    feeds: [integers(1, 4, 2, 3)],
    constants: [ints([5], []), f([2], [-1, 2])],
    attributes: { axis: 0 },
  },
  "QLinearConv by channels": {
    operator: "QLinearConv",
    feeds: [bytes(1, 1, 2, 5, 5)],
    constants: [
      f([], [0.02]),
      { ...ints([128], []), dataType: 2, int64Data: [], int32Data: [128] },
      {
        ...ints([0], [3, 2, 3, 3]),
        dataType: 2,
        int64Data: [],
        int32Data: Array.from({ length: 54 }, (_, i) => i * 37 % 256),
      },
      f([3], [0.01, 0.02, 0.03]),
      { ...ints([0], [3]), dataType: 2, int64Data: [], int32Data: [100, 120, 140] },
      f([], [0.1]),
      { ...ints([0], []), dataType: 2, int64Data: [], int32Data: [90] },
    ],
    attributes: { pads: [1, 1, 1, 1], strides: [2, 1] },
    outputs: ["u8"],
  },
  "DynamicQuantizeLinear": { operator: "DynamicQuantizeLinear", feeds: [image], outputs: ["u8", "f32", "u8"] },
  "LayerNormalization of two axes": {
    operator: "LayerNormalization",
    feeds: [random(1, 2, 3, 4, 5), random(2, 4, 5), random(3, 4, 5)],
    attributes: { axis: 2 },
  },
  "GroupNormalization by channels": {
    operator: "GroupNormalization",
    feeds: [random(1, 2, 6, 5), random(2, 6), random(3, 6)],
    attributes: { num_groups: 3 },
    opset: 21,
  },
  "Pad in a circle": {
    operator: "Pad",
    feeds: [image],
    constants: [ints([0, 0, 2, 3, 0, 0, 1, 4])],
    attributes: { mode: "wrap" },
    opset: 19,
  },
  "STFT": {
    operator: "STFT",
    feeds: [random(1, 2, 40, 1)],
    constants: [ints([6], []), f([16], Array.from({ length: 16 }, (_, i) => 0.1 + i / 16))],
    attributes: { onesided: 1 },
  },
  "ReverseSequence by batches": {
    operator: "ReverseSequence",
    feeds: [random(1, 3, 5, 2)],
    constants: [ints([1, 5, 3])],
    attributes: { batch_axis: 0, time_axis: 1 },
  },
  "Softmax before version 13": { operator: "Softmax", feeds: [random(1, 2, 3, 4)], attributes: { axis: 1 }, opset: 11 },
  "ScatterND that adds": {
    operator: "ScatterND",
    feeds: [random(1, 4, 3)],
    constants: [ints([1, 3, 1, -1], [4, 1]), f([4, 3], Array.from({ length: 12 }, (_, i) => i))],
    attributes: { reduction: "add" },
    opset: 18,
  },
  "TopK of the least": {
    operator: "TopK",
    feeds: [random(1, 3, 9, 2)],
    constants: [ints([4])],
    attributes: { axis: 1, largest: 0 },
    outputs: ["f32", "i64"],
  },
  "Mod of fractions": { operator: "Mod", feeds: [random(1, 20), random(2, 20)], attributes: { fmod: 1 } },
  "ArgMin, the last of equal ones": {
    operator: "ArgMin",
    feeds: [integers(3, 3, 4, 9)],
    attributes: { axis: 1, select_last_index: 1, keepdims: 0 },
    outputs: ["i64"],
    opset: 13,
  },
  "NegativeLogLikelihoodLoss with weights and an ignored class": {
    operator: "NegativeLogLikelihoodLoss",
    feeds: [random(1, 4, 3, 2), integers(2, 2, 4, 2), random(3, 3)],
    attributes: { ignore_index: 1, reduction: "mean" },
  },
  "SoftmaxCrossEntropyLoss": {
    operator: "SoftmaxCrossEntropyLoss",
    feeds: [random(1, 4, 3), integers(2, 2, 4)],
    attributes: { reduction: "none" },
    outputs: ["f32", "f32"],
  },
  "RotaryEmbedding": {
    operator: "RotaryEmbedding",
    feeds: [random(1, 2, 3, 8), random(2, 10, 2), random(3, 10, 2), integers(4, 9, 2, 3)],
    attributes: { num_heads: 2, interleaved: 1 },
    opset: 23,
  },
  "AveragePool of dilated windows": {
    operator: "AveragePool",
    feeds: [image],
    attributes: { kernel_shape: [2, 2], dilations: [2, 2], pads: [1, 1, 0, 0], count_include_pad: 1 },
    opset: 19,
  },
  "ConvTranspose in groups, dilated": {
    operator: "ConvTranspose",
    feeds: [random(1, 1, 4, 4, 5), random(2, 4, 2, 3, 2)],
    attributes: { group: 2, dilations: [2, 1], strides: [1, 2], output_padding: [0, 1], pads: [1, 0, 0, 1] },
  },
  "BatchNormalization in training": {
    operator: "BatchNormalization",
    feeds: [random(1, 2, 3, 4), random(2, 3), random(3, 3), random(4, 3), {
      shape: [3],
      data: Float32Array.of(1, 2, 3),
    }],
    attributes: { training_mode: 1, momentum: 0.8 },
    outputs: ["f32", "f32", "f32"],
    opset: 15,
  },
  "Slice backwards": {
    operator: "Slice",
    feeds: [random(1, 5, 6)],
    constants: [ints([-1, 100]), ints([-100, 0]), ints([0, 1]), ints([-2, -3])],
  },
  "GatherND by batches": {
    operator: "GatherND",
    feeds: [random(1, 2, 3, 4)],
    constants: [ints([0, 1, 2, 0], [2, 2, 1])],
    attributes: { batch_dims: 1 },
  },
  "Mod of both signs": {
    operator: "Mod",
    feeds: [{ shape: [6], data: BigInt64Array.of(-4n, 7n, 5n, 4n, -7n, 8n) }, {
      shape: [6],
      data: BigInt64Array.of(2n, -3n, 8n, -2n, 3n, 5n),
    }],
    outputs: ["i64"],
  },
  "Pow of integers by fractions": {
    operator: "Pow",
    feeds: [{ shape: [4], data: BigInt64Array.of(2n, 3n, 4n, 5n) }, random(2, 4)],
    outputs: ["i64"],
  },
  "Resize by widened cubics": {
    operator: "Resize",
    feeds: [random(3, 1, 1, 16, 12)],
    constants: [undefined, undefined, ints([1, 1, 7, 5])],
    attributes: { mode: "cubic", antialias: 1 },
    opset: 18,
  },
  "Resize of a part": {
    operator: "Resize",
    feeds: [image],
    constants: [f([8], [0, 0, 0.2, -0.1, 1, 1, 0.7, 1.2]), undefined, ints([1, 3, 5, 6])],
    attributes: { mode: "linear", coordinate_transformation_mode: "tf_crop_and_resize", extrapolation_value: 9.5 },
    opset: 13,
  },
  "Col2Im with strides and pads": {
    operator: "Col2Im",
    feeds: [random(1, 2, 12, 9)],
    constants: [ints([5, 5]), ints([2, 2])],
    attributes: { strides: [2, 2], pads: [0, 1, 1, 0], dilations: [1, 1] },
    opset: 18,
  },
  "MatMulInteger by columns": {
    operator: "MatMulInteger",
    feeds: [bytes(1, 2, 3, 4), bytes(2, 4, 5)],
    constants: [{ ...ints([0], []), dataType: 2, int64Data: [], int32Data: [7] }, {
      ...ints([0], [5]),
      dataType: 2,
      int64Data: [],
      int32Data: [1, 2, 3, 4, 5],
    }],
    outputs: ["i32"],
  },
  "CenterCropPad of some axes": {
    operator: "CenterCropPad",
    feeds: [random(1, 5, 8, 3)],
    constants: [ints([7, 4])],
    attributes: { axes: [0, 1] },
    opset: 18,
  },
  "DequantizeLinear along an axis": {
    operator: "DequantizeLinear",
    feeds: [bytes(1, 2, 3, 4)],
    constants: [f([3], [0.1, 0.2, 0.3]), { ...ints([0], [3]), dataType: 2, int64Data: [], int32Data: [1, 2, 3] }],
    attributes: { axis: 1 },
  },
};

for (
  const [name, { operator, feeds, attributes, constants = [], outputs = ["f32"], opset = 17 }] of Object.entries(cases)
) {
  Deno.test(`${name} is as onnxruntime has it`, async () => {
    const inputs = Object.fromEntries(feeds.map(({ shape }, i) => [`x${i}`, shape]));
    const named = constants.map((tensor, i): [string, typeof tensor] => [tensor === undefined ? "" : `c${i}`, tensor]);
    const results = outputs.map((_, i) => `y${i}`);
    const typesOf = [
      ...feeds.map(({ data }, i) => [`x${i}`, types.get(data.constructor)!]),
      ...outputs.map((type, i) => [`y${i}`, type]),
    ];
    const model = buildModel({
      opset,
      inputs,
      outputs: results,
      types: Object.fromEntries(typesOf),
      constants: Object.fromEntries(named.filter(([, tensor]) => tensor !== undefined)) as Record<
        string,
        ReturnType<typeof ints>
      >,
      nodes: [[operator, [...Object.keys(inputs), ...named.map(([own]) => own)], results, attributes]],
    });
    using own = await loadModel(engine, model);
    using theirs = await loadModel(engine, model, { backend: "wasm" });
    const given = Object.fromEntries(feeds.map(({ shape, data }, i) => [`x${i}`, engine.tensor(data, shape)]));
    const [got, want] = [await own.run(given), await theirs.run(given)];
    const arrays = async (of: Record<string, Tensor>) => await engine.read(results.map((result) => of[result]));
    const [found, expected] = [await arrays(got), await arrays(want)];
    for (const [i, result] of results.entries()) {
      assertEquals([got[result].dtype, got[result].shape], [want[result].dtype, want[result].shape]);
      const scale = Math.max(
        1e-6,
        ...Array.from(expected[i] as ArrayLike<number | bigint>, (value) => Math.abs(Number(value))),
      );
      for (let at = 0; at < found[i].length; at++) {
        const [a, b] = [Number(found[i][at]), Number(expected[i][at])];
        assert(a === b || Math.abs(a - b) <= 1e-5 * scale, `${result}, element ${at}: ${a} instead of ${b}`);
      }
    }
    for (const tensor of [given, got, want].flatMap((of) => Object.values(of))) tensor.dispose();
  });
}
